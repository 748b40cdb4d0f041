import type { HistoryChanges } from '#protocol/ipc';
import type { ConversationId } from '#protocol/model/conversation';
import type { Clock } from '../support/clock.ts';

/** One frame of a 60 Hz screen: more events than that could not be seen. */
export const FRAME = 16;

/** Gathers changes and passes them on at most once per frame; later states of one row replace earlier ones. */
export function createChangesBatcher(clock: Clock, send: (changes: HistoryChanges) => void) {
  let waiting: HistoryChanges | null = null;
  let cancel: (() => void) | null = null;

  const flush = () => {
    cancel?.();
    cancel = null;
    const merged = waiting;
    waiting = null;
    if (merged !== null) send(merged);
  };

  return {
    add(changes: HistoryChanges): void {
      waiting = waiting === null ? changes : mergeChanges(waiting, changes);
      cancel ??= clock.after(FRAME, flush);
    },
    flush,
    stop(): void {
      cancel?.();
      cancel = null;
      waiting = null;
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
