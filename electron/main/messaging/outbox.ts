import { assertNever, type MagpieError } from '#protocol/errors';
import type { HistoryChanges } from '#protocol/ipc';
import type { ConversationId } from '#protocol/model/conversation';
import type { ChatDialect } from '../dialects/chat-dialect.ts';
import type { History, PendingMessage } from '../history/history.ts';
import { fullJitterDelay } from '../support/backoff.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';

export interface OutboxOptions {
  history: Pick<
    History,
    'pendingConversations' | 'nextPending' | 'acknowledge' | 'settle' | 'setAttempted' | 'settleAttempted'
  >;
  dialect: Pick<ChatDialect, 'idempotentSend' | 'sendText'>;
  clock: Clock;
  logger: Logger;
  onChanges(changes: HistoryChanges): void;
  onSessionEnded(error: MagpieError): void;
}

export interface Outbox {
  /** Takes up what an earlier run left. */
  start(): Promise<void>;
  /** Something new is pending in this conversation. */
  added(conversationId: ConversationId): void;
  /** The network is back, or the person asks: whatever waits for its next try tries now. */
  wake(): void;
  /** Starts nothing more; what is under way is left to the next run. Resolves when no send is under way. */
  stop(): Promise<void>;
}

/**
 * Sends pending messages: one at a time and in order within a conversation, conversations side by side. The truth is
 * in history; a lane only says who is at work and how often it has failed.
 */
export function createOutbox(options: OutboxOptions): Outbox {
  const { history, dialect, clock, onChanges } = options;
  const log = options.logger.module('outbox');
  const lanes = new Map<ConversationId, { done: Promise<void>; again: boolean }>();
  const sleepers = new Set<() => void>();
  let stopped = false;

  const sleep = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      // A send that was under way at the stop may end in a pause that nobody would wake from.
      if (stopped) {
        resolve();
        return;
      }
      const wake = () => {
        cancel();
        sleepers.delete(wake);
        resolve();
      };
      const cancel = clock.after(milliseconds, wake);
      sleepers.add(wake);
    });

  const run = (conversationId: ConversationId) => {
    if (stopped) return;
    const lane = lanes.get(conversationId);
    if (lane !== undefined) {
      lane.again = true;
      return;
    }
    const started = { done: Promise.resolve(), again: false };
    lanes.set(conversationId, started);
    started.done = work(conversationId).finally(() => {
      lanes.delete(conversationId);
      // Added between the last look and the end of the lane.
      if (started.again) run(conversationId);
    });
  };

  const work = async (conversationId: ConversationId) => {
    let failures = 0;
    while (!stopped) {
      try {
        const next = await history.nextPending(conversationId, clock.now());
        if (next === null || stopped) return;
        if (next.wait > 0) {
          await sleep(next.wait);
          continue;
        }
        const wait = await deliver(next);
        if (wait === null) {
          failures = 0;
          continue;
        }
        failures += 1;
        const delay = Math.max(
          wait * 1_000,
          fullJitterDelay(failures, () => clock.random()),
        );
        log.info('waiting', { conversationId, failures, delay });
        await sleep(delay);
      } catch (thrown) {
        // History could not be read or written: what is pending stays so, and is tried again like a network failure.
        log.error('lane-failed', thrown, { conversationId });
        failures += 1;
        await sleep(fullJitterDelay(failures, () => clock.random()));
      }
    }
  };

  /** One try. Null: this message is settled; else the least number of seconds before the next try. */
  const deliver = async (message: PendingMessage): Promise<number | null> => {
    const { clientMessageId, conversationId, content } = message;
    if (content.kind !== 'text') {
      const failure = { code: 'not-allowed' };
      onChanges((await history.settle({ clientMessageId, status: 'failed', failure })).changes);
      return null;
    }
    if (!dialect.idempotentSend) await history.setAttempted({ clientMessageId, attempted: true });
    const result = await dialect.sendText({ clientMessageId, conversationId, text: content.text });
    switch (result.kind) {
      case 'acknowledged': {
        const { acknowledgement } = result;
        onChanges((await history.acknowledge({ clientMessageId, acknowledgement })).changes);
        return null;
      }
      case 'refused': {
        const { failure } = result;
        log.warn('refused', { clientMessageId, code: failure.code });
        onChanges((await history.settle({ clientMessageId, status: 'failed', failure })).changes);
        return null;
      }
      case 'unknown':
        log.warn('answer-lost', { clientMessageId });
        onChanges((await history.settle({ clientMessageId, status: 'unconfirmed', failure: null })).changes);
        return null;
      case 'retry':
        if (!dialect.idempotentSend) await history.setAttempted({ clientMessageId, attempted: false });
        return result.afterSeconds ?? 0;
      case 'session-ended':
        if (!dialect.idempotentSend) await history.setAttempted({ clientMessageId, attempted: false });
        stopped = true;
        options.onSessionEnded(result.error);
        return null;
      default:
        return assertNever(result, 'send result');
    }
  };

  const wake = () => {
    for (const wakeOne of [...sleepers]) wakeOne();
  };

  return {
    async start() {
      if (!dialect.idempotentSend) onChanges((await history.settleAttempted()).changes);
      for (const conversationId of await history.pendingConversations()) run(conversationId);
    },
    added: run,
    wake,
    async stop() {
      stopped = true;
      wake();
      await Promise.all([...lanes.values()].map((lane) => lane.done));
    },
  };
}
