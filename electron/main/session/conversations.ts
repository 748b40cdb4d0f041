import {
  conversationId as makeConversationId,
  type Conversation,
  type ConversationId,
  type ConversationSwitch,
} from '#protocol/model/conversation';
import type { History } from '../history/history.ts';
import type { ReadMarks } from '../messaging/read-marks.ts';
import type { Signals } from '../messaging/signals.ts';
import type { People } from '../people/people.ts';
import type { Clock } from '../support/clock.ts';
import type { CompletenessKeeper } from './completeness.ts';
import type { View } from './looking.ts';
import type { WindowView } from './window-view.ts';

export interface ConversationsOptions {
  history: Pick<
    History,
    | 'listConversations'
    | 'conversation'
    | 'ensureConversation'
    | 'saveDraft'
    | 'setSwitch'
    | 'hide'
    | 'unhide'
    | 'clear'
    | 'markRead'
    | 'markUnread'
  >;
  clock: Clock;
  view: Pick<WindowView, 'told' | 'marked' | 'reading' | 'setActive' | 'left' | 'clear'>;
  people: Pick<People, 'acquaintance' | 'listContacts' | 'approach' | 'removeFriend'>;
  signals: Pick<Signals, 'watchAlso' | 'watchPeer'>;
  marks: Pick<ReadMarks, 'poke'>;
  completeness: Pick<CompletenessKeeper, 'cancel' | 'forget'>;
}

/** What a person does with whole conversations: open, read, hide, empty. */
export function createConversations(options: ConversationsOptions) {
  const { history, clock, view, people, signals, marks, completeness } = options;

  return {
    listConversations: () => history.listConversations(),
    async openSingle(accountId: number): Promise<Conversation> {
      const id = makeConversationId('single', accountId);
      const known = (await history.conversation(id)) !== null;
      // A name learned from messages is as good as any; only a new row needs one from the contacts.
      if (!known && people.acquaintance(accountId) === undefined)
        await people.listContacts().catch(() => undefined);
      const person = known ? undefined : people.acquaintance(accountId);
      const facts = {
        id,
        kind: 'single',
        name: person?.name ?? null,
        avatars: person === undefined ? null : [person.avatar].filter((url) => url !== ''),
        link: null,
      } as const;
      const conversation = view.told(await history.ensureConversation({ facts, now: clock.now() }));
      signals.watchAlso(accountId);
      void people.approach(accountId);
      return conversation;
    },
    /** What a window shows from now on; what the person looks at is read. */
    async setActive(next: View, windowId = 0): Promise<void> {
      view.setActive(next, windowId);
      if (next.conversationId !== null) signals.watchPeer(next.conversationId);
      const read = view.reading();
      if (read !== null) view.told(await history.markRead(read));
    },
    windowClosed: (windowId: number) => view.left(windowId),
    /** No window shows it any more: what arrives from now on is unread. */
    offScreen: () => view.clear(),
    async saveDraft(conversationId: ConversationId, text: string): Promise<void> {
      view.told(await history.saveDraft({ conversationId, text }));
    },
    async setSwitch(
      conversationId: ConversationId,
      name: ConversationSwitch,
      value: boolean,
    ): Promise<Conversation> {
      return view.told(await history.setSwitch({ conversationId, name, value }));
    },
    async hide(conversationId: ConversationId): Promise<void> {
      view.told(await history.hide(conversationId));
    },
    async unhide(input: { conversationId: ConversationId; pinned: boolean; unread: boolean }): Promise<void> {
      view.told(await history.unhide(input));
    },
    async clear(conversationId: ConversationId): Promise<void> {
      completeness.cancel(conversationId);
      view.told(await history.clear(conversationId));
      completeness.forget(conversationId);
    },
    async markUnread(conversationId: ConversationId): Promise<void> {
      const { changes } = await history.markUnread(conversationId);
      view.marked(changes);
    },
    async markRead(conversationId: ConversationId): Promise<void> {
      view.told(await history.markRead(conversationId));
      marks.poke();
    },
    /** Ends a friendship on both sides, and here the conversation too if the person says so. */
    async removeContact(accountId: number, withHistory: boolean): Promise<void> {
      await people.removeFriend(accountId);
      if (!withHistory) return;
      const id = makeConversationId('single', accountId);
      if ((await history.conversation(id)) === null) return;
      completeness.cancel(id);
      view.told(await history.clear(id));
      view.told(await history.hide(id));
    },
  };
}
