import type { HistoryChanges } from '#protocol/ipc';
import type { History } from '../history/history.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';

const DAY = 86_400_000;
/** Nobody waits for it: the start of the app and the first catching up go before. */
export const FIRST_ROUND = 60_000;
export const ROUND_EVERY = 6 * 3_600_000;
/** A choice in the settings, taken back at once, costs nothing. */
export const AFTER_CHANGE = 5_000;
const BATCH = 500;

export interface RetentionOptions {
  history: Pick<History, 'expire'>;
  clock: Clock;
  logger: Logger;
  /** Days for which messages stay; 0 for good. Asked anew in each round. */
  keepDays(): number;
  /** Milliseconds by the server's clock, null until it was heard: a wrong date of this computer must not remove anything. */
  now(): number | null;
  onChanges(changes: HistoryChanges): void;
}

/** Removes messages that are older than the person wants to keep, now and then and in small steps. */
export function createRetentionRounds(options: RetentionOptions) {
  const { history, clock } = options;
  const log = options.logger.module('retention');
  let cancel: (() => void) | null = null;
  let working = false;
  let stopped = false;

  const round = async () => {
    if (working) return;
    working = true;
    let total = 0;
    try {
      for (let days = options.keepDays(); days > 0 && !stopped; days = options.keepDays()) {
        const now = options.now();
        if (now === null) break;
        const { value, changes } = await history.expire({ before: now - days * DAY, limit: BATCH });
        total += value.removed;
        if (value.removed > 0) options.onChanges(changes);
        if (value.removed < BATCH) break;
      }
    } catch (thrown) {
      // The disk tells its troubles elsewhere; the next round tries again.
      log.warn('not-removed', { why: thrown instanceof Error ? thrown.message : String(thrown) });
    } finally {
      working = false;
    }
    if (total > 0) log.info('removed', { total });
    plan(options.now() === null ? FIRST_ROUND : ROUND_EVERY);
  };
  const plan = (delay: number) => {
    cancel?.();
    if (!stopped) cancel = clock.after(delay, () => void round());
  };

  return {
    start: () => plan(FIRST_ROUND),
    /** How long messages stay was set anew. */
    soon: () => plan(AFTER_CHANGE),
    stop(): void {
      stopped = true;
      cancel?.();
    },
  };
}
