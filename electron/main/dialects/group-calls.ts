import type {
  Group,
  GroupId,
  GroupMarks,
  GroupProfile,
  JoinPolicy,
  JoinRequest,
  Membership,
  MessageReaders,
} from '#protocol/model/group';

/** Groups on a page of the list; fewer are the last ones. */
export const GROUPS_PER_PAGE = 100;

/** What one can ask of and do to groups. Refusals are {@link MagpieError}s with the server's words. */
export interface GroupCalls {
  /** Groups I am in, newest first, {@link GROUPS_PER_PAGE} to a page. */
  list(page: number): Promise<Group[]>;
  /** For anybody, member or not. */
  profile(groupId: GroupId): Promise<GroupProfile>;
  /** @param contactIds rows of the contact list, as the wire wants them; gives the new group */
  create(contactIds: readonly number[]): Promise<Group>;
  rename(groupId: GroupId, name: string): Promise<void>;
  announce(groupId: GroupId, text: string): Promise<void>;
  setNickname(groupId: GroupId, nickname: string): Promise<void>;
  setPolicy(groupId: GroupId, policy: JoinPolicy): Promise<void>;
  setReadReceipts(groupId: GroupId, enabled: boolean): Promise<void>;
  /** The owner dissolves the group, a member leaves it. */
  quit(groupId: GroupId): Promise<void>;
  removeMember(groupId: GroupId, accountId: number): Promise<void>;
  /** Brings somebody in, perhaps oneself. */
  join(groupId: GroupId, accountId: number, reason: string): Promise<'joined' | 'waiting'>;
  decide(groupId: GroupId, accountId: number, agrees: boolean): Promise<void>;
  /** Null on servers that do not tell. */
  requests(groupId: GroupId): Promise<JoinRequest[] | null>;
  marks(groupId: GroupId): Promise<GroupMarks>;
  readers(groupId: GroupId, sequence: number): Promise<MessageReaders>;
}

/** A group as the change log tells it. What only members get to know is null for others. */
export interface GroupState {
  groupId: GroupId;
  name: string;
  avatars: string[];
  membership: Membership;
  dissolved: boolean;
  details: {
    ownerId: number;
    announcement: string;
    joinPolicy: JoinPolicy;
    readReceipts: boolean;
    memberCount: number;
    waitingCount: number;
    nickname: string;
  } | null;
}

/** What happened to one's own membership, found by comparing the log with what was known. */
export interface MembershipChange {
  groupId: GroupId;
  name: string;
  event: 'approved' | 'refused' | 'removed' | 'dissolved';
}
