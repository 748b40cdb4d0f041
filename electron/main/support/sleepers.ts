import type { Clock } from './clock.ts';

export interface Sleepers {
  /** Ends early when all are woken, or when nobody wants the result any more. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
  wake(): void;
}

/** Pauses between tries, which the return of the network ends. */
export function createSleepers(clock: Pick<Clock, 'after'>): Sleepers {
  const asleep = new Set<() => void>();
  return {
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          cancel();
          asleep.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const cancel = clock.after(milliseconds, wake);
        asleep.add(wake);
        signal.addEventListener('abort', wake);
        if (signal.aborted) wake();
      }),
    wake() {
      for (const wake of [...asleep]) wake();
    },
  };
}
