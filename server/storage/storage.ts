/**
 * What the domain asks of a database. Implementations keep three promises:
 * a unit of work passed to {@link Storage.write} happens entirely or not at all, it is durable on disk before the
 * returned promise resolves, and `afterCommit` callbacks run in commit order, before anything that comes later.
 */
import type {
  AccountRecord,
  AnswerRecord,
  ApplicationRecord,
  ApplicationStatus,
  AuditEntry,
  ChangeKind,
  ChangeRecord,
  ComplaintRecord,
  ComplaintStatus,
  ContactRecord,
  ContactWithFriend,
  ConversationRecord,
  DeviceDetails,
  EndReason,
  GroupMemberRecord,
  GroupMemberWithAccount,
  GroupRecord,
  FileRecord,
  GroupSummary,
  HistoryMessage,
  ListedAccount,
  MemberMark,
  MemberStatus,
  MemberWindow,
  NewAccount,
  NewAuditEntry,
  NewComplaint,
  NewFile,
  NewMessage,
  ProfileRecord,
  QueuedDelivery,
  SessionRecord,
  StoredMessage,
  UploadRecord,
  WrittenMessage,
} from './records.ts';

export interface AccountStore {
  byId(id: number): Promise<AccountRecord | undefined>;
  byUuid(uuid: string): Promise<AccountRecord | undefined>;
  byUsername(username: string): Promise<AccountRecord | undefined>;
  byDevice(deviceId: string): Promise<AccountRecord | undefined>;
  /** Substring search on the user name; `%` and `_` keep their wildcard meaning. Active registered accounts only. */
  search(keyword: string, excludedId: number): Promise<AccountRecord[]>;
  profile(id: number): Promise<ProfileRecord | undefined>;
  insert(account: NewAccount): Promise<AccountRecord>;
  /** Turns the account of a device into a registered one, keeping its id. */
  register(id: number, username: string, passwordHash: string, now: number): Promise<void>;
  setDevice(id: number, details: DeviceDetails, now: number): Promise<void>;
  setPassword(id: number, passwordHash: string, now: number): Promise<void>;
  setField(id: number, field: 'nickname' | 'avatar' | 'userset', value: string, now: number): Promise<void>;
  setInviteConfirm(id: number, value: number, now: number): Promise<void>;
  touchLogin(id: number, now: number): Promise<void>;
  /** Leaves the row of a removed account: its number under another name, and nothing that it said of itself. */
  erase(id: number, left: { username: string; avatar: string; now: number }): Promise<void>;
}

/** The live sessions; only the SHA-256 of their tokens is kept. Which ones may live together is a rule of the domain. */
export interface SessionStore {
  isLive(accountId: number, tokenHash: string): Promise<boolean>;
  /** Session and account in one go: the check of every authenticated request. */
  check(
    accountId: number,
    tokenHash: string,
  ): Promise<{ session: SessionRecord | undefined; account: AccountRecord | undefined }>;
  list(accountId: number): Promise<SessionRecord[]>;
  insert(session: SessionRecord): Promise<void>;
  remove(tokenHash: string): Promise<void>;
}

/** Counter of guest-endpoint calls per device (section 3.5 of the protocol). */
export interface GuestCallStore {
  /** Counts one call, restarts the window and returns the count in the current window. */
  count(deviceId: string, now: number, windowMilliseconds: number): Promise<number>;
}

export interface ContactStore {
  find(ownerId: number, friendId: number): Promise<ContactRecord | undefined>;
  list(ownerId: number): Promise<ContactWithFriend[]>;
  /** Accounts that have this one among their contacts. */
  ownersOf(friendId: number): Promise<number[]>;
  insertIfMissing(ownerId: number, friendId: number, alias: string, now: number): Promise<void>;
  setFlags(
    id: number,
    flags: {
      /** The owner's alias for the friend. */
      nickname?: string;
      isblack?: number;
      ismystarfriend?: number;
      friendlookme?: number;
      melookfriend?: number;
    },
    now: number,
  ): Promise<void>;
  removeBoth(ownerId: number, friendId: number): Promise<void>;
}

