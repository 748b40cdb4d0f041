/**
 * Where the message list stands: at its end and staying there, or at a message the person reads. Older pages go in
 * above without moving what is on screen.
 */
import { computed, nextTick, onBeforeUnmount, ref, watch, type Ref } from 'vue';
import type { VirtualizerHandle } from 'virtua/vue';
import type { ConversationId } from '#protocol/model/conversation';
import type { Message } from '#protocol/model/message';
import { arrivals } from '../../lib/message-merge.ts';
import { useMessagesStore, type OpenConversation } from '../../stores/messages.ts';

/** Within this distance of the end, new messages scroll into view by themselves. */
const END_SLACK = 32;
/** Pages are asked for this many pixels before the person gets to the end of what is loaded. */
const PREFETCH = 1200;

/** One to mount the rows around a target, one to measure them. A hidden window has no frames. */
const twoFrames = (): Promise<void> =>
  new Promise((done) => {
    requestAnimationFrame(() => requestAnimationFrame(() => done()));
    setTimeout(done, 120);
  });

export function useMessageScroll(
  conversationId: ConversationId,
  state: () => OpenConversation,
  handle: Readonly<Ref<VirtualizerHandle | null>>,
  firstUnreadId: Readonly<Ref<string | null>>,
  /** False until it is known where the list is to stand. */
  settled: Readonly<Ref<boolean>>,
) {
  const store = useMessagesStore();
  const messages = computed(() => state().messages);
  const positioned = ref(false);
  const atEnd = ref(true);
  const newCount = ref(0);
  /** Tells the virtual list that rows came in above; true for exactly that one update. */
  const shift = ref(false);
  let lastOffset = 0;
  let wasOfPast = false;

  const distanceToEnd = (list: VirtualizerHandle): number =>
    list.scrollSize - list.scrollOffset - list.viewportSize;

  function scrollToEnd(): void {
    const last = messages.value.length - 1;
    if (last >= 0) handle.value?.scrollToIndex(last, { align: 'end' });
  }

  async function jumpToEnd(): Promise<void> {
    // A failure leaves the person where they are, and the button as well.
    if (state().hasNewer) await store.goToEnd(conversationId).catch(() => undefined);
    if (state().hasNewer) return;
    atEnd.value = true;
    newCount.value = 0;
    void nextTick(scrollToEnd);
  }

  /** Brings a loaded message before the eyes; to the top where it begins something. */
  async function jumpTo(messageId: string, align: 'center' | 'start' = 'center'): Promise<void> {
    atEnd.value = false;
    // Twice: the rows around it get their true heights when they are drawn.
    for (let round = 0; round < 2; round++) {
      await nextTick();
      const index = messages.value.findIndex(({ id }) => id === messageId);
      if (index >= 0) handle.value?.scrollToIndex(index, { align });
      await twoFrames();
    }
    const list = handle.value;
    if (list === null) return;
    lastOffset = list.scrollOffset;
    atEnd.value = !state().hasNewer && distanceToEnd(list) <= END_SLACK;
    wantOlder();
    wantNewer();
  }

  function wantNewer(): void {
    const list = handle.value;
    const { hasNewer, newer } = state();
    if (!positioned.value || list === null || !hasNewer || newer !== 'idle') return;
    if (distanceToEnd(list) < PREFETCH) void store.loadNewer(conversationId);
  }

  function wantOlder(): void {
    const list = handle.value;
    const { hasOlder, older } = state();
    if (!positioned.value || list === null || !hasOlder || older !== 'idle') return;
    if (list.scrollOffset < PREFETCH) void store.loadOlder(conversationId);
  }

  const wantMore = (): void => {
    wantOlder();
    wantNewer();
  };

  function onScroll(offset: number): void {
    const list = handle.value;
    if (list === null || !positioned.value) return;
    const near = distanceToEnd(list) <= END_SLACK;
    // Content that grows below moves the end away without the person moving; only going up lets go of it.
    if (near && !state().hasNewer) {
      atEnd.value = true;
      newCount.value = 0;
    } else if (offset < lastOffset - 1) atEnd.value = false;
    lastOffset = offset;
    wantOlder();
    wantNewer();
  }

  /** Rows were measured or the view changed its height (the composer grew, the window was resized). */
  function onResize(): void {
    if (positioned.value && atEnd.value) scrollToEnd();
  }

  let positioning = false;
  async function position(): Promise<void> {
    // Twice at a time, the second one would take the person back from where they have scrolled after the first.
    if (positioning) return;
    positioning = true;
    await nextTick();
    const list = handle.value;
    if (list === null) {
      positioning = false;
      return;
    }
    const saved = store.positionOf(conversationId);
    const savedAt = saved === null ? -1 : messages.value.findIndex(({ id }) => id === saved.messageId);
    const unreadAt = messages.value.findIndex(({ id }) => id === firstUnreadId.value);
    if (saved !== null && savedAt >= 0 && unreadAt < 0) {
      atEnd.value = false;
      list.scrollToIndex(savedAt, { align: 'start', offset: saved.offset });
    } else if (unreadAt >= 0) {
      list.scrollToIndex(unreadAt, { align: 'start', offset: -24 });
    } else scrollToEnd();
    await twoFrames();
    lastOffset = list.scrollOffset;
    atEnd.value = distanceToEnd(list) <= END_SLACK;
    positioned.value = true;
    positioning = false;
    wantOlder();
  }

  function onMessages(now: readonly Message[], before: readonly Message[]): void {
    const firstBefore = before[0];
    const lastBefore = before.at(-1);
    shift.value =
      firstBefore !== undefined && now[0]?.id !== firstBefore.id && now.at(-1)?.id === lastBefore?.id;
    const isOfPast = wasOfPast || state().hasNewer;
    wasOfPast = state().hasNewer;
    // What was loaded behind a place in the past is no news.
    if (!positioned.value || shift.value || isOfPast) return;
    if (atEnd.value) void nextTick(scrollToEnd);
    else newCount.value += arrivals(before, now).filter(({ own }) => !own).length;
  }
  // Synchronous, so that `shift` is right in the very update that brings the rows.
  watch(messages, onMessages, { flush: 'sync' });
  // After the list has taken its new place: right after the rows came it still seems to be at the top.
  watch(messages, () => requestAnimationFrame(() => requestAnimationFrame(wantMore)), { flush: 'post' });

  // `handle` appears with the first rows.
  watch(
    () => handle.value !== null && messages.value.length > 0 && settled.value,
    (ready) => {
      if (ready && !positioned.value) void position();
    },
    { immediate: true, flush: 'post' },
  );

  onBeforeUnmount(() => {
    const list = handle.value;
    if (list === null || !positioned.value) return;
    const index = list.findItemIndex(list.scrollOffset);
    const top = messages.value[index];
    store.savePosition(
      conversationId,
      atEnd.value || top === undefined
        ? null
        : { messageId: top.id, offset: list.scrollOffset - list.getItemOffset(index) },
    );
  });

  return { positioned, atEnd, newCount, shift, onScroll, onResize, jumpToEnd, jumpTo };
}
