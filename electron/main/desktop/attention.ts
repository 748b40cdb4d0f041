/** What waits for the person: which conversations have something unread, and what just came. */
import type { HistoryChanges } from '#protocol/ipc';
import type { Conversation, ConversationId } from '#protocol/model/conversation';
import { comparePositions, type Message } from '#protocol/model/message';

/** As many as any menu of the system shows. */
const RECENT = 12;

/** Something new that nobody has seen. */
export interface Arrival {
  conversation: Conversation;
  /**
   * The newest message that came with it, in a muted conversation rather the newest that means the person; null when only its
   * existence is known yet.
   */
  message: Message | null;
}

export interface AttentionChange {
  arrivals: Arrival[];
  /** Nothing in them waits any longer. */
  read: ConversationId[];
  /** Messages that were taken back or deleted: what was said of them must go. */
  gone: string[];
}

/**
 * Follows what history says. It counts nothing itself: `unread` and the total are history's, so list, title, tray and
 * launcher cannot disagree.
 */
export function createAttention() {
  let waiting = new Map<ConversationId, Conversation>();
  /** The last ones, read or not, for the system's own menus. */
  let recent: Conversation[] = [];
  let total = 0;

  const keepRecent = (rows: readonly Conversation[]) => {
    const ids = new Set(rows.map(({ id }) => id));
    recent = [...rows.filter(({ kind }) => kind !== 'service'), ...recent.filter(({ id }) => !ids.has(id))]
      .sort((a, b) => b.lastActivityAt - a.lastActivityAt || (a.id < b.id ? -1 : 1))
      .slice(0, RECENT);
  };

  return {
    /** A history was opened: what waits in it is known, not new. */
    open(conversations: readonly Conversation[], unreadTotal: number): void {
      waiting = new Map(
        conversations
          .filter(({ unread }) => unread > 0)
          .map((conversation) => [conversation.id, conversation]),
      );
      recent = [];
      keepRecent(conversations);
      total = unreadTotal;
    },
    close(): void {
      recent = [];
      waiting = new Map();
      total = 0;
    },
    apply(changes: HistoryChanges): AttentionChange {
      const change: AttentionChange = { arrivals: [], read: [], gone: [] };
      for (const conversation of changes.conversations) {
        const before = waiting.get(conversation.id);
        if (conversation.unread > 0) waiting.set(conversation.id, conversation);
        else if (waiting.delete(conversation.id)) change.read.push(conversation.id);
        // After a time without connection the number is known first, and with the messages whom they mean.
        const calls = conversation.muted && (conversation.mentions ?? 0) > (before?.mentions ?? 0);
        if (conversation.unread <= (before?.unread ?? 0) && !calls) continue;
        change.arrivals.push({
          conversation,
          message:
            (calls ? newestOf(changes.messages, conversation.id, ({ meansMe }) => meansMe === true) : null) ??
            newestOf(changes.messages, conversation.id),
        });
      }
      keepRecent(changes.conversations);
      recent = recent.filter(({ id }) => !changes.removedConversations.includes(id));
      for (const id of changes.removedConversations) if (waiting.delete(id)) change.read.push(id);
      for (const { id, recalled } of changes.messages) if (recalled) change.gone.push(id);
      for (const { messageId } of changes.removedMessages) change.gone.push(messageId);
      total = changes.unreadTotal;
      return change;
    },
    recent: (limit: number): Conversation[] => recent.slice(0, limit),
    /** Unread messages in all conversations that are not muted, and those that mean the person in muted ones. */
    get total(): number {
      return total;
    },
    /** Unread messages in muted conversations that are not in the total. */
    get mutedTotal(): number {
      let sum = 0;
      for (const one of waiting.values()) sum += one.unread - callingOf(one);
      return sum;
    },
    /** Conversations with something unread, muted ones too. */
    get waitingIds(): ConversationId[] {
      return [...waiting.keys()];
    },
    /** Conversations with something that calls the person, the newest first; `unread` is how much does. */
    newest(limit: number): Conversation[] {
      return [...waiting.values()]
        .map((one) => ({ ...one, unread: callingOf(one) }))
        .filter(({ unread }) => unread > 0)
        .sort((a, b) => b.lastActivityAt - a.lastActivityAt || (a.id < b.id ? -1 : 1))
        .slice(0, limit);
    },
  };
}
export type Attention = ReturnType<typeof createAttention>;

/** Unread messages that count where the person is called: in muted conversations those that mean them. */
function callingOf({ muted, unread, mentions = 0 }: Conversation): number {
  return muted ? Math.min(mentions, unread) : unread;
}

function newestOf(
  messages: readonly Message[],
  conversationId: ConversationId,
  isWanted: (message: Message) => boolean = () => true,
): Message | null {
  let newest: Message | null = null;
  for (const message of messages) {
    if (message.conversationId !== conversationId || message.own || message.recalled) continue;
    if (!isWanted(message)) continue;
    if (newest === null || comparePositions(message.position, newest.position) > 0) newest = message;
  }
  return newest;
}