export interface ApplicationStore {
  byId(id: number): Promise<ApplicationRecord | undefined>;
  pending(applicantId: number, targetId: number): Promise<ApplicationRecord | undefined>;
  /** Is there a pending or accepted application? */
  exists(applicantId: number, targetId: number): Promise<boolean>;
  list(
    targetId: number,
    offset: number,
    limit: number,
  ): Promise<{ application: ApplicationRecord; applicant: AccountRecord | undefined }[]>;
  countPending(targetId: number): Promise<number>;
  insert(
    applicantId: number,
    targetId: number,
    text: string,
    status: ApplicationStatus,
    now: number,
  ): Promise<void>;
  setStatus(id: number, status: ApplicationStatus, now: number): Promise<void>;
  removeBoth(oneId: number, otherId: number): Promise<void>;
  /** All that an account made or was made; answers with whom. */
  removeAll(accountId: number): Promise<number[]>;
}

export interface MessageStore {
  /** Finds or creates the conversation of two accounts (the same account twice is allowed) and returns its id. */
  singleConversation(oneId: number, otherId: number, now: number): Promise<number>;
  byClientId(senderId: number, clientMessageId: string): Promise<StoredMessage | undefined>;
  /** Has this account written to that one before? Notices do not count. */
  hasWritten(senderId: number, recipientId: number): Promise<boolean>;
  /** Takes the next number of the conversation: gap-free, because it is given in the transaction of the insert. */
  nextSeq(conversationId: number): Promise<number>;
  /** The highest number given so far. */
  headSeq(conversationId: number): Promise<number>;
  insert(message: NewMessage): Promise<number>;
  /** A message that this account wrote, recalled ones too; no notices. */
  written(senderId: number, uuid: string): Promise<WrittenMessage | undefined>;
  /** The message as stored, if it is in a conversation of this account and was not recalled. */
  readable(accountId: number, uuid: string): Promise<string | undefined>;
  /** Replaces the content; number, id and client id stay. */
  recall(messageId: number, tombstone: string, now: number): Promise<void>;
}

/**
 * The change log: what every account has to hear of, under cursors that rise in the order of the commits. There is at
 * most one entry per account and subject, so the log never grows beyond its subjects; an entry shows the state of now.
 */
export interface ChangeStore {
  /**
   * @param accountId {@link EVERYBODY} writes one entry for all whose membership of the conversation goes on
   * @returns the cursor of the new entry, which takes the place of an older one about the same subject
   */
  append(
    accountId: number,
    kind: ChangeKind,
    subject?: { conversationId?: number; messageId?: number },
  ): Promise<number>;
  /** The highest cursor given so far, to whomever. */
  head(): Promise<number>;
  /** Was this cursor never given, though higher ones were? Then it belongs to a state of the data that is lost. */
  isGap(cursor: number): Promise<boolean>;
  after(accountId: number, cursor: number, limit: number): Promise<ChangeRecord[]>;
  /** Undefined when there is none, or when the account never was a member. */
  conversation(
    accountId: number,
    chatType: 'single' | 'group',
    chatId: number,
  ): Promise<ConversationRecord | undefined>;
  /** Whose membership goes on. */
  members(conversationId: number): Promise<number[]>;
  /** Single conversations of an account. */
  singleConversations(accountId: number): Promise<number[]>;
  /** Messages in ascending order; `newest` picks from the upper end. Both bounds are inclusive. */
  history(
    conversationId: number,
    range: { fromSeq: number; toSeq: number; newest: boolean; limit: number },
  ): Promise<HistoryMessage[]>;
  /** False when the mark is there already. */
  raiseRead(accountId: number, conversationId: number, seq: number): Promise<boolean>;
}

/** Groups and who is in them. A dissolved group is found by nobody. */
export interface GroupStore {
  byId(id: number): Promise<GroupRecord | undefined>;
  /** Groups in which the account is active, newest first. */
  listOf(
    accountId: number,
    offset: number,
    limit: number,
  ): Promise<{ group: GroupRecord; member: GroupMemberRecord }[]>;
  /** Ids of the groups that list this account. */
  idsOf(accountId: number): Promise<number[]>;
  member(groupId: number, accountId: number): Promise<GroupMemberRecord | undefined>;
  /** Rows in the order of joining; without `status` all of them. */
  members(groupId: number, status?: MemberStatus): Promise<GroupMemberWithAccount[]>;
  memberCount(groupId: number): Promise<number>;
  /** Creates the group and its conversation. */
  insert(group: {
    uuid: string;
    ownerId: number;
    name: string;
    avatar: string;
    now: number;
  }): Promise<GroupRecord>;
  update(
    id: number,
    changes: {
      name?: string;
      avatar?: string;
      remark?: string;
      inviteConfirm?: number;
      readReceipts?: boolean;
    },
    now: number,
  ): Promise<void>;
  /** Takes all member rows away; name, messages and windows stay for those who were in it. */
  dissolve(id: number, now: number): Promise<void>;
  addMember(member: {
    groupId: number;
    accountId: number;
    status: MemberStatus;
    inviterId: number | null;
    requestText: string;
    now: number;
  }): Promise<void>;
  setMember(
    groupId: number,
    accountId: number,
    changes: { status?: MemberStatus; nickname?: string },
  ): Promise<void>;
  removeMember(groupId: number, accountId: number): Promise<void>;
  /** The group object of the messages to come, JSON text; it counts until something changes. */
  keepSnapshot(groupId: number, object: string): Promise<number>;
  /** A group object for one message. */
  keepObject(object: string): Promise<number>;
  snapshot(id: number): Promise<string | undefined>;
}

