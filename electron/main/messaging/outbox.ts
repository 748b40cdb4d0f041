import { assertNever, MagpieError } from '#protocol/errors';
import type { HistoryChanges } from '#protocol/ipc';
import type { ConversationId } from '#protocol/model/conversation';
import { isMedia, type MediaContent, type MessageFailure } from '#protocol/model/message';
import type { ChatDialect, OutgoingMedia, SendResult } from '../dialects/chat-dialect.ts';
import type { History, PendingMessage } from '../history/history.ts';
import { fullJitterDelay } from '../support/backoff.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';

export interface OutboxOptions {
  history: Pick<
    History,
    | 'pendingConversations'
    | 'nextPending'
    | 'acknowledge'
    | 'settle'
    | 'setAttempted'
    | 'settleAttempted'
    | 'replaceContent'
  >;
  dialect: Pick<ChatDialect, 'idempotentSend' | 'sendText'>;
  /** Brings the files of a message to the server; without it messages with files cannot be sent. */
  files?: OutboxFiles;
  clock: Clock;
  logger: Logger;
  onChanges(changes: HistoryChanges): void;
  onSessionEnded(error: MagpieError): void;
  /** A refusal says that the person is no member of the group any more, or that it is gone. */
  onMembershipEnded?(conversationId: ConversationId, ended: 'removed' | 'dissolved'): void;
}

/** What the outbox needs of the uploads. */
export interface OutboxFiles {
  /**
   * The content with addresses on the server, and what was staged for it; waits for as long as the network needs.
   * @throws {MagpieError} `refused` or `file-gone` for good, `cancelled` when the message or everything was stopped
   */
  ready(content: MediaContent): Promise<{ staged: MediaContent; content: MediaContent }>;
  /** Never throws. */
  send(message: Omit<OutgoingMedia, 'uploads'>, signal?: AbortSignal): Promise<SendResult>;
  /** The server has forgotten what was uploaded for this content: the next `ready` brings it again. */
  gone(content: MediaContent): Promise<void>;
  /** The server has the message: what was kept for its upload may go. */
  sent(staged: MediaContent, content: MediaContent): Promise<void>;
}

export interface Outbox {
  /** Takes up what an earlier run left. */
  start(): Promise<void>;
  /** Something new is pending in this conversation. */
  added(conversationId: ConversationId): void;
  /** The network is back, or the person asks: whatever waits for its next try tries now. */
  wake(): void;
  /**
   * The connection is back. Besides waking: a send that is under way may hang on a line that is dead without knowing, so
   * it is given up and repeated at once where a repeat does no harm.
   */
  reconnected(): void;
  /** Starts nothing more; what is under way is left to the next run. Resolves when no send is under way. */
  stop(): Promise<void>;
}

/** This message may not be the first of its conversation any more. */
const LOOK_AGAIN = 'look again';

interface Lane {
  done: Promise<void>;
  /** Something was added after the last look. */
  again: boolean;
  /** In a row; decides how long the next pause is. */
  failures: number;
  /** Gives up the send that is under way. */
  sending: AbortController | null;
  /** While files of the first message are on their way: looks whether it still is the first. */
  lookAgain: (() => void) | null;
}

/**
 * Sends pending messages: one at a time and in order within a conversation, conversations side by side. The truth is
 * in history; a lane only says who is at work and how often it has failed.
 */
