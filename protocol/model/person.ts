import type { AccountId, AccountRole } from './account.ts';

/** How many messages somebody may write to an account without being its friend. */
export type StrangerLimit = 'none' | 'one' | 'any';

/** What a person's card shows: their public profile and how I stand to them. */
export interface Person {
  accountId: AccountId;
  /** Empty where no server told it, as for guests who never wrote. */
  uuid: string;
  username: string;
  nickname: string;
  /** Alias, else nickname, else user name. */
  name: string;
  avatar: string;
  role: AccountRole;
  /** Place, words about oneself, web address: empty where there is none. */
  location: string;
  bio: string;
  relation: 'self' | 'friend' | 'stranger';
  /** Set for friends only. */
  friendship: Friendship | null;
  /** `at-once`: they want no confirmation. `asked`: they must accept first. */
  befriending: 'at-once' | 'asked';
  /** How many messages they take from me while we are no friends. */
  limit: StrangerLimit;
}

/** My own row about a friend; nobody else sees it. */
export interface Friendship {
  alias: string;
  /** False on servers that let nobody change it after the request was accepted. */
  aliasEditable: boolean;
  /** Null where the server does not say, which is so for somebody on the blacklist of a plain one. */
  starred: boolean | null;
  blocked: boolean;
  /** They may look at my moments; null as above. */
  showsMine: boolean | null;
  /** Their moments are shown to me; null as above. */
  showsTheirs: boolean | null;
}

/** The account's own settings on the server. */
export interface OwnProfile {
  nickname: string;
  /** True: somebody who wants to be a friend has to be accepted. */
  confirmsFriends: boolean;
  /** Who may write without being a friend, and how much. */
  strangers: StrangerLimit;
  guests: StrangerLimit;
}
