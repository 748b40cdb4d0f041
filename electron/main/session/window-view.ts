import type { HistoryChanges } from '#protocol/ipc';
import type { ConversationId } from '#protocol/model/conversation';
import type { Message } from '#protocol/model/message';
import type { ServerTime } from '../connection/server-time.ts';
import { noChanges, type History, type Written } from '../history/history.ts';
import type { Clock } from '../support/clock.ts';
import { createLooking, type View } from './looking.ts';
import type { RuntimeEvents } from './runtime-events.ts';
import type { ServerReach } from './server-reach.ts';

/** What can still be taken back is at the end of a conversation. */
const RECALL_PAGE = 60;

export interface WindowViewOptions {
  history: Pick<History, 'page' | 'listConversations'>;
  clock: Clock;
  serverTime: Pick<ServerTime, 'now'>;
  reach: Pick<ServerReach, 'recallLimit'>;
  events: Pick<RuntimeEvents, 'history' | 'attention'>;
  /** Called after every change that was told. */
  onShown(): void;
}

export type WindowView = ReturnType<typeof createWindowView>;

/** What the windows show of one account, and what it is therefore told of changes of history. */
export function createWindowView({ history, clock, serverTime, reach, events, onShown }: WindowViewOptions) {
  const looking = createLooking();
  /** Only their messages go to the window; of the others it knows the row of the list. */
  const shown = (): ConversationId[] => looking.shown;

  const present = (message: Message): Message => {
    const { own, recalled, status, createdAt } = message;
    const isThere = own && !recalled && message.serverId !== null && (status === 'sent' || status === 'read');
    if (!isThere || reach.recallLimit === null) return message;
    const left = createdAt + reach.recallLimit - serverTime.now();
    // Told in this computer's time, because that is what the window counts with.
    return left <= 0 ? message : { ...message, recallable: true, recallableUntil: clock.now() + left };
  };

  const show = (changes: HistoryChanges): void => {
    const messages = changes.messages
      .filter(({ conversationId }) => shown().includes(conversationId))
      .map(present);
    events.history({ ...changes, messages });
    onShown();
  };
  const tell = (changes: HistoryChanges): void => {
    events.attention({ kind: 'stored', changes });
    show(changes);
  };

  return {
    shown,
    /** The conversation that the person has before their eyes. */
    reading: (): ConversationId | null => looking.reading,
    setActive: (next: View, windowId: number): void => looking.look(windowId, next),
    /** A window is gone. */
    left: (windowId: number): void => looking.left(windowId),
    /** No window shows anything of this account any more. */
    clear: (): void => looking.clear(),
    /** The newest page of this conversation goes to the window. */
    opens: (conversationId: ConversationId, windowId: number): void =>
      looking.askedFor(windowId, conversationId),
    /** As the window gets a message: with how long it can be taken back. */
    present,
    /** Tells of what a write changed. */
    tell,
    /** Tells of it, and gives the value. */
    told<Value>({ value, changes }: Written<Value>): Value {
      tell(changes);
      return value;
    },
    /** The person set a conversation to unread: nothing came that anybody should be called for. */
    marked(changes: HistoryChanges): void {
      events.attention({ kind: 'marked', changes });
      show(changes);
    },
    /** What is on screen was told before the server said for how long a message can be taken back. */
    async tellRecallable(): Promise<void> {
      for (const conversationId of looking.active) {
        const { messages } = await history.page({ conversationId, limit: RECALL_PAGE });
        const changed = messages.filter((message) => present(message).recallable);
        const { unreadTotal } = await history.listConversations();
        if (changed.length > 0) tell({ ...noChanges(unreadTotal), messages: changed });
      }
    },
  };
}
