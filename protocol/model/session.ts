import type { Account, ServerInfo } from './account.ts';

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
  | { phase: 'signed-in'; server: ServerInfo; account: Account; ended: null };

export type ConnectionState =
  | { state: 'online' }
  | { state: 'connecting'; attempt: number }
  | {
      state: 'offline';
      reason: OfflineReason;
      /** The server's own sentence when it refused. */
      serverText?: string;
      /** Milliseconds since the epoch of the next automatic try; null when none is planned. */
      retryAt: number | null;
    };

export type OfflineReason = 'unreachable' | 'lost' | 'refused' | 'silent' | 'signed-out';

export type EmbeddedServerState =
  | { state: 'stopped' }
  | { state: 'starting' }
  | { state: 'running'; origin: string }
  | { state: 'failed'; message: string };