export function createOutbox(options: OutboxOptions): Outbox {
  const { history, dialect, clock, onChanges } = options;
  const log = options.logger.module('outbox');
  const lanes = new Map<ConversationId, Lane>();
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
      lane.lookAgain?.();
      return;
    }
    const started: Lane = {
      done: Promise.resolve(),
      again: false,
      failures: 0,
      sending: null,
      lookAgain: null,
    };
    lanes.set(conversationId, started);
    started.done = work(conversationId, started).finally(() => {
      lanes.delete(conversationId);
      // Added between the last look and the end of the lane.
      if (started.again) run(conversationId);
    });
  };

  const work = async (conversationId: ConversationId, lane: Lane) => {
    while (!stopped) {
      try {
        const next = await history.nextPending(conversationId, clock.now());
        if (next === null || stopped) return;
        if (next.wait > 0) {
          await sleep(next.wait);
          continue;
        }
        const sending = new AbortController();
        lane.sending = sending;
        const wait = await deliver(next, sending.signal, lane);
        if (wait === LOOK_AGAIN) continue;
        if (wait === null || (wait === 0 && sending.signal.aborted)) {
          lane.failures = 0;
          continue;
        }
        lane.failures += 1;
        const delay = Math.max(
          wait * 1_000,
          fullJitterDelay(lane.failures, () => clock.random()),
        );
        log.info('waiting', { conversationId, failures: lane.failures, delay });
        await sleep(delay);
      } catch (thrown) {
        // History could not be read or written: what is pending stays so, and is tried again like a network failure.
        log.error('lane-failed', thrown, { conversationId });
        lane.failures += 1;
        await sleep(fullJitterDelay(lane.failures, () => clock.random()));
      } finally {
        lane.sending = null;
      }
    }
  };

  /** One try. Null: this message is settled; else the least number of seconds before the next try. */
  const deliver = async (
    message: PendingMessage,
    signal: AbortSignal,
    lane: Lane,
  ): Promise<number | null | typeof LOOK_AGAIN> => {
    const { clientMessageId, conversationId, content, mentions = null } = message;
    const fail = async (failure: MessageFailure) => {
      onChanges((await history.settle({ clientMessageId, status: 'failed', failure })).changes);
      return null;
    };
    let send: () => Promise<SendResult>;
    let sent = () => Promise.resolve();
    let gone = () => Promise.resolve();
    if (content.kind === 'text') {
      const { card } = content;
      const text = { clientMessageId, conversationId, text: content.text, ...(card && { card }) };
      send = () => dialect.sendText({ ...text, ...(mentions === null ? {} : { mentions }) }, signal);
    } else if (isMedia(content) && options.files !== undefined) {
      const { files } = options;
      let ready: Awaited<ReturnType<OutboxFiles['ready']>>;
      try {
        // An upload may take long, and the person may have let the others go first.
        const news = new Promise<null>((resolve) => (lane.lookAgain = () => resolve(null)));
        const found = await Promise.race([files.ready(content), news]);
        if (found === null) return LOOK_AGAIN;
        ready = found;
      } catch (thrown) {
        if (!(thrown instanceof MagpieError)) throw thrown;
        if (thrown.code === 'session-ended' || thrown.code === 'account-disabled') {
          stopped = true;
          options.onSessionEnded(thrown);
          return null;
        }
        // Deleted by the person, or the app ends: either way there is nothing to say.
        if (thrown.code === 'cancelled') return null;
        const { serverText } = thrown.details ?? {};
        return fail({ code: thrown.code, ...(serverText === undefined ? {} : { serverText }) });
      } finally {
        lane.lookAgain = null;
      }
      // Durable before the message goes: its repeat after a crash must say the same.
      onChanges((await history.replaceContent({ clientMessageId, content: ready.content })).changes);
      send = () => files.send({ clientMessageId, conversationId, content: ready.content }, signal);
      sent = () => files.sent(ready.staged, ready.content);
      gone = () => files.gone(ready.content);
    } else {
      return fail({ code: 'not-allowed' });
    }
    if (!dialect.idempotentSend) await history.setAttempted({ clientMessageId, attempted: true });
    const result = await send();
    switch (result.kind) {
      case 'acknowledged': {
        const { acknowledgement } = result;
        onChanges((await history.acknowledge({ clientMessageId, acknowledgement })).changes);
        await sent();
        return null;
      }
      case 'refused': {
        const { failure, ended } = result;
        log.warn('refused', { clientMessageId, code: failure.code });
        await fail(failure);
        if (ended !== undefined) options.onMembershipEnded?.(conversationId, ended);
        return null;
      }
      case 'uploads-gone':
        log.warn('uploads-gone', { clientMessageId });
        await gone();
        if (!dialect.idempotentSend) await history.setAttempted({ clientMessageId, attempted: false });
        return 0;
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
    reconnected() {
      for (const lane of lanes.values()) {
        lane.failures = 0;
        if (dialect.idempotentSend) lane.sending?.abort();
      }
      wake();
    },
    async stop() {
      stopped = true;
      wake();
      await Promise.all([...lanes.values()].map((lane) => lane.done));
    },
  };
}
