import type { ConnectionEvent } from '#protocol/model/diagnostics';
import type { ConnectionState } from '#protocol/model/session';

const KEPT = 100;

/** What a connection went through since the start; the last hundred changes. */
export interface ConnectionLog {
  note(state: ConnectionState): void;
  /** Newest first. */
  list(): ConnectionEvent[];
}

export function createConnectionLog(now: () => number): ConnectionLog {
  const events: ConnectionEvent[] = [];
  return {
    note(state) {
      const offline = state.state === 'offline' ? state : null;
      events.unshift({
        ...{ at: now(), state: state.state },
        ...{ reason: offline?.reason ?? null, problem: offline?.problem?.kind ?? null },
      });
      events.length = Math.min(events.length, KEPT);
    },
    list: () => [...events],
  };
}
