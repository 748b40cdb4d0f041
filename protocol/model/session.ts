import type { Account, ServerInfo } from './account.ts';
import type { NetworkProblem } from './network.ts';

/** Why a session ended without the person asking for it. */
export type SessionEndReason = 'signed-in-elsewhere' | 'session-ended' | 'account-disabled';

export type SessionState =
  | { phase: 'welcome' }
  | {
      phase: 'signed-out';
      server: ServerInfo;
      /** The last account here, to fill in the form. */
      lastUsername: string;
      ended: { reason: SessionEndReason; serverText?: string } | null;
    }
  | {
      phase: 'signed-in';
      server: ServerInfo;
      account: Account;
      /** Whose data the window shows; see {@link AccountEntry}. */
      accountKey: string;
      ended: null;
    };

/** An account of this app. All that are signed in receive; one of them is on screen. */
export interface AccountEntry {
  /** Name of the account on this machine; unique over servers. */
  key: string;
  account: Account;
  server: ServerInfo;
  /** Index of its colour, below {@link ACCOUNT_COLOURS}. */
  colour: number;
  state: 'shown' | 'signed-in' | 'signed-out';
  connection: ConnectionState['state'];
  /** Over its conversations that are not muted, and messages that mean the person in those that are. */
  unread: number;
}

export interface AccountList {
  /** In the order in which they came to this app. */
  accounts: AccountEntry[];
  /** Over all of them. */
  unreadTotal: number;
}

/** Beyond that many accounts colours repeat. */
export const ACCOUNT_COLOURS = 8;

export type ConnectionState =
  | { state: 'online' }
  | { state: 'connecting'; attempt: number }
  | {
      state: 'offline';
      reason: OfflineReason;
      /** The server's own sentence when it refused. */
      serverText?: string;
      /** What on the way to the server is the matter, where that is known. */
      problem?: NetworkProblem;
      /** Milliseconds since the epoch of the next automatic try; null when none is planned. */
      retryAt: number | null;
    };

/** Whether the history on this computer can be read and written. `full` and `read-only` can still be read. */
export type StorageState = 'ok' | 'full' | 'read-only' | 'unavailable';

export type OfflineReason = 'unreachable' | 'lost' | 'refused' | 'silent' | 'signed-out';

export type EmbeddedServerState =
  | { state: 'stopped' }
  | { state: 'starting' }
  | { state: 'running'; origin: string }
  | { state: 'failed'; message: string };
