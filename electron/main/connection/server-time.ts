import type { Clock } from '../support/clock.ts';

/** A computer's clock that is this far off makes times on the screen wrong enough to tell somebody. */
export const CLOCK_TOLERANCE = 2 * 60_000;
/** Servers say whole seconds, and their word takes a while to get here. */
const GRANULARITY = 1_500;
/** What came with a slow answer says little about now. */
const SLOWEST_SAMPLE = 10_000;

export interface ServerTime {
  /** The server said what time it was; `took` is how long its answer was on the way, both in milliseconds. */
  heard(milliseconds: number, took: number): void;
  /** Milliseconds since the epoch by the server's clock; by this computer's until the server was heard. */
  now(): number;
}

export interface ServerTimeOptions {
  clock: Clock;
  /** This computer's clock is off by so many milliseconds, ahead when positive; told once. */
  onClockOff(by: number): void;
}

/**
 * What time it is for the server. It runs on the time that nobody can set, so neither a wrong clock of this computer
 * nor setting it makes a difference.
 */
export function createServerTime({ clock, onClockOff }: ServerTimeOptions): ServerTime {
  let sample: { server: number; uptime: number } | null = null;
  let told = false;

  return {
    heard(milliseconds, took) {
      if (!Number.isFinite(milliseconds) || took > SLOWEST_SAMPLE) return;
      const known = sample === null ? null : sample.server + (clock.uptime() - sample.uptime);
      // What was said is never later than now, so the latest of several words is the best one.
      const isWithin = known !== null && known >= milliseconds && known - milliseconds < GRANULARITY;
      if (!isWithin) sample = { server: milliseconds, uptime: clock.uptime() };
      const by = clock.now() - milliseconds;
      if (told || Math.abs(by) < CLOCK_TOLERANCE) return;
      told = true;
      onClockOff(by);
    },
    now: () => (sample === null ? clock.now() : sample.server + (clock.uptime() - sample.uptime)),
  };
}
