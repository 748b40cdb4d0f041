import type { HistoryChanges } from '#protocol/ipc';
import type { ConversationId } from '#protocol/model/conversation';
import type { DomainEvent } from '../dialects/chat-dialect.ts';
import type { History } from '../history/history.ts';
import { backoffDelay } from '../support/backoff.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';

/** Messages written in one transaction at most: keeps single writes, and the events they cause, short. */
const BATCH_LIMIT = 500;

export interface InboxOptions {
  history: Pick<History, 'receive'>;
  clock: Clock;
  logger: Logger;
  /** The conversation in front of the person right now, or null. */
  reading(): ConversationId | null;
  /** The conversations whose messages the window shows. */
  shown(): ConversationId[];
  onChanges(changes: HistoryChanges): void;
  /** Something before what came may be missing. */
  onTorn?(): void;
  /** History refuses to be written; called once per streak of failures. */
  onTrouble(thrown: unknown): void;
}

export interface Inbox {
  accept(event: DomainEvent): void;
  /** Resolves when everything accepted so far is stored; never, when it cannot be. */
  settled(): Promise<void>;
  /** The disk takes something again: what could not be stored is tried now. */
  wake(): void;
  /** Writes what has come and takes no more; gives up on a history that cannot be written. */
  stop(): Promise<void>;
}

/**
 * Writes what arrives. While one batch is being written the next gathers, so that a burst becomes few transactions
 * and a single message waits for nobody.
 */
export function createInbox(options: InboxOptions): Inbox {
  const { history, clock } = options;
  const log = options.logger.module('inbox');
  let waiting: DomainEvent[] = [];
  let working: Promise<void> | null = null;
  let stopped = false;
  let interrupt: (() => void) | null = null;
  let accepted = 0;
  let stored = 0;
  let waiters: { until: number; resolve: () => void }[] = [];

  const write = async () => {
    let failures = 0;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH_LIMIT);
      try {
        const { value, changes } = await history.receive({
          messages: batch.flatMap((event) => (event.type === 'message' ? [event.message] : [])),
          recalls: batch.flatMap((event) => (event.type === 'recall' ? [{ ...event, tombstone: null }] : [])),
          reading: options.reading(),
          shown: options.shown(),
        });
        waiting = waiting.slice(batch.length);
        stored += batch.length;
        for (const { until, resolve } of waiters) if (until <= stored) resolve();
        waiters = waiters.filter(({ until }) => until > stored);
        failures = 0;
        options.onChanges(changes);
        if (value.torn) options.onTorn?.();
      } catch (thrown) {
        failures += 1;
        log.error('write-failed', thrown, { failures, waiting: waiting.length });
        if (failures === 1) options.onTrouble(thrown);
        if (stopped) return;
        // The server may have forgotten these messages already: they are kept here until they can be stored.
        await new Promise<void>((resolve) => {
          const cancel = clock.after(
            backoffDelay(failures, () => clock.random()),
            resolve,
          );
          interrupt = () => {
            cancel();
            resolve();
          };
        });
        interrupt = null;
      }
    }
    // In the same breath as the last look: what comes from now on starts the writing anew.
    working = null;
  };

  return {
    accept(event) {
      if (stopped) return;
      accepted += 1;
      waiting.push(event);
      working ??= write();
    },
    settled() {
      if (stored >= accepted) return Promise.resolve();
      const until = accepted;
      return new Promise((resolve) => waiters.push({ until, resolve }));
    },
    wake: () => interrupt?.(),
    async stop() {
      stopped = true;
      interrupt?.();
      await working;
    },
  };
}
