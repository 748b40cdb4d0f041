/** Finds out that a page is no longer alive although nothing says so. */
import type { Clock } from '../support/clock.ts';

/** Milliseconds between two questions. */
export const ASK_EVERY = 5_000;
/** So long without an answer, and the person looks at a picture of a window. */
export const SILENCE = 10_000;
/** A timer that comes later than this slept with the machine; the silence was ours. */
const OVERSLEPT = 2_000;

export interface WatchdogOptions {
  clock: Clock;
  /** Resolves as soon as the page's thread has a moment. May reject; that is an answer too. */
  ask(): Promise<unknown>;
  /** Somebody could see it, and it is neither loading nor being debugged. */
  isWatched(): boolean;
  onSilent(): void;
}

export function createWatchdog({ clock, ask, isWatched, onSilent }: WatchdogOptions) {
  let askedAt: number | null = null;
  /** Answers to an earlier question say nothing. */
  let question = 0;
  let cancel: () => void = () => undefined;

  const look = () => {
    const now = clock.uptime();
    if (!isWatched()) askedAt = null;
    else if (askedAt === null) {
      askedAt = now;
      const mine = (question += 1);
      const heard = () => {
        if (mine === question) askedAt = null;
      };
      ask().then(heard, heard);
    } else if (now - askedAt >= SILENCE) {
      askedAt = null;
      question += 1;
      onSilent();
    }
    wait();
  };
  const wait = () => {
    const due = clock.uptime() + ASK_EVERY;
    cancel = clock.after(ASK_EVERY, () => {
      if (clock.uptime() - due > OVERSLEPT && askedAt !== null) askedAt = clock.uptime();
      look();
    });
  };
  wait();

  return { stop: () => cancel() };
}

/** What is done about a page that went white, hung or did not start. */
export type Remedy = 'reload' | 'safe-mode' | 'error-page';

/** Failures that far apart have nothing to do with each other. */
export const MEMORY = 5 * 60_000;

/** The first failure may be chance, the second one is the graphics card's until proved otherwise, then a person is asked. */
export function createRecovery({ clock, safeMode }: { clock: Pick<Clock, 'uptime'>; safeMode: boolean }) {
  let failures: number[] = [];
  return {
    failed(): Remedy {
      const now = clock.uptime();
      failures = [...failures.filter((at) => now - at < MEMORY), now];
      if (failures.length === 1) return 'reload';
      return failures.length === 2 && !safeMode ? 'safe-mode' : 'error-page';
    },
  };
}
