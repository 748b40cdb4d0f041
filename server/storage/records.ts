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
  /** Device that signed in through the signed endpoints, else empty. */
  deviceId: string;
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

export interface QueuedDelivery {
  ordinal: number;
  /** The message object to deliver, JSON text. */
  payload: string;
}
