import type { WireError } from '#protocol/errors';
import type { HistoryMethods, OpenInput } from './history.ts';

/** What goes to the worker: the first message opens, the last one closes. */
export type WorkerRequest =
  | { id: number; type: 'open'; input: OpenInput }
  | { id: number; type: 'call'; method: keyof HistoryMethods; input: unknown[] }
  | { id: number; type: 'close' };

export type WorkerResponse =
  | { id: number; ok: true; value: unknown }
  | { id: number; ok: false; error: WireError }
  /** The database turned out to be damaged while it was used; a new one has begun. */
  | { reset: true; error: WireError };
