import type { AccountId } from './account.ts';
import type { ConversationId } from './conversation.ts';

export type GroupId = number;

/** `users`: guests have to register first. `other`: reserved on the wire; people join without anybody being told. */
export type JoinPolicy = 'anyone' | 'approval' | 'users' | 'other';
export const JOIN_POLICIES = ['anyone', 'approval', 'users'] as const;

/** What I have to do with a group. `muted`: I read and may not write. `waiting`: the owner has to let me in. */
export type Membership = 'member' | 'muted' | 'waiting' | 'none';

export interface Group {
  groupId: GroupId;
  conversationId: ConversationId;
  name: string;
  /** Up to nine pictures of members, empty for those who have none; none at all where nobody has one. */
  avatars: string[];
  ownerId: AccountId;
  /** What an owner may do is hidden from all others. */
  isOwner: boolean;
  /** Empty when there is none. */
  announcement: string;
  joinPolicy: JoinPolicy;
  membership: Membership;
  /** My own name in this group; empty when I gave none. */
  nickname: string;
  dissolved: boolean;
  /** Whether members see who has read what; null on servers without receipts. */
  readReceipts: boolean | null;
  /** Null while it is not known. */
  memberCount: number | null;
  /** Requests that wait for the owner; null on servers that do not tell. */
  waitingCount: number | null;
}

export interface GroupMember {
  accountId: AccountId;
  uuid: string;
  /** Name in the group, else nickname, else user name. */
  name: string;
  username: string;
  avatar: string;
  isOwner: boolean;
  isGuest: boolean;
}

/** A group with its active members, the owner first, then in order of joining. */
export interface GroupProfile {
  group: Group;
  members: GroupMember[];
}

/** Somebody waits for the owner's approval. */
export interface JoinRequest {
  groupId: GroupId;
  accountId: AccountId;
  uuid: string;
  name: string;
  avatar: string;
  isGuest: boolean;
  /** Who invited them; empty when they came by themselves. */
  inviterName: string;
  /** Why they want to come in; may be empty. */
  reason: string;
  requestedAt: number;
}

/** How far a member has read; they are counted for messages from `firstSeq` on. */
export interface MemberMark {
  accountId: AccountId;
  readSeq: number;
  firstSeq: number;
}

/** Marks of a group; `enabled` is false where the server or the owner wants none. */
export interface GroupMarks {
  enabled: boolean;
  marks: MemberMark[];
}

export interface Reader {
  accountId: AccountId;
  uuid: string;
  name: string;
  avatar: string;
}

/** Who has read one message and who has not, its author left out. */
export interface MessageReaders {
  enabled: boolean;
  read: Reader[];
  unread: Reader[];
}

/** Whom a message means: some members, or all. */
export type Mentions = AccountId[] | 'all';

/** "Read by n of m" of a message with this number, by comparison alone. */
export function countReaders(
  message: { sequence: number; senderId: AccountId },
  { marks }: GroupMarks,
): { read: number; of: number } {
  let read = 0;
  let of = 0;
  for (const { accountId, readSeq, firstSeq } of marks) {
    if (accountId === message.senderId || firstSeq > message.sequence) continue;
    of += 1;
    if (readSeq >= message.sequence) read += 1;
  }
  return { read, of };
}

/** The request behind a notice for the owner, by the id of its service conversation; null for all others. */
export function joinRequestOf(id: ConversationId): { groupId: GroupId; accountId: AccountId } | null {
  const match = /^service:redirect-applyAddGroup([1-9]\d{0,14})-([1-9]\d{0,14})-\d+$/u.exec(id);
  return match === null ? null : { groupId: Number(match[1]), accountId: Number(match[2]) };
}
