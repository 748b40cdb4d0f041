import type { InvokeChannel } from '#protocol/ipc';
import type { Groups } from '../messaging/groups.ts';
import type { Handlers } from './dispatch.ts';
import { presentAvatar, presentConversation, presentGroup } from './present.ts';

type GroupChannel = Extract<InvokeChannel, `groups:${string}`>;

/** Calls of the window about groups. */
export function createGroupHandlers(groups: () => Promise<Groups>): Pick<Handlers, GroupChannel> {
  return {
    'groups:list': async () => (await (await groups()).list()).map(presentGroup),
    'groups:known': async ({ groupId }) => {
      const group = await (await groups()).known(groupId);
      return group === null ? null : presentGroup(group);
    },
    'groups:profile': async ({ groupId }) => {
      const { group, members } = await (await groups()).profile(groupId);
      return { group: presentGroup(group), members: members.map(presentAvatar) };
    },
    'groups:create': async ({ accountIds }) => presentConversation(await (await groups()).create(accountIds)),
    'groups:open': async ({ groupId }) => presentConversation(await (await groups()).open(groupId)),
    'groups:rename': async ({ groupId, name }) => (await groups()).rename(groupId, name),
    'groups:announce': async ({ groupId, text }) => (await groups()).announce(groupId, text),
    'groups:set-nickname': async ({ groupId, nickname }) => (await groups()).setNickname(groupId, nickname),
    'groups:set-policy': async ({ groupId, policy }) => (await groups()).setPolicy(groupId, policy),
    'groups:set-read-receipts': async ({ groupId, enabled }) =>
      (await groups()).setReadReceipts(groupId, enabled),
    'groups:quit': async ({ groupId }) => (await groups()).quit(groupId),
    'groups:remove-member': async ({ groupId, accountId }) =>
      (await groups()).removeMember(groupId, accountId),
    'groups:invite': async ({ groupId, accountId }) => (await groups()).invite(groupId, accountId),
    'groups:join': async ({ groupId, reason }) => (await groups()).join(groupId, reason),
    'groups:requests': async ({ groupId }) =>
      (await (await groups()).requests(groupId))?.map(presentAvatar) ?? null,
    'groups:decide': async ({ groupId, accountId, agree }) =>
      (await groups()).decide(groupId, accountId, agree),
    'groups:marks': async ({ groupId }) => (await groups()).marks(groupId),
    'groups:readers': async ({ messageId }) => {
      const { enabled, read, unread } = await (await groups()).readers(messageId);
      return { enabled, read: read.map(presentAvatar), unread: unread.map(presentAvatar) };
    },
  };
}
