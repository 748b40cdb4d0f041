import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue';
import { defineStore } from 'pinia';
import type { Message } from '#protocol/model/message';
import { listen } from '../bridge.ts';
import { isGone } from '../lib/message-merge.ts';
import { openGallery, type Gallery } from './gallery.ts';
import { useSessionStore } from './session.ts';

/** This near to the end of what is loaded, more is asked for. */
const NEAR = 12;

/** Which picture fills the window, and all others of its conversation. */
export const useViewerStore = defineStore('viewer', () => {
  const session = useSessionStore();
  const chosen = shallowRef<Message | null>(null);
  const gallery = shallowRef<Gallery | null>(null);
  const state = computed(() => gallery.value?.state.value ?? null);
  const pictures = computed(() => state.value?.messages ?? []);
  /** A film plays by itself when it was chosen, not when somebody leafs to it. */
  const plays = ref(false);
  const index = computed(() => pictures.value.findIndex(({ id }) => id === chosen.value?.id));

  function open(message: Message): void {
    plays.value = true;
    chosen.value = message;
    gallery.value?.close();
    gallery.value = openGallery(message.conversationId, 'pictures');
    void gallery.value.load(message.position);
  }
  function close(): void {
    chosen.value = null;
    gallery.value?.close();
    gallery.value = null;
  }
  function go(step: -1 | 1): void {
    const next = index.value < 0 ? undefined : pictures.value[index.value + step];
    if (next === undefined) return;
    plays.value = false;
    chosen.value = next;
    if (index.value < NEAR) void gallery.value?.loadBefore();
    if (index.value >= pictures.value.length - NEAR) void gallery.value?.loadAfter();
  }
  watch(() => session.identity, close, { flush: 'sync' });
  /** How often what filled the window was taken back or deleted while somebody looked at it. */
  const vanished = ref(0);
  onScopeDispose(
    listen('history:changed', (changes) => {
      const id = chosen.value?.id;
      if (id === undefined || changes.accountKey !== session.accountKey || !isGone(id, changes)) return;
      close();
      vanished.value += 1;
    }),
  );

  return {
    /** As it is now: its address changes when it is sent. */
    shown: computed(() => pictures.value[index.value] ?? chosen.value),
    hasPrevious: computed(() => index.value > 0),
    hasNext: computed(() => index.value >= 0 && index.value < pictures.value.length - 1),
    /** Place among all pictures of the conversation, from 1; 0 while it is not known. */
    place: computed(() => (index.value < 0 ? 0 : (state.value?.before ?? 0) + index.value + 1)),
    total: computed(() =>
      state.value === null ? 0 : state.value.before + state.value.messages.length + state.value.after,
    ),
    plays,
    vanished,
    open,
    close,
    go,
  };
});
