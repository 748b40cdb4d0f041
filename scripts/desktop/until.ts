import { setTimeout as sleep } from 'node:timers/promises';

interface UntilOptions {
  /** Milliseconds until it gives up. */
  timeout?: number;
  /** Milliseconds between two attempts. */
  every?: number;
  /** Names what is waited for, in the error message. */
  what?: string;
}

/**
 * Tries `attempt` until it gives something truthy, and returns that. An attempt that throws counts as "not yet", and
 * so does one that hangs, or gives a list with nothing in it.
 *
 * @throws when the time is up; the message has the last outcome
 */
export async function until<Value>(
  attempt: () => Value | Promise<Value>,
  { timeout = 30_000, every = 50, what = 'a condition' }: UntilOptions = {},
): Promise<NonNullable<Value>> {
  const deadline = Date.now() + timeout;
  let last: unknown;
  do {
    try {
      const hung = new Error('the attempt did not end');
      const limit = sleep(Math.max(0, deadline - Date.now()), hung, { ref: false });
      const value = await Promise.race([Promise.resolve(attempt()), limit]);
      const isEmpty = Array.isArray(value) && value.length === 0;
      if (value && value !== hung && !isEmpty) return value as NonNullable<Value>;
      last = value;
    } catch (error) {
      last = error;
    }
    await sleep(every);
  } while (Date.now() < deadline);
  const outcome = last instanceof Error ? last.message : JSON.stringify(last);
  throw new Error(`timed out after ${timeout} ms waiting for ${what}; last: ${outcome}`);
}
