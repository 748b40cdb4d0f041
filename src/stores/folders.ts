import { computed, ref, shallowRef } from 'vue';
import { defineStore } from 'pinia';
import type { ConversationId } from '#protocol/model/conversation';
import type { DroppedFolder } from '../lib/media/dropped.ts';
import { useAttachmentsStore } from './attachments.ts';
import { useTransfersStore } from './transfers.ts';

/** Folders that somebody dropped: a folder is no file, so they are asked, one after the other, what is to be sent of it. */
export const useFoldersStore = defineStore('folders', () => {
  const attachments = useAttachmentsStore();
  const transfers = useTransfersStore();
  const asked = shallowRef<readonly { conversationId: ConversationId; folder: DroppedFolder }[]>([]);
  /** Under which the archive is being made that the first one becomes; null while nothing is. */
  const packing = ref<string | null>(null);

  const current = computed(() => asked.value[0] ?? null);
  const progress = computed(() => (packing.value === null ? null : transfers.progressOf(packing.value)));

  function ask(conversationId: ConversationId, folder: DroppedFolder): void {
    asked.value = [...asked.value, { conversationId, folder }];
  }
  /** The next one is asked about. */
  function settle(): void {
    asked.value = asked.value.slice(1);
  }

  /** Into an archive, which lies in the tray when this answers. */
  async function pack(): Promise<void> {
    const first = current.value;
    if (first === null || packing.value !== null) return;
    packing.value = crypto.randomUUID();
    try {
      await attachments.addFolder(first.conversationId, first.folder.file, packing.value);
      settle();
    } finally {
      packing.value = null;
    }
  }
  async function giveUp(): Promise<void> {
    if (packing.value !== null) await attachments.giveUpFolder(packing.value);
    settle();
  }
  return { current, packing, progress, ask, settle, pack, giveUp };
});
