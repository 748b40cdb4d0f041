import type { ConversationId } from '#protocol/model/conversation';

/** What a window shows, as it says itself. */
export interface View {
  conversationId: ConversationId | null;
  /** The person looks at it: the window has the focus. */
  focused: boolean;
}

/** Who looks at what: every window shows one conversation or none, and whoever reads does so in one of them. */
export function createLooking() {
  /** By window; the one that spoke last is the last. */
  const views = new Map<number, View>();
  /** Whose newest page a window asked for last: it is about to show it even if it has not said so yet. */
  const paged = new Map<number, ConversationId>();

  return {
    look(windowId: number, view: View): void {
      views.delete(windowId);
      views.set(windowId, view);
    },
    askedFor(windowId: number, conversationId: ConversationId): void {
      paged.set(windowId, conversationId);
    },
    /** The window is gone. */
    left(windowId: number): void {
      views.delete(windowId);
      paged.delete(windowId);
    },
    /** Nothing of this account is on screen. */
    clear(): void {
      views.clear();
      paged.clear();
    },
    /** What the person reads now. A window learns a moment late that it lost the focus, so the last word counts. */
    get reading(): ConversationId | null {
      return [...views.values()].findLast(({ focused }) => focused)?.conversationId ?? null;
    },
    /** Conversations in any window. */
    get active(): ConversationId[] {
      const all = [...views.values()].map(({ conversationId }) => conversationId);
      return [...new Set(all)].filter((id) => id !== null);
    },
    /** Conversations whose messages a window has on screen, or is about to. */
    get shown(): ConversationId[] {
      return [...new Set([...this.active, ...paged.values()])];
    },
  };
}
