/** Groups on the wire (E28 to E38), and what our server adds to them. */
import type { z } from 'zod';
import { MagpieError } from '#protocol/errors';
import { conversationId } from '#protocol/model/conversation';
import type {
  Group,
  GroupMember,
  JoinPolicy,
  Membership,
  Reader as PersonWhoRead,
} from '#protocol/model/group';
import {
  wireGroupInfo,
  wireGroupList,
  wireGroupMarks,
  wireGroupReaders,
  wireJoinRequests,
  type WireGroupChange,
  type WireGroupInfo,
} from '#protocol/wire/groups';
import { GROUPS_PER_PAGE, type GroupCalls, type GroupState } from '../group-calls.ts';
import type { AuthenticatedCall } from './people.ts';
import { clip, resolveAvatar, resolveUrlList, type Reader } from './normalise.ts';

const POLICIES: readonly JoinPolicy[] = ['anyone', 'approval', 'users'];
/** The answer when the owner has to decide first; every other success means that they are in. */
const WAITS = '等待群主同意';

type WireGroupRow = Pick<
  WireGroupInfo,
  'id' | 'user_id' | 'name' | 'avatar' | 'remark' | 'invite_confirm' | 'status'
>;

interface GroupCallOptions extends Reader {
  ask: AuthenticatedCall;
  /** The server has our extensions. */
  extensions: boolean;
}

export function createGroupCalls({ ask, extensions, ...reader }: GroupCallOptions): GroupCalls {
  const post = async (path: string, body: object): Promise<unknown> => ask('POST', `/api/chat/${path}`, body);
  const list = async (page: number, limit: number): Promise<Group[]> => {
    const rows = read(wireGroupList, await ask('GET', `/api/chat/grouplist/${page}?limit=${limit}`));
    return rows.map((row) => ({
      ...groupOf(row, reader),
      membership: 'member',
      nickname: clip(row.group_users.find(({ user_id }) => user_id === reader.accountId)?.nickname),
    }));
  };

  return {
    list: (page) => list(page, GROUPS_PER_PAGE),
    async profile(groupId) {
      const info = read(wireGroupInfo, await ask('GET', `/api/chat/groupinfo/${groupId}`));
      const members = info.group_users
        .map((row) => memberOf(row, info.user_id, reader.origin))
        .sort((one, other) => Number(other.isOwner) - Number(one.isOwner));
      const own = info.group_users.find(({ user_id }) => user_id === reader.accountId);
      const group: Group = {
        ...groupOf(info, reader),
        membership: own === undefined ? 'none' : membershipOf(own.status),
        nickname: clip(own?.nickname),
        memberCount: members.length,
      };
      return { group, members };
    },
    async create(contactIds) {
      await post('group/create', { userIds: contactIds });
      // The answer does not name it; mine are listed with the newest first.
      const group = (await list(1, 5)).find(({ isOwner }) => isOwner);
      if (group === undefined) throw new MagpieError('bad-answer', 'the new group is not listed');
      return group;
    },
    async rename(id, name) {
      await post('groupUpdateName', { id, name });
    },
    async announce(id, remark) {
      await post('groupremark', { id, remark });
    },
    async setNickname(id, nickname) {
      await post('groupnickname', { id, nickname });
    },
    async setPolicy(group_id, policy) {
      await post('groupAddUserSet', { group_id, addGroupSet: POLICIES.indexOf(policy) });
    },
    async setReadReceipts(group_id, enabled) {
      if (!extensions) throw new MagpieError('not-allowed', 'this server has no receipts');
      await post('groupReadReceipts', { group_id, enabled: Number(enabled) });
    },
    async quit(id) {
      await post('groupDeleteOrQuit', { id });
    },
    async removeMember(group_id, user_id) {
      await post('groupDeleteUser', { group_id, user_id });
    },
    async join(group_id, user_id, reason) {
      const answer = await post('groupInviteUser', {
        group_id,
        user_id,
        inviteuser_id: user_id === reader.accountId ? -1 : reader.accountId,
        ...(reason === '' ? {} : { addGroupDesc: reason }),
      });
      return answer === WAITS ? 'waiting' : 'joined';
    },
    async decide(group_id, user_id, agrees) {
      await post('groupAgreeOrNo', { group_id, user_id, type: agrees ? 'agree' : 'no' });
    },
    async requests(groupId) {
      if (!extensions) return null;
      const rows = read(wireJoinRequests, await ask('GET', `/api/chat/groupRequests/${groupId}`));
      return rows.map(({ user, ...row }) => ({
        groupId,
        accountId: row.user_id,
        uuid: user.uuid,
        name: clip(user.nickname === '' ? user.username : user.nickname),
        avatar: resolveAvatar(reader.origin, user.avatar),
        isGuest: user.role === 'visitor',
        inviterName: clip(row.inviter_name),
        reason: row.desc,
        requestedAt: row.create_time,
      }));
    },
    async marks(groupId) {
      if (!extensions) return { enabled: false, marks: [] };
      const { enabled, marks } = read(wireGroupMarks, await ask('GET', `/api/chat/groupMarks/${groupId}`));
      return {
        enabled,
        marks: marks.map((mark) => ({
          accountId: mark.account_id,
          readSeq: mark.read_seq,
          firstSeq: mark.first_seq,
        })),
      };
    },
    async readers(groupId, sequence) {
      if (!extensions) return { enabled: false, read: [], unread: [] };
      const answer = read(
        wireGroupReaders,
        await ask('GET', `/api/chat/groupReaders/${groupId}?seq=${sequence}`),
      );
      const person = ({ id, uuid, name, avatar }: (typeof answer.read)[number]): PersonWhoRead => ({
        accountId: id,
        uuid,
        name: clip(name),
        avatar: resolveAvatar(reader.origin, avatar),
      });
      return { enabled: answer.enabled, read: answer.read.map(person), unread: answer.unread.map(person) };
    },
  };
}

