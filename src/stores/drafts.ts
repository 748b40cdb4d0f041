import { onScopeDispose, shallowReactive, watch } from 'vue';
import { defineStore } from 'pinia';
import type { ConversationId } from '#protocol/model/conversation';
import { call } from '../bridge.ts';
import { createDraftKeeper } from '../lib/draft-keeper.ts';
import { MAX_DRAFT_LENGTH } from '../lib/limits.ts';
import { useConversationsStore } from './conversations.ts';
import { useSessionStore } from './session.ts';

/** What is being typed, per conversation; ahead of main by at most the delay of the keeper. */
export const useDraftsStore = defineStore('drafts', () => {
  const session = useSessionStore();
  const conversations = useConversationsStore();
  const texts = shallowReactive(new Map<ConversationId, string>());

  const keeper = createDraftKeeper((conversationId, text) => {
    call('conversations:save-draft', { conversationId, text: text.slice(0, MAX_DRAFT_LENGTH) }).catch(() => {
      // The text stays here and goes out with the next key or flush; main reports why history is not writable.
    });
  });

  const flush = (): void => keeper.flush();
  window.addEventListener('pagehide', flush);
  window.addEventListener('blur', flush);
  onScopeDispose(() => {
    window.removeEventListener('pagehide', flush);
    window.removeEventListener('blur', flush);
    keeper.flush();
  });

  // Ids are unique within one account only: what waits must never reach the next account's history.
  watch(
    () => session.identity,
    () => {
      keeper.cancel();
      texts.clear();
    },
    { flush: 'sync' },
  );

  function textOf(conversationId: ConversationId): string {
    return texts.get(conversationId) ?? conversations.byId.get(conversationId)?.draft ?? '';
  }

  function type(conversationId: ConversationId, text: string): void {
    texts.set(conversationId, text);
    keeper.type(conversationId, text);
  }

  /** The field empties at once, but what is stored stays until main has the message: nothing is ever in between. */
  function beginSending(conversationId: ConversationId): void {
    keeper.flush(conversationId);
    texts.set(conversationId, '');
  }

  /** Sent: what is in the field now, usually nothing, is the draft. */
  function endSending(conversationId: ConversationId): void {
    keeper.type(conversationId, texts.get(conversationId) ?? '');
  }

  /** Not sent: the text comes back, before what was typed meanwhile. */
  function giveBack(conversationId: ConversationId, text: string): void {
    const meanwhile = texts.get(conversationId) ?? '';
    type(conversationId, meanwhile === '' ? text : `${text}\n${meanwhile}`);
  }

  return {
    textOf,
    type,
    beginSending,
    endSending,
    giveBack,
    flush: (conversationId: ConversationId) => keeper.flush(conversationId),
  };
});
