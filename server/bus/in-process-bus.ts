import type { Bus, BusEvent } from './bus.ts';

/** All parts live in one process: publishing is a call. */
export function inProcessBus(onError: (error: unknown) => void): Bus {
  const listeners = new Set<(event: BusEvent) => void>();
  return {
    publish(event) {
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          // One broken listener must not take the publisher's transaction or the other listeners down.
          onError(error);
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
