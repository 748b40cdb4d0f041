import type { AccountId } from './account.ts';

/** Somebody in my contacts. */
export interface Contact {
  accountId: AccountId;
  /** Id of the contact row, which some calls want instead of the account id. */
  contactId: number;
  uuid: string;
  username: string;
  nickname: string;
  /** My own name for them; empty when I gave none. */
  alias: string;
  /** Alias, else nickname, else user name. */
  name: string;
  avatar: string;
  /** Upper-case initial (Chinese by pinyin) or `#`; contacts are grouped by it. */
  initial: string;
  /** False too where the server does not mark its list. */
  starred: boolean;
  blocked: boolean;
}

/** Somebody found by search. */
export interface FoundAccount {
  accountId: AccountId;
  uuid: string;
  username: string;
  nickname: string;
  avatar: string;
  relation: 'self' | 'friend' | 'stranger';
}

export type ApplicationStatus = 'pending' | 'agree' | 'refuse' | 'ignore';

/** Somebody who wants to be my contact. */
export interface FriendApplication {
  id: number;
  applicant: { accountId: AccountId; uuid: string; username: string; nickname: string; avatar: string };
  /** What they wrote; may be empty. */
  message: string;
  status: ApplicationStatus;
  /** As the server prints it; not parsed. */
  createdAt: string;
}
