/**
 * Saves what is being typed, soon but not on every key. A draft belongs to the conversation it was typed in: the id
 * comes with the text and is never looked up later, so switching can not move it to somebody else.
 */
import type { ConversationId } from '#protocol/model/conversation';

export interface DraftKeeper {
  /** The person typed; saved after the delay. */
  type(conversationId: ConversationId, text: string): void;
  /** Saves now what still waits, of one conversation or of all. */
  flush(conversationId?: ConversationId): void;
  /** Forgets what waits without saving it: it is being sent, or its account is gone. */
  cancel(conversationId?: ConversationId): void;
}

export const DRAFT_DELAY = 250;

export function createDraftKeeper(
  save: (conversationId: ConversationId, text: string) => void,
  delay = DRAFT_DELAY,
): DraftKeeper {
  const waiting = new Map<ConversationId, { text: string; timer: ReturnType<typeof setTimeout> }>();

  function flushOne(conversationId: ConversationId): void {
    const entry = waiting.get(conversationId);
    if (entry === undefined) return;
    clearTimeout(entry.timer);
    waiting.delete(conversationId);
    save(conversationId, entry.text);
  }

  return {
    type(conversationId, text) {
      const entry = waiting.get(conversationId);
      // The first key starts the clock and later ones do not push it back: a fast typist is saved as well.
      if (entry === undefined) {
        const timer = setTimeout(() => flushOne(conversationId), delay);
        waiting.set(conversationId, { text, timer });
      } else entry.text = text;
    },
    flush(conversationId) {
      if (conversationId !== undefined) flushOne(conversationId);
      else for (const id of [...waiting.keys()]) flushOne(id);
    },
    cancel(conversationId) {
      for (const id of conversationId === undefined ? [...waiting.keys()] : [conversationId]) {
        clearTimeout(waiting.get(id)?.timer);
        waiting.delete(id);
      }
    },
  };
}
