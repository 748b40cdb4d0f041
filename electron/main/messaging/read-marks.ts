import { MagpieError } from '#protocol/errors';
import type { ChatDialect } from '../dialects/chat-dialect.ts';
import type { History } from '../history/history.ts';
import { backoffDelay } from '../support/backoff.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';

/** Reading goes on while messages come in: one mark tells of all of them. */
const GATHER = 400;

export interface ReadMarksOptions {
  history: Pick<History, 'untoldReads' | 'readTold'>;
  dialect: Pick<ChatDialect, 'markRead'>;
  clock: Clock;
  logger: Logger;
  /** The server takes marks, and there is a connection. */
  possible(): boolean;
}

export type ReadMarks = ReturnType<typeof createReadMarks>;

/** Tells the server how far the person has read. The marks are in history, so none is lost by a restart. */
export function createReadMarks(options: ReadMarksOptions) {
  const { history, dialect, clock } = options;
  const log = options.logger.module('read-marks');
  let cancel: (() => void) | null = null;
  let working = false;
  let again = false;
  let failures = 0;

  const tell = async () => {
    if (working) {
      again = true;
      return;
    }
    working = true;
    again = false;
    try {
      for (const mark of await history.untoldReads()) {
        if (!options.possible()) return;
        try {
          await dialect.markRead(mark.conversationId, mark.sequence);
        } catch (thrown) {
          // A refusal will be one every time, so it ends the matter.
          if (!(thrown instanceof MagpieError) || thrown.code !== 'refused') throw thrown;
          log.warn('refused', { conversationId: mark.conversationId });
        }
        await history.readTold(mark);
      }
      failures = 0;
    } catch (thrown) {
      failures += 1;
      log.warn('not-told', { failures, why: thrown instanceof Error ? thrown.message : String(thrown) });
      later(backoffDelay(failures, () => clock.random()));
    } finally {
      working = false;
      if (again) later(GATHER);
    }
  };

  const later = (delay: number) => {
    if (!options.possible()) return;
    cancel ??= clock.after(delay, () => {
      cancel = null;
      void tell();
    });
  };

  return {
    /** Something may have been read, or the connection is back. */
    poke: () => later(GATHER),
    stop(): void {
      cancel?.();
      cancel = null;
    },
  };
}
