import { shallowRef, type ShallowRef } from 'vue';
import type { AccountChanges, MediaPage, MediaSort } from '#protocol/ipc';
import type { ConversationId } from '#protocol/model/conversation';
import { comparePositions, type Message, type MessagePosition } from '#protocol/model/message';
import { call, listen } from '../bridge.ts';
import { mergeMessages, removeMessages } from '../lib/message-merge.ts';
import { useSessionStore } from './session.ts';

/** A stretch of all pictures, or all files, of a conversation; `before` and `after` count what lies outside of it. */
export interface GalleryState extends Readonly<MediaPage> {
  phase: 'loading' | 'ready' | 'failed';
}

export interface Gallery {
  readonly state: Readonly<ShallowRef<GalleryState>>;
  /** Begins at the end, or around a message. */
  load(around?: MessagePosition): Promise<void>;
  loadBefore(): Promise<void>;
  loadAfter(): Promise<void>;
  /** Follows no changes any more. */
  close(): void;
}

const PAGE = 120;
const KINDS: Record<MediaSort, readonly string[]> = { pictures: ['image', 'video'], files: ['file'] };

/** Everything of a sort in the open conversation, loaded as far as somebody looks; whoever opens it closes it. */
export function openGallery(conversationId: ConversationId, sort: MediaSort): Gallery {
  const session = useSessionStore();
  const state = shallowRef<GalleryState>({ messages: [], before: 0, after: 0, phase: 'loading' });
  /** One page at a time; what comes late for a gallery that began anew is dropped. */
  let turn = 0;
  let loading = false;
  const belongs = ({ content, recalled }: Message): boolean =>
    !recalled && KINDS[sort].includes(content.kind);
  const fetchPage = (where: {
    before?: MessagePosition;
    after?: MessagePosition;
    around?: MessagePosition;
  }) => call('messages:media', { conversationId, sort, limit: PAGE, ...where });

  function isInside({ position }: Message): boolean {
    const { messages, before, after } = state.value;
    const [first, last] = [messages[0], messages.at(-1)];
    if (first === undefined || last === undefined) return before === 0 && after === 0;
    if (comparePositions(position, first.position) < 0) return before === 0;
    return comparePositions(position, last.position) <= 0 || after === 0;
  }
  function onHistory({ accountKey, messages: changed, removedMessages }: AccountChanges): void {
    if (state.value.phase !== 'ready' || accountKey !== session.accountKey) return;
    const here = changed.filter((message) => message.conversationId === conversationId);
    const gone = new Set(removedMessages.map(({ messageId }) => messageId));
    for (const message of here) if (!belongs(message)) gone.add(message.id);
    const known = new Set(state.value.messages.map(({ id }) => id));
    const fresh = here.filter((message) => belongs(message) && (known.has(message.id) || isInside(message)));
    const messages = removeMessages(mergeMessages(state.value.messages, fresh), gone);
    if (messages !== state.value.messages) state.value = { ...state.value, messages: [...messages] };
  }
  const forget = listen('history:changed', onHistory);

  async function load(around?: MessagePosition): Promise<void> {
    const mine = (turn += 1);
    state.value = { messages: [], before: 0, after: 0, phase: 'loading' };
    try {
      const page = await fetchPage(around === undefined ? {} : { around: { ...around } });
      if (mine === turn) state.value = { ...page, phase: 'ready' };
    } catch {
      if (mine === turn) state.value = { ...state.value, phase: 'failed' };
    }
  }
  async function extend(side: 'before' | 'after'): Promise<void> {
    const edge = side === 'before' ? state.value.messages[0] : state.value.messages.at(-1);
    if (loading || edge === undefined || state.value[side] === 0) return;
    loading = true;
    const mine = turn;
    try {
      const page = await fetchPage({ [side]: { ...edge.position } });
      if (mine !== turn) return;
      const messages = [...mergeMessages(state.value.messages, page.messages)];
      state.value = { ...state.value, messages, [side]: page[side] };
    } catch {
      // What is there stays; the next scroll asks again.
    } finally {
      loading = false;
    }
  }

  return {
    state,
    load,
    loadBefore: () => extend('before'),
    loadAfter: () => extend('after'),
    close() {
      turn += 1;
      forget();
    },
  };
}
