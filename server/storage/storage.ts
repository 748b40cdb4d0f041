/**
 * What the domain asks of a database. Implementations keep three promises:
 * a unit of work passed to {@link Storage.write} happens entirely or not at all, it is durable on disk before the
 * returned promise resolves, and `afterCommit` callbacks run in commit order, before anything that comes later.
 */
import type {
  AccountRecord,
  ApplicationRecord,
  ApplicationStatus,
  ContactRecord,
  ContactWithFriend,
  DeviceDetails,
  NewAccount,
  NewMessage,
  ProfileRecord,
  QueuedDelivery,
  SessionRecord,
  StoredMessage,
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

/** At most one live session per account; only the SHA-256 of its token is kept. */
export interface SessionStore {
  get(accountId: number): Promise<SessionRecord | undefined>;
  /** Session and account in one read: the check of every authenticated request. */
  check(
    accountId: number,
  ): Promise<{ session: SessionRecord | undefined; account: AccountRecord | undefined }>;
  replace(session: SessionRecord): Promise<void>;
  remove(accountId: number): Promise<void>;
}

/** Counter of guest-endpoint calls per device (section 3.5 of the protocol). */
export interface GuestCallStore {
  /** Counts one call, restarts the window and returns the count in the current window. */
  count(deviceId: string, now: number, windowMilliseconds: number): Promise<number>;
}

export interface ContactStore {
  find(ownerId: number, friendId: number): Promise<ContactRecord | undefined>;
  list(ownerId: number): Promise<ContactWithFriend[]>;
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
}

/** Messages on their way: a row lives until the recipient's socket proved to have received it. */
export interface DeliveryStore {
  /** Appends to the queue of an account and returns the ordinal, which only rises. */
  enqueue(recipientId: number, messageId: number | null, payload: string | null): Promise<number>;
  /** Queued deliveries above an ordinal, oldest first. */
  after(recipientId: number, ordinal: number, limit: number): Promise<QueuedDelivery[]>;
  removeUpTo(recipientId: number, ordinal: number): Promise<void>;
}

export interface Stores {
  readonly accounts: AccountStore;
  readonly sessions: SessionStore;
  readonly guestCalls: GuestCallStore;
  readonly contacts: ContactStore;
  readonly applications: ApplicationStore;
  readonly messages: MessageStore;
  readonly deliveries: DeliveryStore;
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
