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
  administrator: Generated<number>;
}

export interface AuditTable {
  id: Generated<number>;
  time: number;
  actor_id: number | null;
  actor_name: string;
  address: string;
  action: string;
  target: string;
  details: string;
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

/** What one account keeps about another. */
interface RelationTable<Status> {
  id: Generated<number>;
  user_id: number;
  friend_id: number;
  nickname: string;
  friendlookme: Generated<number>;
  melookfriend: Generated<number>;
  ismystarfriend: Generated<number>;
  isblack: Generated<number>;
  status: Status;
  sort_order: Generated<number>;
  create_time: number;
  update_time: number;
}

export type ContactTable = RelationTable<Generated<number>>;

export type ApplicationTable = RelationTable<string>;

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
  snapshot_id: number | null;
}

export interface MemberTable {
  account_id: number;
  conversation_id: number;
  first_seq: Generated<number>;
  last_seq: number | null;
  end_reason: string | null;
  last_name: string | null;
  last_avatar: string | null;
  read_seq: Generated<number>;
}

export interface PastWindowTable {
  account_id: number;
  conversation_id: number;
  first_seq: number;
  last_seq: number;
}

export interface GroupTable {
  id: Generated<number>;
  uuid: string;
  conversation_id: number;
  owner_id: number;
  name: string;
  avatar: string;
  remark: Generated<string>;
  invite_confirm: Generated<number>;
  status: Generated<number>;
  read_receipts: Generated<number>;
  sort_order: Generated<number>;
  snapshot_id: number | null;
  dissolved_at: number | null;
  create_time: number;
  update_time: number;
}

export interface GroupMemberTable {
  id: Generated<number>;
  group_id: number;
  account_id: number;
  nickname: Generated<string>;
  avatar: Generated<string>;
  status: number;
  sort_order: Generated<number>;
  inviter_id: number | null;
  request_text: Generated<string>;
  create_time: number;
}

export interface GroupSnapshotTable {
  id: Generated<number>;
  object: string;
}

export interface SharedNoticeTable {
  id: Generated<number>;
  payload: string;
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
  notice_id: number | null;
  payload: string | null;
}

export interface AnswerTable {
  id: number;
  owner_id: number;
  type: string;
  ask: string;
  answer: string;
  create_time: number;
  update_time: number;
}

export interface ComplaintTable {
  id: Generated<number>;
  user_id: number;
  target_id: number;
  target_type: string;
  target_name: string;
  reason: string;
  content: string;
  /** JSON text. */
  images: string;
  /** JSON text. */
  evidence: string;
  status: Generated<number>;
  admin_reply: string | null;
  create_time: number;
  update_time: number;
  is_deleted: Generated<number>;
}

export interface ComplaintFileTable {
  complaint_id: number;
  file_id: number;
}

export interface FileTable {
  id: Generated<number>;
  path: string;
  owner_id: number;
  upload_id: string | null;
  sha256: string;
  size: number;
  mime: string;
  name: string;
  width: number | null;
  height: number | null;
  by_link: number;
  create_time: number;
}

export interface FileUseTable {
  file_id: number;
  message_id: Generated<number>;
  avatar_of: Generated<number>;
}

export interface UploadTable {
  owner_id: number;
  upload_id: string;
  sha256: string;
  size: number;
  name: string;
  folder: string;
  place: string;
  update_time: number;
}

export interface PublishedTable {
  path: string;
  time: number;
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
  past_window: PastWindowTable;
  chat_group: GroupTable;
  group_member: GroupMemberTable;
  group_snapshot: GroupSnapshotTable;
  shared_notice: SharedNoticeTable;
  change: ChangeTable;
  change_gap: ChangeGapTable;
  delivery: DeliveryTable;
  answer: AnswerTable;
  audit: AuditTable;
  complaint: ComplaintTable;
  complaint_file: ComplaintFileTable;
  file: FileTable;
  file_use: FileUseTable;
  upload: UploadTable;
  published: PublishedTable;
}
