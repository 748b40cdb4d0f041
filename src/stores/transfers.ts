import { onScopeDispose, shallowReactive } from 'vue';
import { defineStore } from 'pinia';
import type { MediaState, TransferProgress } from '#protocol/ipc';
import { call, listen } from '../bridge.ts';

/** How far files are on their way, and what people do with those that came. */
export const useTransfersStore = defineStore('transfers', () => {
  const progress = shallowReactive(new Map<string, TransferProgress>());

  /** The last drag of each message. */
  const drags = new Map<string, symbol>();

  onScopeDispose(
    listen('media:progressed', (one) => {
      // All bytes of an upload are there before it is done: the server looks at them, and what was written earlier goes first.
      const isOver = one.direction === 'down' && one.total > 0 && one.done >= one.total;
      if (isOver) progress.delete(one.id);
      else progress.set(one.id, one);
    }),
  );

  async function within(messageId: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } finally {
      progress.delete(messageId);
    }
  }

  return {
    /** Of a staged file (by its id) or of a message that is being saved or dragged out. */
    progressOf: (id: string): TransferProgress | null => progress.get(id) ?? null,
    save: (messageId: string) => within(messageId, () => call('media:save', { messageId })),
    saveAs: (messageId: string) => within(messageId, () => call('media:save-as', { messageId })),
    cancelSave: (messageId: string) => call('media:cancel-save', { messageId }),
    open: (messageId: string, anyway: boolean) =>
      within(messageId, () => call('media:open', { messageId, anyway })),
    showInFolder: (messageId: string) => within(messageId, () => call('media:show-in-folder', { messageId })),
    copyImage: (messageId: string) => call('media:copy-image', { messageId }),
    /** Does the server let the person choose where files go? */
    choosesPlace: (): Promise<boolean> => call('media:chooses-place'),
    cacheSize: (): Promise<number> => call('media:cache-size'),
    clearCache: () => call('media:clear-cache'),
    toggleKept: async (messageId: string): Promise<boolean> =>
      (await call('media:toggle-kept', { messageId })).kept,
    isKept: async (messageId: string): Promise<boolean> => (await call('media:is-kept', { messageId })).kept,
    /** @param isHeld whether the mouse still holds it when its file is there */
    async dragOut(messageId: string, isHeld: () => boolean): Promise<void> {
      const mine = Symbol(messageId);
      drags.set(messageId, mine);
      try {
        await within(messageId, () => call('media:prepare-drag', { messageId }));
        if (isHeld()) await call('media:drag', { messageId });
        // Who took hold of it once more meanwhile needs it.
        else if (drags.get(messageId) === mine) await call('media:release-drag', { messageId });
      } finally {
        if (drags.get(messageId) === mine) drags.delete(messageId);
      }
    },
    stateOf: (messageId: string): Promise<MediaState> => call('media:state', { messageId }),
  };
});
