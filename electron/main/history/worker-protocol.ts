import type { WireError } from '#protocol/errors';
import type { HistoryMethods, OpenInput } from './history.ts';

/** What goes to the worker: the first message opens, the last one closes. */
export type WorkerRequest =
  | { id: number; type: 'open'; input: OpenInput }
  | { id: number; type: 'call'; method: keyof HistoryMethods; input: unknown[] }
  | { id: number; type: 'close' }
  /** To a worker of its own: answers whether the file is sound, reading all of it. */
  | { id: number; type: 'verify'; input: OpenInput }
  /** The file is known to be damaged: it is set aside for a new one. */
  | { id: number; type: 'replace' };

export type WorkerResponse =
  | { id: number; ok: true; value: unknown }
  | { id: number; ok: false; error: WireError }
  /** The database turned out to be damaged while it was used; a new one has begun. */
  | { reset: true; error: WireError };
