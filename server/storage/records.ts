/** Rows as the domain sees them. Times are milliseconds since 1970. */
export type Role = 'user' | 'visitor';
export type ApplicationStatus = 'pending' | 'refuse' | 'agree' | 'ignore';

export interface DeviceDetails {
  uniplatform: string;
  devicemodel: string;
  deviceos: string;
  devicebrand: string;
}

export interface AccountRecord extends DeviceDetails {
  id: number;
  uuid: string;
  username: string;
  nickname: string;
  avatar: string;
  /** argon2id in PHC form; empty when nobody can sign in with a password (guests). */
  passwordHash: string;
  role: Role;
  /** 1 active, 0 disabled, 2 locked (no sign-in, not found, not messaged; a running session goes on). */
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

export interface ContactRecord {
  id: number;
  userId: number;
  friendId: number;
  /** The owner's alias for the friend. */
  nickname: string;
  friendlookme: number;
  melookfriend: number;
  ismystarfriend: number;
  isblack: number;
  status: number;
}

export interface ContactWithFriend extends ContactRecord {
  friend: { id: number; uuid: string; username: string; nickname: string; avatar: string };
}

export interface ApplicationRecord {
  id: number;
  /** The applicant. */
  userId: number;
  /** The account that is asked. */
  friendId: number;
  /** Words of the applicant. */
  nickname: string;
  friendlookme: number;
  melookfriend: number;
  ismystarfriend: number;
  isblack: number;
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
}

export interface StoredMessage {
  id: number;
  seq: number;
  payload: string;
}

/** A message that a person wrote, as its recall needs it. */
export interface WrittenMessage {
  id: number;
  conversationId: number;
  payload: string;
  createTime: number;
  recalledAt: number | null;
  /** The other end of a single conversation, null in groups. */
  peerId: number | null;
}

export interface HistoryMessage {
  seq: number;
  senderId: number;
  notice: boolean;
  payload: string;
}

export type ChangeKind = 'conversation' | 'recall' | 'contacts';

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
      firstSeq: number;
      readSeq: number;
      peerReadSeq: number | null;
    })
  | (ChatChange & {
      kind: 'recall';
      messageUuid: string;
      seq: number;
      senderId: number;
      senderName: string;
      recalledAt: number;
    });

export interface ConversationRecord {
  id: number;
  headSeq: number;
  /** Of the asking member. */
  firstSeq: number;
  readSeq: number;
}

export interface QueuedDelivery {
  ordinal: number;
  /** The message object to deliver, JSON text. */
  payload: string;
}
