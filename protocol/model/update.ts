/** Newer versions of the app. */

/** Where to look: at the chosen server if it has a release, at an address of the person's own, or nowhere. */
export const UPDATE_SOURCES = ['server', 'own', 'off'] as const;
export type UpdateSource = (typeof UPDATE_SOURCES)[number];

/**
 * What this copy of the app can do with a newer version.
 * - `itself`: replaces itself, without asking for rights;
 * - `package`: belongs to the system's package manager; it can be installed with an administrator's password;
 * - `elsewhere`: somebody else put it where this user cannot write; it can only be told of;
 * - `none`: runs from its sources or an unpacked folder.
 */
export type UpdateAbility = 'itself' | 'package' | 'elsewhere' | 'none';

export interface UpdateRelease {
  version: string;
  /** Plain text; empty when the release says nothing. */
  notes: string;
}

export const UPDATE_PROBLEMS = [
  'unreachable', // the source gives no answer, or has no metadata
  'unprotected', // anybody on the way could change it: neither signed nor over TLS
  'unsigned', // a signature is missing or is not ours
  'corrupt', // what came is not what the metadata promised
  'no-space',
  'not-writable', // the file of the app cannot be replaced
  'not-installed', // the person gave no password, or the package manager refused
  'did-not-start', // it was installed once and taken back
  'failed',
] as const;
export type UpdateProblem = (typeof UPDATE_PROBLEMS)[number];

export interface UpdateState {
  ability: UpdateAbility;
  /**
   * `offered`: a release that waits for the person's yes; `ready`: downloaded and checked, it is installed when the app ends or
   * at once.
   */
  phase: 'idle' | 'checking' | 'offered' | 'downloading' | 'ready' | 'installing';
  /** The address that is asked; null while there is none. */
  source: string | null;
  release: UpdateRelease | null;
  /** Bytes, while downloading. */
  progress: { done: number; total: number } | null;
  /** Milliseconds since the epoch of the last answer; null before the first. */
  checkedAt: number | null;
  problem: UpdateProblem | null;
  /** The version that did not start, after which this one was put back; null when that has not happened. */
  takenBack: string | null;
}

/** Answer to the wish to install: it begins, or so many messages are still on their way. */
export type InstallAnswer = { begins: true } | { begins: false; waiting: number };
