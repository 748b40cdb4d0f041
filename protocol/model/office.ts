/** What the server inside the app does for others: lets them join over the network, and saves what they wrote. */

export type Sharing =
  | { state: 'off' }
  | { state: 'opening' }
  | {
      state: 'on';
      port: number;
      /** SHA-256 of the certificate, `AB:CD:…`. */
      fingerprint: string;
      /** What people read in the list of found servers. */
      name: string;
      /** IP addresses of this computer that others may reach, the likeliest first. */
      addresses: string[];
      /** Other apps find it by themselves. */
      announced: boolean;
    }
  | { state: 'failed'; message: string };

/** An open connection of an account. */
export interface ConnectedDevice {
  id: number;
  username: string;
  /** IP address it came from. */
  address: string;
  /** As the client names it, such as `desktop`; may be empty. */
  deviceKind: string;
  /** Milliseconds since 1970. */
  since: number;
}

export const BACKUP_HOURS = [0, 6, 24, 168] as const;
/** 0: only when somebody asks. */
export type BackupHours = (typeof BACKUP_HOURS)[number];

export const BACKUP_PROBLEMS = ['disk-full', 'place-unusable', 'busy', 'cancelled', 'failed'] as const;
export type BackupProblem = (typeof BACKUP_PROBLEMS)[number];

/** Times are milliseconds since 1970. */
export interface BackupState {
  /** The folder that they go to; null when none is chosen. */
  place: string | null;
  everyHours: number;
  /** How many stay; 0 for all. */
  keep: number;
  /** Files that are done and all of them, while one is made. */
  running: { done: number; total: number } | null;
  /** The newest complete one of this server in the place. */
  last: { path: string; madeAt: number } | null;
  /** Why the newest try failed; null when it did not. */
  failure: { at: number; problem: BackupProblem; message: string } | null;
  /** When the schedule makes the next one. */
  nextAt: number | null;
}

/** A backup that somebody chose, after every byte of it was read. */
export interface FoundBackup {
  path: string;
  /** Milliseconds since 1970; null when it does not say. */
  madeAt: number | null;
  files: number;
  bytes: number;
  /** Files whose content was lost already when it was made. */
  missing: number;
  /** Why it cannot be restored, one line for those who look after the server; null when it can. */
  problem: string | null;
}

/** Characters of the name under which a server is found. */
export const OFFICE_NAME = 63;

export interface OfficeState {
  /** What the server is called where others find it: the person's own word, or the name of the computer. */
  name: string;
  /** The switch as the person left it; it may be on while nothing listens yet. */
  wanted: boolean;
  sharing: Sharing;
  connected: ConnectedDevice[];
  backup: BackupState;
}

/** A server that announced itself on the network. What it says is proved by nothing but its certificate. */
export interface FoundServer {
  /** Origin, such as `https://192.168.1.5:7001`. */
  origin: string;
  name: string;
  /** `AB:CD:…` */
  fingerprint: string;
}
