/** Numeric account id as the server gives it; unique per server only. */
export type AccountId = number;

export type AccountRole = 'user' | 'visitor' | 'admin';

/** The person who is signed in, or another person as the server describes them. */
export interface Account {
  id: AccountId;
  /** Public id (36 characters) under which the profile is found. */
  uuid: string;
  username: string;
  /** May be empty; {@link displayName} falls back to the user name. */
  nickname: string;
  /** Absolute URL, or empty when there is none (the window then draws initials). */
  avatar: string;
  /** Role of this session: a registered account entered as a guest is `visitor` here. */
  role: AccountRole;
}

export function displayName(account: Pick<Account, 'username' | 'nickname'>): string {
  return account.nickname === '' ? account.username : account.nickname;
}

/** Whose presence is known, and how; accounts in neither list are unknown. */
export interface Presence {
  online: AccountId[];
  offline: AccountId[];
}

export type Dialect = 'egg-im';

/** A chat server that the person chose. */
export interface ServerInfo {
  /** Scheme, host and port, without a trailing slash: `http://127.0.0.1:7001`. */
  origin: string;
  dialect: Dialect;
  /** True for the server inside this app. */
  embedded: boolean;
  /** False on a plain server without our extensions. */
  extensions: boolean;
}
