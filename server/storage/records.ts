/** Rows as the domain sees them. Times are milliseconds since 1970. */
export type Role = 'user' | 'visitor';
export type ApplicationStatus = 'pending' | 'refuse' | 'agree' | 'ignore';

export interface DeviceDetails {
  uniplatform: string;
  devicemodel: string;
  deviceos: string;
  devicebrand: string;
}

/** Status of an account that is gone for good; its number stays. */
export const REMOVED = 3;

export interface AccountRecord extends DeviceDetails {
  id: number;
  uuid: string;
  username: string;
  nickname: string;
  avatar: string;
  /** argon2id in PHC form; empty when nobody can sign in with a password (guests). */
  passwordHash: string;
  role: Role;
  /** 1 active, 0 disabled, 2 locked (no sign-in, not found, not messaged; a running session goes on), {@link REMOVED}. */
  status: number;
  deviceId: string;
  userset: string;
  /** 0 anyone may befriend directly, 1 needs confirmation. */
  inviteConfirm: number;
  lastLogin: number | null;
  registerTime: number | null;
  createTime: number;
  updateTime: number;
}

export interface NewAccount extends DeviceDetails {
  uuid: string;
  username: string;
  avatar: string;
  passwordHash: string;
  role: Role;
  deviceId: string;
  now: number;
}

export interface ProfileRecord {
  id: number;
  gender: string;
  birthday: string | null;
  bio: string | null;
  location: string | null;
  website: string | null;
}

export interface SessionRecord {
  accountId: number;
  /** SHA-256 of the token, lower-case hex. */
  tokenHash: string;
  /** `desktop`, `phone`, …; empty for plain clients, which do not name their device. */
  deviceKind: string;
  /** The device's own id within its kind; empty for plain clients. */
  deviceName: string;
  /** Device that signed in through the signed endpoints, else empty. */
  guestDeviceId: string;
  issuedAt: number;
}

/** What one account has decided about another; 0 and 1, under the names of the wire. */
interface RelationFlags {
  friendlookme: number;
  melookfriend: number;
  ismystarfriend: number;
  isblack: number;
}

export interface ContactRecord extends RelationFlags {
  id: number;
  userId: number;
  friendId: number;
  /** The owner's alias for the friend. */
  nickname: string;
  status: number;
}

export interface ContactWithFriend extends ContactRecord {
  friend: { id: number; uuid: string; username: string; nickname: string; avatar: string };
}

export interface ApplicationRecord extends RelationFlags {
  id: number;
  /** The applicant. */
  userId: number;
  /** The account that is asked. */
  friendId: number;
  /** Words of the applicant. */
  nickname: string;
  status: ApplicationStatus;
  order: number;
  createTime: number;
  updateTime: number;
}

export interface NewMessage {
  uuid: string;
  conversationId: number;
  seq: number;
  senderId: number;
  clientMessageId: string | null;
  /** Made by the server (friendship began, …), not written by a person. */
  notice: boolean;
  /** The message object exactly as it is answered and delivered, JSON text. */
  payload: string;
  createTime: number;
  /** The group as it was, for those who get it inside of the message; null elsewhere. */
  snapshotId?: number | null;
}

export interface StoredMessage {
  id: number;
  seq: number;
  payload: string;
  /** The group at that time, JSON text. */
  group: string | null;
}

/** A message that a person wrote, as its recall needs it. */
export interface WrittenMessage {
  id: number;
  conversationId: number;
  payload: string;
  createTime: number;
  recalledAt: number | null;
  seq: number;
  /** The other end of a single conversation, null in groups. */
  peerId: number | null;
  /** Null in single conversations. */
  groupId: number | null;
}

export interface HistoryMessage {
  seq: number;
  senderId: number;
  notice: boolean;
  payload: string;
}

export type ChangeKind = 'conversation' | 'recall' | 'contacts' | 'group';

/** Why a membership ended. */
export type EndReason = 'left' | 'removed' | 'dissolved';

/** What a member may see of a conversation; both ends are visible. */
export interface MemberWindow {
  firstSeq: number;
  /** Null while the membership goes on. */
  lastSeq: number | null;
}

/** 1 active, 2 waiting for approval, 0 muted (reads, but may not write). */
export type MemberStatus = 0 | 1 | 2;

export interface GroupRecord {
  id: number;
  uuid: string;
  conversationId: number;
  ownerId: number;
  name: string;
  /** Comma list of up to nine addresses. */
  avatar: string;
  /** Announcement. */
  remark: string;
  /** 0 anyone joins, 1 the owner approves, 2 guests have to register first; others are reserved. */
  inviteConfirm: number;
  /** 1 normal, 2 locked, 0 disabled. */
  status: number;
  readReceipts: boolean;
  order: number;
  /** The newest {@link GroupStore.keepSnapshot}; null when something changed since. */
  snapshotId: number | null;
  createTime: number;
  updateTime: number;
}

export interface GroupMemberRecord {
  id: number;
  groupId: number;
  accountId: number;
  /** Own name in this group; empty for none. */
  nickname: string;
  avatar: string;
  status: MemberStatus;
  order: number;
  /** Who asked for the membership; null when it was the member. */
  inviterId: number | null;
  requestText: string;
  createTime: number;
}

export interface GroupMemberWithAccount extends GroupMemberRecord {
  account: {
    id: number;
    uuid: string;
    username: string;
    nickname: string;
    avatar: string;
    role: Role;
  };
}