/** A group as the change log tells it. */
export function groupState(change: WireGroupChange, origin: string): GroupState {
  const { details } = change;
  return {
    groupId: change.id,
    name: clip(change.name),
    avatars: resolveUrlList(origin, change.avatar),
    membership: change.membership,
    dissolved: change.dissolved,
    details:
      details === undefined
        ? null
        : {
            ownerId: details.owner_id,
            announcement: details.remark,
            joinPolicy: policyOf(details.invite_confirm),
            readReceipts: details.read_receipts,
            memberCount: details.members,
            waitingCount: details.waiting,
            nickname: clip(details.nickname),
          },
  };
}

function groupOf(row: WireGroupRow, { origin, accountId }: Reader): Group {
  return {
    groupId: row.id,
    conversationId: conversationId('group', row.id),
    name: clip(row.name),
    avatars: resolveUrlList(origin, row.avatar),
    ownerId: row.user_id,
    isOwner: row.user_id === accountId,
    announcement: row.remark,
    joinPolicy: policyOf(row.invite_confirm),
    membership: 'none',
    nickname: '',
    dissolved: false,
    readReceipts: null,
    memberCount: null,
    waitingCount: null,
  };
}

function memberOf(row: WireGroupInfo['group_users'][number], ownerId: number, origin: string): GroupMember {
  const { user } = row;
  const username = clip(user?.username);
  const names = [row.nickname, user?.nickname, username].map((name) => clip(name));
  return {
    accountId: row.user_id,
    uuid: user?.uuid ?? '',
    name: names.find((name) => name !== '') ?? String(row.user_id),
    username,
    avatar: resolveAvatar(origin, row.avatar === '' ? user?.avatar : row.avatar),
    isOwner: row.user_id === ownerId,
    isGuest: user?.role === 'visitor',
  };
}

function membershipOf(status: number | undefined): Membership {
  if (status === 2) return 'waiting';
  return status === 0 ? 'muted' : 'member';
}

function policyOf(value: number): JoinPolicy {
  return POLICIES[value] ?? 'other';
}

function read<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new MagpieError('bad-answer', `unexpected shape at "${where}"`);
}
