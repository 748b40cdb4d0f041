import { computed, onScopeDispose, shallowRef, watch } from 'vue';
import { defineStore } from 'pinia';
import type { Conversation, ConversationId } from '#protocol/model/conversation';
import type { HistoryChanges } from '#protocol/ipc';
import { call, listen } from '../bridge.ts';
import { useSessionStore } from './session.ts';

function byOrder(a: Conversation, b: Conversation): number {
  return Number(b.pinned) - Number(a.pinned) || b.lastActivityAt - a.lastActivityAt || (a.id < b.id ? -1 : 1);
}

/** The conversation list as main keeps it. */
export const useConversationsStore = defineStore('conversations', () => {
  const session = useSessionStore();
  const byId = shallowRef<ReadonlyMap<ConversationId, Conversation>>(new Map());
  const unreadTotal = shallowRef(0);
  const phase = shallowRef<'loading' | 'ready' | 'failed'>('loading');
  const activeId = shallowRef<ConversationId | null>(null);
  /** Opened last: where the person comes back to from contacts or settings. */
  const lastOpenId = shallowRef<ConversationId | null>(null);

  /** Who types where, by account id. */
  const typing = shallowRef<ReadonlyMap<ConversationId, readonly number[]>>(new Map());

  function put(changed: readonly Conversation[], removed: readonly ConversationId[] = []): void {
    if (changed.length === 0 && removed.length === 0) return;
    const next = new Map(byId.value);
    for (const conversation of changed) next.set(conversation.id, conversation);
    for (const id of removed) next.delete(id);
    byId.value = next;
  }

  function onHistory(changes: HistoryChanges): void {
    put(changes.conversations, changes.removedConversations);
    unreadTotal.value = changes.unreadTotal;
  }
  onScopeDispose(listen('history:changed', onHistory));
  onScopeDispose(
    listen('typing:changed', ({ conversationId, accountIds }) => {
      const next = new Map(typing.value);
      if (accountIds.length === 0) next.delete(conversationId);
      else next.set(conversationId, accountIds);
      typing.value = next;
    }),
  );

  async function load(): Promise<void> {
    const identity = session.identity;
    phase.value = 'loading';
    try {
      const answer = await call('conversations:list');
      if (identity !== session.identity) return;
      byId.value = new Map(answer.conversations.map((conversation) => [conversation.id, conversation]));
      unreadTotal.value = answer.unreadTotal;
      phase.value = 'ready';
    } catch {
      if (identity === session.identity) phase.value = 'failed';
    }
  }

  watch(
    () => session.identity,
    (identity) => {
      byId.value = new Map();
      typing.value = new Map();
      unreadTotal.value = 0;
      activeId.value = null;
      lastOpenId.value = null;
      if (identity !== null) void load();
    },
    { immediate: true, flush: 'sync' },
  );

  async function setActive(conversationId: ConversationId | null, focused: boolean): Promise<void> {
    activeId.value = conversationId;
    if (conversationId !== null) lastOpenId.value = conversationId;
    // A hint, sent again with every change. One that is lost while a session ends or the app quits harms nobody.
    await call('conversations:set-active', { conversationId, focused }).catch(() => undefined);
  }

  async function openSingle(accountId: number): Promise<Conversation> {
    const conversation = await call('conversations:open-single', { accountId });
    put([conversation]);
    return conversation;
  }

  async function setSwitch(
    conversationId: ConversationId,
    name: 'pinned' | 'muted',
    value: boolean,
  ): Promise<void> {
    put([await call('conversations:set-switch', { conversationId, name, value })]);
  }

  async function hide(conversationId: ConversationId): Promise<void> {
    await call('conversations:hide', { conversationId });
    put([], [conversationId]);
    if (lastOpenId.value === conversationId) lastOpenId.value = null;
  }

  async function markUnread(conversationId: ConversationId): Promise<void> {
    await call('conversations:mark-unread', { conversationId });
  }

  /** A hint with no promise; main sends it on as often as makes sense. */
  function tellTyping(conversationId: ConversationId): void {
    call('conversations:set-typing', { conversationId }).catch(() => undefined);
  }

  return {
    typing: computed(() => typing.value),
    byId: computed(() => byId.value),
    ordered: computed(() => [...byId.value.values()].sort(byOrder)),
    unreadTotal: computed(() => unreadTotal.value),
    phase: computed(() => phase.value),
    activeId: computed(() => activeId.value),
    lastOpenId: computed(() => lastOpenId.value),
    load,
    setActive,
    openSingle,
    setSwitch,
    hide,
    markUnread,
    tellTyping,
  };
});