/** How far a member of a group has read. */
export interface MemberMark {
  accountId: number;
  readSeq: number;
  /** First number of the window that is open now. */
  firstSeq: number;
}

interface ChatChange {
  cursor: number;
  chatType: 'single' | 'group';
  /** What the owner of the log would send to: account or group. */
  chatId: number;
}

/** An entry of the change log, filled with the state of now. */
export type ChangeRecord =
  | { cursor: number; kind: 'contacts' }
  | (ChatChange & {
      kind: 'conversation';
      name: string;
      avatar: string;
      headSeq: number;
      /** Of the first window. */
      firstSeq: number;
      readSeq: number;
      peerReadSeq: number | null;
      /** Oldest first; one for single conversations. */
      windows: MemberWindow[];
      endReason: EndReason | null;
    })
  | (ChatChange & {
      kind: 'group';
      name: string;
      avatar: string;
      ownerId: number;
      remark: string;
      inviteConfirm: number;
      readReceipts: boolean;
      members: number;
      /** Requests that wait for the owner. */
      waiting: number;
      dissolved: boolean;
      /** Of the owner of the log; null when it is in no relation to the group (any more). */
      ownStatus: MemberStatus | null;
      ownNickname: string;
    })
  | (ChatChange & {
      kind: 'recall';
      messageUuid: string;
      seq: number;
      senderId: number;
      senderName: string;
      createdAt: number;
      /** The owner of the log could see the message. */
      visible: boolean;
    });

export interface ConversationRecord {
  id: number;
  /** Highest number that the asking member may see. */
  headSeq: number;
  /** Of the first window of the asking member. */
  firstSeq: number;
  readSeq: number;
  windows: MemberWindow[];
}

/** An account as administrators see it in a list. */
export interface ListedAccount extends AccountRecord {
  administrator: boolean;
}

export interface GroupSummary {
  id: number;
  name: string;
  /** User name; empty when the account is gone. */
  owner: string;
  /** Without those who wait for approval. */
  members: number;
  messages: number;
  /** 1 normal, 2 locked, 0 disabled. */
  status: number;
  dissolved: boolean;
  createTime: number;
}

export interface NewAuditEntry {
  time: number;
  /** Null for the command line and for somebody who could not sign in. */
  actorId: number | null;
  actorName: string;
  address: string;
  /** Such as `account.disable`. */
  action: string;
  /** User name or id of what it was done to. */
  target: string;
  /** JSON text of an object. */
  details: string;
}

export interface AuditEntry extends NewAuditEntry {
  id: number;
}

/** A question with the answer that is sent by itself. */
export interface AnswerRecord {
  /** Milliseconds since 1970 when it was made, made unique. */
  id: number;
  ownerId: number;
  type: string;
  ask: string;
  answer: string;
  createTime: number;
  updateTime: number;
}

/** 0 pending, 1 in progress, 2 done, 3 closed. */
export type ComplaintStatus = 0 | 1 | 2 | 3;

export interface ComplaintRecord {
  id: number;
  /** Who complains. */
  userId: number;
  targetId: number;
  targetType: 'single' | 'group';
  targetName: string;
  reason: string;
  content: string;
  /** Addresses of pictures. */
  images: string[];
  evidence: Evidence[];
  status: ComplaintStatus;
  adminReply: string | null;
  createTime: number;
  updateTime: number;
  /** Taken back by its author. */
  isDeleted: boolean;
}

/** A message that a complaint rests on. */
export interface Evidence {
  /** As the author of the complaint handed it in: any JSON value. */
  claimed: unknown;
  /** The message as this server keeps it, when it exists and the author could read it; else null: nothing proves it. */
  stored: string | null;
}

export interface NewComplaint {
  userId: number;
  targetId: number;
  targetType: 'single' | 'group';
  targetName: string;
  reason: string;
  content: string;
  images: string[];
  evidence: Evidence[];
  now: number;
}

export interface QueuedDelivery {
  ordinal: number;
  /** The message object to deliver, JSON text. */
  payload: string;
  /** The group to put into it, JSON text; null when there is none. */
  group: string | null;
}

export interface NewFile {
  /** Address without the leading slash: `public/uploads/Diy/chatImgs/20250310/1710038202074_99501763.png`. */
  path: string;
  ownerId: number;
  /** The sender's id of an upload in pieces; null for the uploads of the protocol. */
  uploadId: string | null;
  /** Of the content, lower-case hex; the bytes live under it. */
  sha256: string;
  size: number;
  /** By content; `application/octet-stream` for all that must not be shown by itself. */
  mime: string;
  /** As the sender called it. Shown and sent, never a path. */
  name: string;
  /** Pixels of a picture. */
  width: number | null;
  height: number | null;
  /** Whoever knows the address may read it: uploaded while the server was set so. */
  byLink: boolean;
  createTime: number;
}

export interface FileRecord extends NewFile {
  id: number;
}

/** Where the sender of a file wants its content to lie; the same where the server has one place only. */
export type FilePlace = 'server' | 'object-storage';

/** A file that comes in pieces and is not complete. */
export interface UploadRecord {
  ownerId: number;
  uploadId: string;
  sha256: string;
  size: number;
  name: string;
  folder: string;
  place: FilePlace;
  updateTime: number;
}
