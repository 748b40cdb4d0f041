import type { Clock } from './clock.ts';

/** A clock that moves only when a test says so. */
export interface FakeClock extends Clock {
  advance(milliseconds: number): void;
  /** The machine sleeps: what was planned for that time happens late, when the clock moves on. */
  sleep(milliseconds: number): void;
  /** Somebody sets the clock of the computer; no time passes. */
  set(byMilliseconds: number): void;
  /** Lets the next planned callback happen; false when nothing is planned. */
  runNext(): boolean;
  readonly planned: number;
}

export function createFakeClock(options: { now?: number; random?: () => number } = {}): FakeClock {
  let now = options.now ?? 1_700_000_000_000;
  let offset = 0;
  let nextId = 0;
  const timers = new Map<number, { at: number; callback: () => void }>();
  const first = () => [...timers].sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
  const run = (limit: number): boolean => {
    const entry = first();
    if (entry === undefined || entry[1].at > limit) return false;
    timers.delete(entry[0]);
    now = Math.max(now, entry[1].at);
    entry[1].callback();
    return true;
  };
  return {
    now: () => now + offset,
    uptime: () => now,
    sleep: (milliseconds) => void (now += milliseconds),
    set: (by) => void (offset += by),
    random: options.random ?? (() => 0.5),
    after(milliseconds, callback) {
      const id = nextId++;
      timers.set(id, { at: now + milliseconds, callback });
      return () => void timers.delete(id);
    },
    advance(milliseconds) {
      const target = now + milliseconds;
      while (run(target));
      now = target;
    },
    runNext: () => run(Number.POSITIVE_INFINITY),
    get planned() {
      return timers.size;
    },
  };
}