/** What members may see of a conversation: any number of windows, of which only the latest can be open. */
export interface MembershipStore {
  windows(accountId: number, conversationId: number): Promise<MemberWindow[]>;
  /** Opens a window; does nothing while one is open. What lies before it counts as read. */
  open(accountId: number, conversationId: number, firstSeq: number): Promise<void>;
  /** Ends the open window, after which name and picture of the conversation stand still for that account. */
  close(
    accountId: number,
    conversationId: number,
    end: { lastSeq: number; reason: EndReason; name: string; avatar: string },
  ): Promise<void>;
  /** Marks of those whose membership goes on. */
  marks(conversationId: number): Promise<MemberMark[]>;
  /** Former members who saw this number. */
  formerWitnesses(conversationId: number, seq: number): Promise<number[]>;
}

/** Owner of log entries that concern a whole conversation: one entry, however many members it has. */
export const EVERYBODY = 0;

/** Messages on their way: a row lives until the recipient's socket proved to have received it. */
export interface DeliveryStore {
  /** Appends to the queue of an account and returns the ordinal, which only rises. */
  enqueue(recipientId: number, messageId: number | null, payload: string | null): Promise<number>;
  /** The same pointer for many, in one statement: to a message, or to a notice that is no message. */
  enqueueForAll(
    recipientIds: readonly number[],
    to: { messageId: number } | { notice: string },
  ): Promise<{ recipientId: number; ordinal: number }[]>;
  /** Which of these depend on the queue: they have a plain session, or none that could use the change log. */
  dependants(accountIds: readonly number[]): Promise<number[]>;
  /** Queued deliveries above an ordinal, oldest first. */
  after(recipientId: number, ordinal: number, limit: number): Promise<QueuedDelivery[]>;
  removeUpTo(recipientId: number, ordinal: number): Promise<void>;
  /** Takes a message out of all queues it still waits in. */
  withdraw(messageId: number): Promise<{ recipientId: number; ordinal: number }[]>;
}

/** Questions and answers of accounts, in stores per owner and type. */
export interface AnswerStore {
  /** Oldest first. */
  list(ownerId: number, type: string): Promise<AnswerRecord[]>;
  /** Undefined also when it belongs to somebody else. */
  byId(ownerId: number, id: number): Promise<AnswerRecord | undefined>;
  byAsk(ownerId: number, type: string, ask: string): Promise<AnswerRecord | undefined>;
  /** How many the owner has, of all types. */
  count(ownerId: number): Promise<number>;
  insert(answer: { ownerId: number; type: string; ask: string; answer: string; now: number }): Promise<void>;
  /** @throws {DuplicateKeyError} at the end of the unit when another one of the store has this question. */
  update(id: number, fields: { type: string; ask: string; answer: string }, now: number): Promise<void>;
  remove(id: number): Promise<void>;
  removeAll(ownerId: number): Promise<void>;
}

interface Range {
  offset: number;
  limit: number;
}

/** What only administrators ask for and change. Lists begin with the newest. */
export interface AdminStore {
  /** Those whose user name or nickname contains the text. */
  accounts(options: Range & { query: string }): Promise<ListedAccount[]>;
  /** Ids of the active administrators. */
  administrators(): Promise<number[]>;
  setAdministrator(accountId: number, value: boolean): Promise<void>;
  setStatus(accountId: number, status: number, now: number): Promise<void>;
  groups(range: Range): Promise<GroupSummary[]>;
  complaints(options: Range & { openOnly: boolean }): Promise<ComplaintRecord[]>;
  /** How many nobody has finished. */
  openComplaints(): Promise<number>;
  processComplaint(id: number, status: ComplaintStatus, reply: string, now: number): Promise<void>;
  /** Does the complaint show or prove something with the file of this address? */
  complaintFile(complaintId: number, path: string): Promise<boolean>;
  /** Rows per table. */
  counts(): Promise<Record<string, number>>;
  /** Bytes of all files; the same content counts once. */
  fileBytes(): Promise<number>;
  /** Appends to the log. The database itself refuses to change or remove what is in it. */
  audit(entry: NewAuditEntry): Promise<void>;
  auditLog(range: Range): Promise<AuditEntry[]>;
}

