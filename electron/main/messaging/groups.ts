import { MagpieError } from '#protocol/errors';
import type { AccountId } from '#protocol/model/account';
import type { Contact } from '#protocol/model/contact';
import {
  conversationId,
  parseConversationId,
  type Conversation,
  type ConversationId,
} from '#protocol/model/conversation';
import {
  joinRequestOf,
  type Group,
  type GroupId,
  type GroupMarks,
  type GroupProfile,
  type JoinPolicy,
  type JoinRequest,
  type MemberMark,
  type MessageReaders,
} from '#protocol/model/group';
import {
  GROUPS_PER_PAGE,
  type GroupCalls,
  type GroupState,
  type MembershipChange,
} from '../dialects/group-calls.ts';
import type { History, Written } from '../history/history.ts';
import type { Clock } from '../support/clock.ts';

export interface GroupsOptions {
  accountId: AccountId;
  calls: GroupCalls;
  history: History;
  clock: Clock;
  listContacts(): Promise<Contact[]>;
  /** Passes changes of history on and gives the value. */
  told<Value>(written: Written<Value>): Value;
  /** Something about these groups is not as it was: who shows them asks again. */
  onChanged(groupIds: GroupId[]): void;
  onMarks(groupId: GroupId, marks: GroupMarks): void;
  /** Something happened to one's own membership, by somebody else's doing. */
  onMembership(change: MembershipChange): void;
}

export type Groups = ReturnType<typeof createGroups>;

/**
 * Groups of one account. What they are is asked of the server; what the change log told about them is kept in history, for
 * the time without a connection and to recognise what happened to one's own membership.
 */
