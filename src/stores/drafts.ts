import { onScopeDispose, shallowReactive, watch } from 'vue';
import { defineStore } from 'pinia';
import type { ConversationId } from '#protocol/model/conversation';
import { MagpieError } from '#protocol/errors';
import { call, listen } from '../bridge.ts';
import { createDraftKeeper } from '../lib/draft-keeper.ts';
import { MAX_DRAFT_LENGTH } from '../lib/limits.ts';
import { useConversationsStore } from './conversations.ts';
import { useSessionStore } from './session.ts';

/** What is being typed, per conversation; ahead of main by at most the delay of the keeper. */
export const useDraftsStore = defineStore('drafts', () => {
  const session = useSessionStore();
  const conversations = useConversationsStore();
  const texts = shallowReactive(new Map<ConversationId, string>());

  const saving = new Set<Promise<unknown>>();
  /** Also this is done before a session ends or the page goes. */
  function awaited<Value>(work: Promise<Value>): Promise<Value> {
    saving.add(work);
    const done = () => void saving.delete(work);
    work.then(done, done);
    return work;
  }
  const lastThings = new Set<() => Promise<unknown>>();
  /** This is done, too, when a session ends or the page is about to go. Gives the function that takes it back. */
  function beforeEnd(work: () => Promise<unknown>): () => void {
    lastThings.add(work);
    return () => void lastThings.delete(work);
  }
  /** What they say is in the window only. */
  const unsaved = new Set<ConversationId>();
  const keeper = createDraftKeeper((conversationId, text) => {
    const saved = call('conversations:save-draft', { conversationId, text: text.slice(0, MAX_DRAFT_LENGTH) })
      // The text stays here and goes out with the next key, or when the disk is back; main reports what is wrong.
      .then(
        () => void unsaved.delete(conversationId),
        () => void unsaved.add(conversationId),
      );
    void awaited(saved);
  });
  // The session ends, whoever ended it: the last keys belong to the account that was.
  onScopeDispose(
    listen('session:ending', () => {
      keeper.flush();
      for (const work of lastThings) void awaited(work());
      void Promise.allSettled(saving).then(() => call('session:ready-to-end').catch(() => undefined));
    }),
  );

  watch(
    () => session.storage,
    (storage) => {
      if (storage !== 'ok') return;
      for (const id of unsaved) keeper.type(id, texts.get(id) ?? '');
      keeper.flush();
    },
  );

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
      unsaved.clear();
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

  /** Behind what is there. */
  function append(conversationId: ConversationId, words: string): void {
    const before = textOf(conversationId).trimEnd();
    type(conversationId, before === '' ? words : `${before} ${words}`);
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

  /** Stores it and forgets it here: from now on it is typed in another window. Fails where it cannot be stored. */
  async function release(conversationId: ConversationId): Promise<void> {
    keeper.flush(conversationId);
    await Promise.all(saving);
    if (unsaved.has(conversationId)) throw new MagpieError('history-unavailable', 'the draft is here only');
    texts.delete(conversationId);
  }

  return {
    textOf,
    awaited,
    beforeEnd,
    release,
    type,
    append,
    beginSending,
    endSending,
    giveBack,
    flush: (conversationId: ConversationId) => keeper.flush(conversationId),
  };
});
