import type { AccountChanges, HistoryChanges } from '#protocol/ipc';
import type { ConversationId } from '#protocol/model/conversation';
import type { Clock } from '../support/clock.ts';

/** One frame of a 60 Hz screen: more events than that could not be seen. */
export const FRAME = 16;
/** In a burst nobody reads every row that flies by, and drawing each frame anew would take the time that typing needs. */
export const BURST = 64;

/**
 * Gathers changes and passes them on, one message per account: the first one within a frame, those that follow it closely
 * more rarely. Later states of one row replace earlier ones.
 */
export function createChangesBatcher(clock: Clock, send: (changes: AccountChanges) => void) {
  const waiting = new Map<string, HistoryChanges>();
  let cancel: (() => void) | null = null;
  let lastAt = -Infinity;

  const flush = () => {
    cancel?.();
    cancel = null;
    if (waiting.size === 0) return;
    const merged = [...waiting];
    waiting.clear();
    lastAt = clock.uptime();
    for (const [accountKey, changes] of merged) send({ ...changes, accountKey });
  };

  return {
    add({ accountKey, ...changes }: AccountChanges): void {
      const before = waiting.get(accountKey);
      waiting.set(accountKey, before === undefined ? changes : mergeChanges(before, changes));
      cancel ??= clock.after(clock.uptime() - lastAt < BURST ? BURST : FRAME, flush);
    },
    flush,
    stop(): void {
      cancel?.();
      cancel = null;
      waiting.clear();
    },
  };
}

export function mergeChanges(earlier: HistoryChanges, later: HistoryChanges): HistoryChanges {
  const removedConversations = new Set<ConversationId>(earlier.removedConversations);
  for (const { id } of later.conversations) removedConversations.delete(id);
  for (const id of later.removedConversations) removedConversations.add(id);

  const conversations = new Map(earlier.conversations.map((row) => [row.id, row]));
  for (const row of later.conversations) conversations.set(row.id, row);
  for (const id of later.removedConversations) conversations.delete(id);

  // A deleted message never comes back, so removals only add up.
  const removedMessages = new Map(
    [...earlier.removedMessages, ...later.removedMessages].map((removed) => [removed.messageId, removed]),
  );
  const messages = new Map([...earlier.messages, ...later.messages].map((message) => [message.id, message]));
  for (const id of removedMessages.keys()) messages.delete(id);

  return {
    conversations: [...conversations.values()],
    removedConversations: [...removedConversations],
    messages: [...messages.values()],
    removedMessages: [...removedMessages.values()],
    unreadTotal: later.unreadTotal,
  };
}
