import type { ConnectionState, OfflineReason } from './session.ts';

/** What helps to find out why something is slow or does not work. Nothing in it tells what people wrote. */
export interface Diagnostics {
  /** Milliseconds since the epoch. */
  at: number;
  startedAt: number;
  versions: { app: string; electron: string; chrome: string; node: string; system: string };
  /** Bytes of all processes together, and how many these are. */
  memory: { bytes: number; processes: number };
  /** How long the main process kept others waiting while this was measured, milliseconds. */
  eventLoop: { mean: number; p99: number; max: number };
  /** Histories on this computer, in bytes with their logs. */
  databases: { account: string; bytes: number }[];
  /** What the connection of the account on screen went through, newest first. */
  connections: ConnectionEvent[];
  logs: { folder: string; bytes: number };
  /** Reports of crashes, newest first; they stay on this computer. */
  crashes: { at: number; bytes: number }[];
}

export interface ConnectionEvent {
  /** Milliseconds since the epoch. */
  at: number;
  state: ConnectionState['state'];
  reason: OfflineReason | null;
  /** Kind of the problem on the way, where it is known. */
  problem: string | null;
}
