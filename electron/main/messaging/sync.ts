import type { HistoryChanges } from '#protocol/ipc';
import type { ConversationId } from '#protocol/model/conversation';
import type { ChatDialect, DomainEvent } from '../dialects/chat-dialect.ts';
import type { Gap, GroupNews, History } from '../history/history.ts';
import { backoffDelay } from '../support/backoff.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import { createLane } from './lane.ts';

/** How long a frame out of turn is given to be overtaken by those before it; hints of a burst become one question. */
export const REORDER_WAIT = 300;
/** A server that registers sockets says so within this time, unless the frame was lost. */
export const READY_WAIT = 1_500;
/** Any frame may be lost, the last hint of all too: the log is asked once in a while without one. */
export const ASK_EVERY = 60_000;
const PAGE = 200;

export interface SyncOptions {
  history: Pick<History, 'syncCursor' | 'applySync' | 'gaps' | 'storeStretch'>;
  dialect: Pick<ChatDialect, 'sync' | 'history'>;
  clock: Clock;
  logger: Logger;
  reading(): ConversationId | null;
  /** The conversations whose messages the window shows. */
  shown(): ConversationId[];
  /** Where live events go when their turn has come. */
  deliver(event: DomainEvent): void;
  onChanges(changes: HistoryChanges): void;
  onContacts(): void;
  /** The log told of groups. */
  onGroups?(news: GroupNews): void;
}

export interface Sync {
  /** A socket is being opened: live events are held back until {@link Sync.begin} has caught up. */
  opening(): void;
  /** The server said that this socket is registered. */
  ready(): void;
  /** Catches up with the log, then lets live events through; what is missing is fetched in the background. */
  begin(): Promise<void>;
  /** No log here, or no connection: live events pass. */
  end(): void;
  accept(event: DomainEvent): void;
  /** A hint: the log stands at this cursor. */
  changed(cursor: number): void;
  /** A live number did not continue what is complete. */
  torn(): void;
  /** Fetches these numbers before anything else that waits. */
  fetch(gap: Gap): Promise<void>;
  /** One more question to the server, when its turn has come. */
  inTurn<Value>(work: () => Promise<Value>): Promise<Value>;
  stop(): void;
}

/**
 * Keeps history equal to the server's: the log tells where each conversation stands, numbers tell what is missing,
 * frames merely make it faster. Questions go one at a time, so that an answer is stored before the log moves on past
 * it: a recall can then never be overtaken by the words it takes back.
 */
export function createSync(options: SyncOptions): Sync {
  const { history, dialect, clock } = options;
  const log = options.logger.module('sync');
  const lane = createLane();
  let held: DomainEvent[] | null = null;
  let isReady = false;
  let onReady: (() => void) | null = null;
  let active = false;
  let stopped = false;
  let generation = 0;
  let known = 0;
  /** What came while the log was being caught up with: the newest hint, and that something was out of turn. */
  let hinted = 0;
  let isTorn = false;
  let failures = 0;
  let cancelSoon: (() => void) | null = null;
  let cancelRegular: (() => void) | null = null;
  let settling: Promise<void> | null = null;

  const release = () => {
    const events = held ?? [];
    held = null;
    for (const event of events) options.deliver(event);
  };

  const registered = () =>
    new Promise<void>((resolve) => {
      if (isReady) {
        resolve();
        return;
      }
      const cancel = clock.after(READY_WAIT, resolve);
      onReady = () => {
        cancel();
        resolve();
      };
    });

  /** Asks the log to its end. */
  const pull = async () => {
    let cursor = await history.syncCursor();
    // The pages after a reset continue it.
    let reset = false;
    for (;;) {
      const page = await dialect.sync(cursor);
      reset ||= page.reset;
      const { value, changes } = await history.applySync({ page, reset });
      options.onChanges(changes);
      options.onGroups?.(value);
      if (page.contacts) options.onContacts();
      known = page.cursor;
      if (!page.more || page.cursor === cursor) return;
      cursor = page.cursor;
    }
  };

  const fetch = async ({ conversationId, from, to }: Gap) => {
    for (let next = from; next <= to;) {
      const page = await dialect.history(conversationId, { afterSeq: next - 1, limit: PAGE });
      const last = page.messages.at(-1)?.sequence ?? 0;
      // An answer with nothing in it says that the server has nothing there: the numbers are done with.
      const end = last < next ? to : Math.min(last, to);
      const start = next;
      const messages = page.messages.filter(
        ({ sequence }) => sequence !== null && sequence >= start && sequence <= end,
      );
      const { changes } = await history.storeStretch({
        conversationId,
        from: start,
        to: end,
        messages,
        reading: options.reading(),
        shown: options.shown(),
      });
      options.onChanges(changes);
      next = end + 1;
    }
  };

  /** Fetches everything that is missing, until nothing is or nothing moves any more. */
  const settle = async () => {
    let before = '';
    for (;;) {
      const gaps = await history.gaps();
      const now = JSON.stringify(gaps);
      if (gaps.length === 0 || now === before || !active) return;
      before = now;
      for (const gap of gaps) {
        if (!active) return;
        await lane.run(() => fetch(gap));
      }
    }
  };

  const fill = () => {
    settling ??= settle()
      .then(
        () => {
          failures = 0;
        },
        (thrown: unknown) => again('not-filled', thrown),
      )
      .finally(() => {
        settling = null;
      });
    return settling;
  };

  const again = (what: string, thrown: unknown) => {
    if (!active) return;
    failures += 1;
    log.warn(what, { failures, why: thrown instanceof Error ? thrown.message : String(thrown) });
    soon(backoffDelay(failures, () => clock.random()));
  };

  const soon = (delay = REORDER_WAIT) => {
    if (!active) return;
    cancelSoon ??= clock.after(delay, () => {
      cancelSoon = null;
      if (active) lane.run(pull).then(fill, (thrown: unknown) => again('not-asked', thrown));
    });
  };

  const regularly = () => {
    cancelRegular?.();
    cancelRegular = clock.after(ASK_EVERY, () => {
      soon();
      regularly();
    });
  };

  const end = () => {
    generation += 1;
    active = false;
    cancelSoon?.();
    cancelRegular?.();
    [cancelSoon, cancelRegular] = [null, null];
    release();
  };

  return {
    opening() {
      end();
      isReady = false;
      held = [];
      [hinted, isTorn] = [0, false];
    },
    ready() {
      isReady = true;
      onReady?.();
    },
    async begin() {
      const mine = generation;
      try {
        await registered();
        await lane.run(pull);
      } finally {
        if (mine === generation) release();
      }
      if (mine !== generation || stopped) return;
      active = true;
      failures = 0;
      regularly();
      if (isTorn || hinted > known) soon();
      void fill();
    },
    end,
    accept(event) {
      if (held === null) options.deliver(event);
      else held.push(event);
    },
    changed(cursor) {
      hinted = Math.max(hinted, cursor);
      if (cursor > known) soon();
    },
    torn() {
      isTorn = true;
      soon();
    },
    fetch: (gap) => lane.run(() => fetch(gap), true),
    inTurn: (work) => lane.run(work),
    stop() {
      stopped = true;
      end();
    },
  };
}
