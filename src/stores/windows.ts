import { computed, onScopeDispose, shallowRef } from 'vue';
import { defineStore } from 'pinia';
import { toWireError, type WireError } from '#protocol/errors';
import type { AppSnapshot, OpenChat, TrayItem } from '#protocol/ipc';
import type { ConversationId } from '#protocol/model/conversation';
import { call, listen, stage } from '../bridge.ts';
import { MAX_DRAFT_LENGTH } from '../lib/limits.ts';
import { isChatWindow } from '../lib/window-kind.ts';
import { useAttachmentsStore } from './attachments.ts';
import { useDraftsStore } from './drafts.ts';
import { usePreparationsStore } from './preparations.ts';
import { useRecordingsStore } from './recordings.ts';
import { sift } from './sendable.ts';

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

  onScopeDispose(
    listen('media:handed-over', ({ words, ...tray }) => {
      attachments.takeOver(tray);
      if (words !== '') drafts.append(tray.conversationId, words);
    }),
  );

  /**
   * Takes what was dropped here into the window that the conversation has of its own: two trays of one conversation would
   * take the files out of each other's hands. Tells what cannot be sent, and what could not be kept.
   */
  async function handOver(conversationId: ConversationId, files: readonly File[], words: string) {
    const { usable, unusable } = await sift(files);
    const failures: WireError[] = [];
    const kept: TrayItem[] = [];
    const original = attachments.goesAsIs();
    for (const file of usable) {
      const id = crypto.randomUUID();
      try {
        await stage(file, id);
        kept.push({ file: id, asFile: false, original });
      } catch (error) {
        failures.push(toWireError(error));
      }
    }
    if (kept.length > 0 || words !== '') {
      const isThere = await call('media:hand-over', {
        ...{ conversationId, files: kept, words: words.slice(0, MAX_DRAFT_LENGTH) },
      });
      // It was closed meanwhile: its tray is here again.
      if (!isThere) {
        await attachments.recall(conversationId);
        if (words !== '') drafts.append(conversationId, words);
      }
    }
    return { unusable, failures };
  }

  return {
    /** This is one of them. */
    isChatWindow,
    own: computed(() => own.value),
    /** It has a window, and that is not this one. */
    isElsewhere: (conversationId: ConversationId): boolean => !isChatWindow && own.value.has(conversationId),
    handOver,
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
