import { computed, onScopeDispose, shallowRef } from 'vue';
import { defineStore } from 'pinia';
import type { AppSnapshot, OpenChat } from '#protocol/ipc';
import type { ConversationId } from '#protocol/model/conversation';
import { call, listen } from '../bridge.ts';
import { isChatWindow } from '../lib/window-kind.ts';
import { useAttachmentsStore } from './attachments.ts';
import { useDraftsStore } from './drafts.ts';
import { usePreparationsStore } from './preparations.ts';
import { useRecordingsStore } from './recordings.ts';

/** Which conversations have a window of their own. */
export const useWindowsStore = defineStore('windows', () => {
  const attachments = useAttachmentsStore();
  const drafts = useDraftsStore();
  const preparations = usePreparationsStore();
  const recordings = useRecordingsStore();
  const own = shallowRef<ReadonlySet<ConversationId>>(new Set());
  onScopeDispose(
    listen('windows:changed', ({ conversationIds }) => {
      const closed = [...own.value].filter((id) => !conversationIds.includes(id));
      own.value = new Set(conversationIds);
      if (isChatWindow) return;
      // What waits to be sent in a window that is gone is here again. Locked, main refuses; the page begins anew then.
      for (const id of closed)
        for (const store of [attachments, recordings]) store.recall(id).catch(() => undefined);
      // What its page made ready ended with it.
      if (closed.length > 0) preparations.takeUp();
    }),
  );

  return {
    /** This is one of them. */
    isChatWindow,
    own: computed(() => own.value),
    adopt: (snapshot: AppSnapshot) => void (own.value = new Set(snapshot.chatWindows)),
    /** What was typed and spoken here goes along. */
    async open(conversationId: ConversationId): Promise<void> {
      if (!own.value.has(conversationId)) {
        await drafts.release(conversationId);
        await attachments.release(conversationId);
        await recordings.release(conversationId);
      }
      await call('windows:open-chat', { conversationId });
    },
    close: (conversationId: ConversationId) => call('windows:close-chat', { conversationId }),
    /** For the menu bar. A hint, told again with every change; a page that goes tells nobody. */
    tellChat: (chat: OpenChat | null): void =>
      void call('windows:tell-chat', { chat }).catch(() => undefined),
    showInMain: (path: string) => call('windows:show-in-main', { path }),
  };
});
