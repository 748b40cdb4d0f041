/** Limits on how often somebody may ask. In memory: a restart forgives. */
import { Refusal } from './refusal.ts';

export const TOO_OFTEN = '请求过于频繁，请稍后再试';

/** Above this many remembered keys the idle ones are swept out. */
const SWEEP_SIZE = 10_000;

/** A refilling allowance per key: `perSecond` on average, `burst` at once. `perSecond` 0 switches it off. */
export class Allowances {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #now: () => number;
  readonly #levels = new Map<string, { level: number; time: number }>();

  constructor(options: { perSecond: number; burst: number; now: () => number }) {
    this.#perSecond = options.perSecond;
    this.#burst = options.burst;
    this.#now = options.now;
  }

  /** Uses one unit if there is one. */
  mayTake(key: string): boolean {
    try {
      this.take(key);
      return true;
    } catch {
      return false;
    }
  }

  /** Uses one unit. Throws the refusal 429 when there is none left. */
  take(key: string): void {
    if (this.#perSecond === 0) return;
    const now = this.#now();
    if (this.#levels.size > SWEEP_SIZE) this.#sweep(now);
    const known = this.#levels.get(key);
    const elapsed = known === undefined ? 0 : Math.max(0, now - known.time);
    const level =
      known === undefined
        ? this.#burst
        : Math.min(this.#burst, known.level + (elapsed / 1000) * this.#perSecond);
    if (level < 1) {
      const retryAfter = Math.ceil((1 - level) / this.#perSecond);
      throw new Refusal(TOO_OFTEN, { status: 429, retryAfter });
    }
    this.#levels.set(key, { level: level - 1, time: now });
  }

  #sweep(now: number): void {
    const refillTime = (this.#burst / this.#perSecond) * 1000;
    for (const [key, { time }] of this.#levels) {
      if (now - time > refillTime) this.#levels.delete(key);
    }
  }
}

/** Longest pause between two tries, milliseconds. */
const LONGEST_PAUSE = 15 * 60_000;
/** Failures are forgotten after this long without another, milliseconds. */
const MEMORY = 60 * 60_000;

/** Against guessing passwords: after some free failures the pause doubles with every further one. */
export class LoginGuard {
  readonly #freeAttempts: number;
  readonly #now: () => number;
  readonly #failures = new Map<string, { count: number; time: number }>();

  constructor(options: { freeAttempts: number; now: () => number }) {
    this.#freeAttempts = options.freeAttempts;
    this.#now = options.now;
  }

  /** Throws when this key has to wait. Call before looking at the password. */
  check(key: string): void {
    if (this.#freeAttempts === 0) return;
    const known = this.#failures.get(key);
    if (known === undefined || known.count < this.#freeAttempts) return;
    const pause = Math.min(LONGEST_PAUSE, 1000 * 2 ** (known.count - this.#freeAttempts));
    const wait = known.time + pause - this.#now();
    if (wait <= 0) return;
    const retryAfter = Math.ceil(wait / 1000);
    throw new Refusal(`登录失败次数过多，请${retryAfter}秒后再试`, { status: 429, retryAfter });
  }

  /** Counts a failure; count it before the slow check of the password, so that parallel guesses do not slip through. */
  failed(key: string): void {
    const now = this.#now();
    if (this.#failures.size > SWEEP_SIZE) {
      for (const [old, { time }] of this.#failures) if (now - time > MEMORY) this.#failures.delete(old);
    }
    const known = this.#failures.get(key);
    const count = known === undefined || now - known.time > MEMORY ? 1 : known.count + 1;
    this.#failures.set(key, { count, time: now });
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }
}