export function createGroups(options: GroupsOptions) {
  const { accountId, calls, history, clock } = options;
  /** Marks of the groups that were shown; they rise by hints. */
  const marks = new Map<GroupId, GroupMarks>();
  /** Being left right now: the log may tell of it before the answer comes. */
  const leaving = new Set<GroupId>();

  const withState = (group: Group, state: GroupState | null): Group => {
    const details = state?.details ?? null;
    if (state === null || details === null) return group;
    const { readReceipts, memberCount, waitingCount, nickname } = details;
    return {
      ...group,
      membership: group.membership === 'none' ? state.membership : group.membership,
      readReceipts,
      memberCount: group.memberCount ?? memberCount,
      waitingCount,
      nickname: group.nickname === '' ? nickname : group.nickname,
    };
  };
  const groupOf = ({ groupId, name, avatars, membership, dissolved, details }: GroupState): Group => ({
    groupId,
    conversationId: conversationId('group', groupId),
    name,
    avatars,
    ownerId: details?.ownerId ?? 0,
    isOwner: details?.ownerId === accountId,
    announcement: details?.announcement ?? '',
    joinPolicy: details?.joinPolicy ?? 'other',
    membership,
    nickname: details?.nickname ?? '',
    dissolved,
    readReceipts: details?.readReceipts ?? null,
    memberCount: details?.memberCount ?? null,
    waitingCount: details?.waitingCount ?? null,
  });
  const show = async (group: Pick<Group, 'groupId' | 'name' | 'avatars'>): Promise<Conversation> => {
    const facts = {
      id: conversationId('group', group.groupId),
      kind: 'group',
      name: group.name,
      avatars: group.avatars,
      link: null,
    } as const;
    return options.told(await history.ensureConversation({ facts, now: clock.now() }));
  };
  const changing = async (groupId: GroupId, deed: Promise<void>): Promise<void> => {
    await deed;
    options.onChanged([groupId]);
  };

  return {
    /** All groups one is in. */
    async list(): Promise<Group[]> {
      const found: Group[] = [];
      for (let page = 1; ; page++) {
        const some = await calls.list(page);
        for (const group of some) found.push(withState(group, await history.group(group.groupId)));
        if (some.length < GROUPS_PER_PAGE) return found;
      }
    },
    /** What is known without asking the server; null for a group that the log never told of. */
    async known(groupId: GroupId): Promise<Group | null> {
      const state = await history.group(groupId);
      // One's own deed may be known before the log told the rest.
      return state === null || state.name === '' ? null : groupOf(state);
    },
    async profile(groupId: GroupId): Promise<GroupProfile> {
      const { group, members } = await calls.profile(groupId);
      return { group: withState(group, await history.group(groupId)), members };
    },
    /** Founds a group with some of one's contacts. */
    async create(accountIds: readonly AccountId[]): Promise<Conversation> {
      const wanted = new Set(accountIds);
      const rows = (await options.listContacts()).filter((contact) => wanted.has(contact.accountId));
      if (rows.length !== wanted.size) throw new MagpieError('not-found', 'not all of them are contacts');
      const group = await calls.create(rows.map(({ contactId }) => contactId));
      options.onChanged([group.groupId]);
      return show(group);
    },
    /** Shows the conversation of a group, also before anything was said in it. */
    async open(groupId: GroupId): Promise<Conversation> {
      const known = await history.conversation(conversationId('group', groupId));
      if (known !== null) return show({ groupId, name: known.name, avatars: known.avatars });
      return show((await calls.profile(groupId)).group);
    },
    rename: (groupId: GroupId, name: string) => changing(groupId, calls.rename(groupId, name)),
    announce: (groupId: GroupId, text: string) => changing(groupId, calls.announce(groupId, text)),
    setNickname: (groupId: GroupId, nickname: string) =>
      changing(groupId, calls.setNickname(groupId, nickname)),
    setPolicy: (groupId: GroupId, policy: JoinPolicy) => changing(groupId, calls.setPolicy(groupId, policy)),
    setReadReceipts: (groupId: GroupId, enabled: boolean) =>
      changing(groupId, calls.setReadReceipts(groupId, enabled)),
    removeMember: (groupId: GroupId, memberId: AccountId) =>
      changing(groupId, calls.removeMember(groupId, memberId)),
    /** Dissolves one's own group, leaves another one's; messages stay. */
    async quit(groupId: GroupId): Promise<void> {
      leaving.add(groupId);
      try {
        await calls.quit(groupId);
        await history.setMembership({ groupId, membership: 'none' });
        const id = conversationId('group', groupId);
        options.told(await history.endMembership({ conversationId: id, ended: 'left' }));
      } finally {
        leaving.delete(groupId);
      }
      options.onChanged([groupId]);
    },
    async invite(groupId: GroupId, memberId: AccountId): Promise<'joined' | 'waiting'> {
      const outcome = await calls.join(groupId, memberId, '');
      options.onChanged([groupId]);
      return outcome;
    },
    async join(groupId: GroupId, reason: string): Promise<'joined' | 'waiting'> {
      const outcome = await calls.join(groupId, accountId, reason);
      // In at once is no news; a decision of the owner later is.
      await history.setMembership({ groupId, membership: outcome === 'joined' ? 'member' : 'waiting' });
      options.onChanged([groupId]);
      return outcome;
    },
    requests: (groupId: GroupId): Promise<JoinRequest[] | null> => calls.requests(groupId),
    /** Lets somebody in or not; the notices that asked for it go. */
    async decide(groupId: GroupId, applicantId: AccountId, agrees: boolean): Promise<void> {
      try {
        await calls.decide(groupId, applicantId, agrees);
      } finally {
        // Refused with words, it was handled elsewhere: the question is gone all the same.
        const { conversations } = await history.listConversations();
        for (const { id } of conversations) {
          const request = joinRequestOf(id);
          if (request?.groupId === groupId && request.accountId === applicantId)
            options.told(await history.hide(id));
        }
        options.onChanged([groupId]);
      }
    },

    /** Marks of all members, from now on kept up to date by hints. */
    async marks(groupId: GroupId): Promise<GroupMarks> {
      const found = await calls.marks(groupId);
      marks.set(groupId, found);
      return found;
    },
    async readers(messageId: string): Promise<MessageReaders> {
      const message = await history.message(messageId);
      if (message === null) throw new MagpieError('not-found', 'no such message');
      const { position, serverId, conversationId: id } = message;
      const groupId = /^group:(\d{1,15})$/u.exec(id)?.[1];
      if (groupId === undefined || serverId === null || position.minor !== 0)
        throw new MagpieError('not-allowed', 'no message of a group that the server has');
      return calls.readers(Number(groupId), position.major);
    },
    /** A hint: these members have read further. */
    raise(groupId: GroupId, raised: readonly Pick<MemberMark, 'accountId' | 'readSeq'>[]): void {
      const known = marks.get(groupId);
      if (known?.enabled !== true) return;
      const now = new Map(raised.map((mark) => [mark.accountId, mark.readSeq]));
      const next = {
        enabled: true,
        marks: known.marks.map((mark) => ({
          ...mark,
          readSeq: Math.max(mark.readSeq, now.get(mark.accountId) ?? 0),
        })),
      };
      marks.set(groupId, next);
      options.onMarks(groupId, next);
    },
    /** A refused message told what no log does on a plain server. */
    async ended(id: ConversationId, ended: 'removed' | 'dissolved'): Promise<void> {
      const groupId = Number(parseConversationId(id).peer);
      if (!options.told(await history.endMembership({ conversationId: id, ended }))) return;
      await history.setMembership({ groupId, membership: 'none' });
      options.onChanged([groupId]);
      const conversation = await history.conversation(id);
      options.onMembership({ groupId, name: conversation?.name ?? '', event: ended });
    },
    /** The log told of groups, and what that meant for one's own membership. */
    changed(groupIds: GroupId[], membership: readonly MembershipChange[]): void {
      if (groupIds.length > 0) options.onChanged(groupIds);
      // Who came, went or switched receipts changes whom the marks are of.
      for (const groupId of groupIds) {
        if (!marks.has(groupId)) continue;
        calls.marks(groupId).then(
          (found) => {
            marks.set(groupId, found);
            options.onMarks(groupId, found);
          },
          // No longer a member, or no connection: the window asks again when it shows the group.
          () => marks.delete(groupId),
        );
      }
      for (const change of membership) if (!leaving.has(change.groupId)) options.onMembership(change);
    },
    /** Without a connection no hint comes: what is shown has to be asked for again. */
    refresh(): void {
      this.changed([...marks.keys()], []);
    },
  };
}
