import { toWireError } from '#protocol/errors';
import type { StorageState } from '#protocol/model/session';
import type { Clock } from '../support/clock.ts';
import { HISTORY_METHODS, type History } from './history.ts';

/** A worker that died is replaced by the next call, so the first look comes soon. */
export const FIRST_LOOK = 500;
export const LOOK_EVERY = 3_000;
/** Bytes. With less the next picture or backlog would fill the disk again, and the hint would come and go. */
export const ROOM = 4 * 1024 * 1024;

export interface StorageWatchOptions {
  history: History;
  clock: Clock;
  /** Free bytes where the history lies. */
  freeSpace(): Promise<number>;
  /** Called with every change; it begins as `ok`. */
  onState(state: StorageState): void;
}

export interface StorageWatch {
  /** The history itself; what its calls come to is watched. */
  history: History;
  readonly state: StorageState;
  /** The person says that there is room again: looks at once. */
  look(): Promise<void>;
  stop(): void;
}

/** What a failure says about the disk; null when it says nothing. */
export function storageStateOf(thrown: unknown): Exclude<StorageState, 'ok'> | null {
  switch (toWireError(thrown).code) {
    case 'disk-full':
      return 'full';
    case 'disk-read-only':
      return 'read-only';
    case 'history-unavailable':
      return 'unavailable';
    default:
      return null;
  }
}

/**
 * Notices when the history cannot be written, and when it can again: after a failure it tries a write of its own until
 * one succeeds, because nobody else may have anything to write.
 */
export function watchStorage(options: StorageWatchOptions): StorageWatch {
  const { clock } = options;
  let state: StorageState = 'ok';
  let cancel: (() => void) | null = null;
  let stopped = false;

  const become = (next: StorageState) => {
    if (next === state || stopped) return;
    state = next;
    options.onState(next);
  };
  const judge = (thrown: unknown) => {
    const found = storageStateOf(thrown);
    if (found === null || stopped) return;
    become(found);
    cancel ??= clock.after(found === 'unavailable' ? FIRST_LOOK : LOOK_EVERY, () => void look());
  };
  const look = async () => {
    cancel?.();
    cancel = null;
    try {
      await options.history.tryWrite(clock.now());
      const isTight = state === 'full' && (await options.freeSpace().catch(() => ROOM)) < ROOM;
      if (isTight) cancel ??= clock.after(LOOK_EVERY, () => void look());
      else become('ok');
    } catch (thrown) {
      judge(thrown);
    }
  };

  const methods = Object.fromEntries(
    HISTORY_METHODS.map((name) => [
      name,
      async (...input: unknown[]) => {
        try {
          return await (options.history[name] as (...input: unknown[]) => Promise<unknown>)(...input);
        } catch (thrown) {
          judge(thrown);
          throw thrown;
        }
      },
    ]),
  ) as unknown as Omit<History, 'close'>;

  const stop = () => {
    stopped = true;
    cancel?.();
    cancel = null;
  };
  return {
    history: {
      ...methods,
      async close() {
        stop();
        await options.history.close();
      },
    },
    get state() {
      return state;
    },
    async look() {
      if (state !== 'ok' && !stopped) await look();
    },
    stop,
  };
}
