/**
 * What the domain asks of a database. Implementations keep three promises:
 * a unit of work passed to {@link Storage.write} happens entirely or not at all, it is durable on disk before the
 * returned promise resolves, and `afterCommit` callbacks run in commit order, before anything that comes later.
 */
import type {
  AccountRecord,
  ApplicationRecord,
  ApplicationStatus,
  ChangeKind,
  ChangeRecord,
  ContactRecord,
  ContactWithFriend,
  ConversationRecord,
  DeviceDetails,
  HistoryMessage,
  NewAccount,
  NewMessage,
  ProfileRecord,
  QueuedDelivery,
  SessionRecord,
  StoredMessage,
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
    flags: { isblack?: number; ismystarfriend?: number; friendlookme?: number; melookfriend?: number },
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
}

export interface MessageStore {
  /** Finds or creates the conversation of two accounts (the same account twice is allowed) and returns its id. */
  singleConversation(oneId: number, otherId: number, now: number): Promise<number>;
  byClientId(senderId: number, clientMessageId: string): Promise<StoredMessage | undefined>;
  /** Has this account written to that one before? Notices do not count. */
  hasWritten(senderId: number, recipientId: number): Promise<boolean>;
  /** Takes the next number of the conversation: gap-free, because it is given in the transaction of the insert. */
  nextSeq(conversationId: number): Promise<number>;
  insert(message: NewMessage): Promise<number>;
  /** A message that this account wrote, recalled ones too; no notices. */
  written(senderId: number, uuid: string): Promise<WrittenMessage | undefined>;
  /** Replaces the content; number, id and client id stay. */
  recall(messageId: number, tombstone: string, now: number): Promise<void>;
}

/**
 * The change log: what every account has to hear of, under cursors that rise in the order of the commits. There is at
 * most one entry per account and subject, so the log never grows beyond its subjects; an entry shows the state of now.
 */
export interface ChangeStore {
  /** Returns the cursor of the new entry, which takes the place of an older one about the same subject. */
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
  /** Undefined when there is none, or when the account is not a member. */
  conversation(
    accountId: number,
    chatType: 'single' | 'group',
    chatId: number,
  ): Promise<ConversationRecord | undefined>;
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

/** Messages on their way: a row lives until the recipient's socket proved to have received it. */
export interface DeliveryStore {
  /** Appends to the queue of an account and returns the ordinal, which only rises. */
  enqueue(recipientId: number, messageId: number | null, payload: string | null): Promise<number>;
  /** Queued deliveries above an ordinal, oldest first. */
  after(recipientId: number, ordinal: number, limit: number): Promise<QueuedDelivery[]>;
  removeUpTo(recipientId: number, ordinal: number): Promise<void>;
  /** Takes a message out of all queues it still waits in. */
  withdraw(messageId: number): Promise<{ recipientId: number; ordinal: number }[]>;
}

export interface Stores {
  readonly accounts: AccountStore;
  readonly sessions: SessionStore;
  readonly guestCalls: GuestCallStore;
  readonly contacts: ContactStore;
  readonly applications: ApplicationStore;
  readonly messages: MessageStore;
  readonly deliveries: DeliveryStore;
  readonly changes: ChangeStore;
}

export interface UnitOfWork extends Stores {
  /** Runs after the commit, in commit order. Must not throw. */
  afterCommit(action: () => void): void;
}

export interface Storage extends Stores {
  /** Runs a unit of work. Units that wait at the same time share one commit (and one flush to the disk). */
  write<Result>(work: (unit: UnitOfWork) => Promise<Result>): Promise<Result>;
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
