/** A search inside one conversation: read piece by piece from its newest end, and stopped by whoever types on or leaves. */
import { computed, onScopeDispose, ref, shallowRef, watch, type InjectionKey, type Ref } from 'vue';
import type { SearchHit } from '#protocol/ipc';
import type { ConversationId } from '#protocol/model/conversation';
import type { MessagePosition } from '#protocol/model/message';
import { useDetailsStore } from '../../stores/details.ts';
import { useMessagesStore } from '../../stores/messages.ts';

/** What is looked for, for whoever draws messages: empty while nothing is. */
export const FOUND_TEXT: InjectionKey<Readonly<Ref<string>>> = Symbol('found text');

/** Whoever types fast is asked for nothing until they pause. */
const PAUSE = 150;
/** Nobody walks through more. */
const MOST_HITS = 5_000;

export type ChatSearch = ReturnType<typeof useChatSearch>;

/** @param show brings a hit before the eyes of the person */
export function useChatSearch(conversationId: ConversationId, show: (hit: SearchHit) => void) {
  const messages = useMessagesStore();
  const details = useDetailsStore();
  const query = ref('');
  /** Newest first. */
  const hits = shallowRef<readonly SearchHit[]>([]);
  const index = ref(0);
  const running = ref(false);
  const failed = ref(false);
  const limited = ref(false);
  const scanned = ref(0);
  /** Messages of the conversation that are on this machine; 0 while unknown. */
  const total = ref(0);
  /** Messages that the server has and this machine has not. */
  const missing = ref(0);
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Rises with every search: an older one stops at its next piece. */
  let turn = 0;

  function stop(): void {
    clearTimeout(timer);
    turn++;
    running.value = false;
  }

  async function run(text: string): Promise<void> {
    const mine = ++turn;
    running.value = true;
    try {
      const standing = await details.completeness(conversationId);
      if (mine !== turn) return;
      total.value = standing.here;
      missing.value = standing.tellable ? Math.max(0, standing.total - standing.here) : 0;
      let before: MessagePosition | null = null;
      do {
        const piece = await messages.search(conversationId, text, before);
        if (mine !== turn) return;
        scanned.value += piece.scanned;
        const isFirst = hits.value.length === 0 && piece.hits.length > 0;
        hits.value = [...hits.value, ...piece.hits].slice(0, MOST_HITS);
        limited.value = hits.value.length === MOST_HITS;
        if (isFirst) show(hits.value[0]!);
        before = limited.value ? null : piece.next;
      } while (before !== null);
    } catch {
      if (mine === turn) failed.value = true;
    } finally {
      if (mine === turn) running.value = false;
    }
  }

  function look(text: string): void {
    query.value = text;
  }
  watch(query, (text) => {
    stop();
    hits.value = [];
    index.value = 0;
    scanned.value = 0;
    missing.value = 0;
    failed.value = false;
    limited.value = false;
    const wanted = text.trim();
    if (wanted === '') return;
    running.value = true;
    timer = setTimeout(() => void run(wanted), PAUSE);
  });
  onScopeDispose(stop);

  const canStep = (step: 1 | -1): boolean => hits.value[index.value + step] !== undefined;
  /** @param step 1 to the next older one, -1 to the next newer one */
  function move(step: 1 | -1): void {
    const hit = hits.value[index.value + step];
    if (hit === undefined) return;
    index.value += step;
    show(hit);
  }

  return {
    query,
    hits,
    index,
    running,
    failed,
    limited,
    scanned,
    total,
    missing,
    /** The hit that is shown; null for none. */
    current: computed(() => hits.value[index.value] ?? null),
    look,
    stop,
    canStep,
    step: move,
  };
}
