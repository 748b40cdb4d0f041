/** Tables as Kysely sees them; the truth is in `migrations/`. */
import type { Generated } from 'kysely';

export interface AccountTable {
  id: Generated<number>;
  uuid: string;
  username: string;
  nickname: Generated<string>;
  avatar: string;
  password_hash: string;
  role: string;
  status: Generated<number>;
  device_id: string;
  uniplatform: string;
  devicemodel: string;
  deviceos: string;
  devicebrand: string;
  userset: Generated<string>;
  invite_confirm: Generated<number>;
  last_login: number | null;
  register_time: number | null;
  create_time: number;
  update_time: number;
}

export interface ProfileTable {
  account_id: number;
  gender: Generated<string>;
  birthday: string | null;
  bio: string | null;
  location: string | null;
  website: string | null;
}

export interface SessionTable {
  token_hash: string;
  account_id: number;
  device_kind: string;
  device_name: string;
  guest_device_id: string;
  issued_at: number;
}

export interface GuestCallTable {
  device_id: string;
  calls: number;
  expires_at: number;
}

export interface ContactTable {
  id: Generated<number>;
  user_id: number;
  friend_id: number;
  nickname: string;
  friendlookme: Generated<number>;
  melookfriend: Generated<number>;
  ismystarfriend: Generated<number>;
  isblack: Generated<number>;
  status: Generated<number>;
  sort_order: Generated<number>;
  create_time: number;
  update_time: number;
}

export interface ApplicationTable {
  id: Generated<number>;
  user_id: number;
  friend_id: number;
  nickname: string;
  friendlookme: Generated<number>;
  melookfriend: Generated<number>;
  ismystarfriend: Generated<number>;
  isblack: Generated<number>;
  status: string;
  sort_order: Generated<number>;
  create_time: number;
  update_time: number;
}

export interface ConversationTable {
  id: Generated<number>;
  kind: string;
  pair_key: string | null;
  group_id: number | null;
  head_seq: Generated<number>;
  create_time: number;
}

export interface MessageTable {
  id: Generated<number>;
  uuid: string;
  conversation_id: number;
  seq: number;
  sender_id: number;
  client_msg_id: string | null;
  notice: number;
  payload: string;
  create_time: number;
  recalled_at: number | null;
}

export interface MemberTable {
  account_id: number;
  conversation_id: number;
  first_seq: Generated<number>;
  read_seq: Generated<number>;
}

export interface ChangeTable {
  cursor: Generated<number>;
  account_id: number;
  kind: string;
  conversation_id: Generated<number>;
  message_id: Generated<number>;
}

export interface ChangeGapTable {
  after_cursor: number;
  before_cursor: number;
}

export interface DeliveryTable {
  ordinal: Generated<number>;
  recipient_id: number;
  message_id: number | null;
  payload: string | null;
}

export interface Schema {
  account: AccountTable;
  profile: ProfileTable;
  session: SessionTable;
  guest_call: GuestCallTable;
  contact: ContactTable;
  application: ApplicationTable;
  conversation: ConversationTable;
  message: MessageTable;
  member: MemberTable;
  change: ChangeTable;
  change_gap: ChangeGapTable;
  delivery: DeliveryTable;
}