export interface ComplaintStore {
  /** Those of an account that it did not take back, newest first. */
  list(userId: number): Promise<ComplaintRecord[]>;
  byId(id: number): Promise<ComplaintRecord | undefined>;
  insert(complaint: NewComplaint): Promise<number>;
  update(id: number, fields: { content?: string; images?: string[] }, now: number): Promise<void>;
  markDeleted(id: number, now: number): Promise<void>;
}

/** What is known of uploaded files; their bytes live elsewhere. */
export interface FileStore {
  byPath(path: string): Promise<FileRecord | undefined>;
  byUpload(ownerId: number, uploadId: string): Promise<FileRecord | undefined>;
  /** The newest file of this account with this content. */
  ownWithContent(ownerId: number, sha256: string): Promise<FileRecord | undefined>;
  hasContent(sha256: string): Promise<boolean>;
  insert(file: NewFile): Promise<FileRecord>;
  /** Bytes of all files and unfinished uploads of an account. */
  bytesOf(ownerId: number): Promise<number>;
  useInMessage(fileId: number, messageId: number): Promise<void>;
  /** The files of a message are no longer used by it. */
  releaseMessage(messageId: number): Promise<void>;
  /** Kept for administrators, whatever becomes of the message it was in. */
  useInComplaint(fileId: number, complaintId: number): Promise<void>;
  /** The one picture that an account shows; null for none of ours. */
  useAsAvatar(accountId: number, fileId: number | null): Promise<void>;
  isAvatar(fileId: number): Promise<boolean>;
  /** Is it in a message of a conversation, within the membership of this account? */
  isShownTo(fileId: number, accountId: number): Promise<boolean>;
  isUsed(fileId: number): Promise<boolean>;
  /** Files that nothing uses, made before `before`. */
  unused(before: number, limit: number): Promise<FileRecord[]>;
  remove(fileId: number): Promise<void>;
  upload(ownerId: number, uploadId: string): Promise<UploadRecord | undefined>;
  uploads(): Promise<UploadRecord[]>;
  saveUpload(upload: UploadRecord): Promise<void>;
  removeUpload(ownerId: number, uploadId: string): Promise<void>;
  /** This path is about to be in the object storage for everybody. */
  notePublished(path: string, time: number): Promise<void>;
  /** It is there no longer. */
  forgetPublished(path: string): Promise<void>;
  isPublished(path: string): Promise<boolean>;
  /** Paths that were published before `before` and belong to no file. */
  publishedInVain(before: number): Promise<string[]>;
}

export interface Stores {
  readonly accounts: AccountStore;
  readonly sessions: SessionStore;
  readonly guestCalls: GuestCallStore;
  readonly contacts: ContactStore;
  readonly applications: ApplicationStore;
  readonly groups: GroupStore;
  readonly memberships: MembershipStore;
  readonly messages: MessageStore;
  readonly deliveries: DeliveryStore;
  readonly changes: ChangeStore;
  readonly admin: AdminStore;
  readonly answers: AnswerStore;
  readonly complaints: ComplaintStore;
  readonly files: FileStore;
}

export interface UnitOfWork extends Stores {
  /** Runs after the commit, in commit order. Must not throw. */
  afterCommit(action: () => void): void;
}

export interface Storage extends Stores {
  /** Runs a unit of work. Units that wait at the same time share one commit (and one flush to the disk). */
  write<Result>(work: (unit: UnitOfWork) => Promise<Result>): Promise<Result>;
  /**
   * Writes a copy of the whole as it is at one moment to a new file, while reads and writes go on.
   * @throws the database's error, such as `SQLITE_FULL`
   */
  snapshot(target: string): Promise<void>;
  /** Waits for running units, writes the log back into the database file and closes it. */
  close(): Promise<void>;
}

/** The database cannot be used as it is; `message` is one line for the operator. Nothing was changed. */
export class StorageUnusableError extends Error {
  override readonly name = 'StorageUnusableError';
}

/** A unique key exists already: somebody else was faster. */
export class DuplicateKeyError extends Error {
  override readonly name = 'DuplicateKeyError';
}
