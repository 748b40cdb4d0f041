import type { Clock } from '../support/clock.ts';

export interface DraftCallOptions {
  clock: Clock;
  /** A window that hangs must not hold anybody up (milliseconds). */
  patience: number;
  windowIds(): number[];
  /** Asks all windows to store what is being typed. */
  ask(): void;
}

/** Has every window store what is being typed, before its history closes or its page goes. */
export function createDraftCall({ clock, patience, windowIds, ask }: DraftCallOptions) {
  let under: { waiting: Set<number>; done: Promise<void>; resolve(): void } | null = null;

  return {
    /** Resolves when every window has, or when they had their time. */
    store(): Promise<void> {
      if (under !== null) return under.done;
      const waiting = new Set(windowIds());
      if (waiting.size === 0) return Promise.resolve();
      let resolve: () => void = () => undefined;
      const done = new Promise<void>((settle) => {
        const cancel = clock.after(patience, () => resolve());
        resolve = () => {
          cancel();
          under = null;
          settle();
        };
      });
      under = { waiting, done, resolve };
      ask();
      return done;
    },
    /** A window has stored it, or is gone. */
    ready(windowId: number): void {
      if (under === null) return;
      under.waiting.delete(windowId);
      if (under.waiting.size === 0) under.resolve();
    },
  };
}
