/** What a server tells and lets change about people: profiles, friendships, the own account. */
import type { AccountId, AccountRole } from '#protocol/model/account';
import type { Contact, FoundAccount, FriendApplication } from '#protocol/model/contact';
import type { StrangerLimit } from '#protocol/model/person';

/** What anybody may know about an account. */
export interface PublicProfile {
  accountId: AccountId;
  uuid: string;
  username: string;
  nickname: string;
  avatar: string;
  role: AccountRole;
  location: string;
  bio: string;
}

/** How an account wants to be met. */
export interface Manners {
  uuid: string;
  /** True: a request has to be accepted. */
  confirms: boolean;
  strangers: StrangerLimit;
  guests: StrangerLimit;
  /** The settings as stored, for writing them back. */
  userset: string;
}

export interface FriendFlags {
  alias: string;
  starred: boolean;
  showsMine: boolean;
  showsTheirs: boolean;
}

export interface Picture {
  bytes: Uint8Array<ArrayBuffer>;
  type: 'image/png' | 'image/jpeg';
}

/** Failures are MagpieErrors, as everywhere in a dialect. */
export interface PeopleDialect {
  listContacts(): Promise<Contact[]>;
  searchAccounts(keyword: string): Promise<FoundAccount[]>;
  apply(accountId: AccountId, message: string): Promise<{ outcome: 'applied' | 'friends' }>;
  listApplications(page: number): Promise<{ applications: FriendApplication[]; pendingCount: number }>;
  handleApplication(id: number, decision: 'agree' | 'refuse' | 'ignore', alias?: string): Promise<void>;
  /** Null for an account that is unknown or disabled. */
  profile(uuid: string): Promise<PublicProfile | null>;
  /** Null for guests, whom nobody can ask about. */
  manners(accountId: AccountId): Promise<Manners | null>;
  /** Null for people who are no friends, and for friends on the blacklist. */
  friendFlags(accountId: AccountId): Promise<FriendFlags | null>;
  toggleStarred(accountId: AccountId): Promise<void>;
  toggleBlocked(accountId: AccountId): Promise<void>;
  setVisibility(accountId: AccountId, flags: Pick<FriendFlags, 'showsMine' | 'showsTheirs'>): Promise<void>;
  /** Only with the ability `contacts`. */
  setAlias(accountId: AccountId, alias: string): Promise<void>;
  /** Ends the friendship on both sides. */
  removeFriend(accountId: AccountId): Promise<void>;
  changeOwn(field: 'nickname' | 'avatar' | 'invite_confirm', value: string): Promise<void>;
  /** Stores a picture for the account; gives the address to be set with {@link changeOwn}. */
  uploadAvatar(picture: Picture): Promise<string>;
  saveUserset(text: string): Promise<void>;
  changePassword(passwords: { current: string; next: string }): Promise<void>;
}
