import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import { defineStore } from 'pinia';
import type { ConversationId } from '#protocol/model/conversation';
import type { Mentions } from '#protocol/model/group';
import type { LinkCard, Message, MessagePosition } from '#protocol/model/message';
import type { AccountChanges, MediaDraft, MessagePage, SearchHit } from '#protocol/ipc';
import { call, listen } from '../bridge.ts';
import {
  adoptNewestPage,
  mergeMessages,
  removeMessages,
  withinLoaded,
  type LoadedRange,
} from '../lib/message-merge.ts';
import { useSessionStore } from './session.ts';

export interface OpenConversation extends LoadedRange {
  phase: 'loading' | 'ready' | 'failed';
  hasNewer: boolean;
  older: 'idle' | 'loading' | 'failed';
  newer: 'idle' | 'loading' | 'failed';
  /** False while what was kept from an earlier visit is not yet brought up to date. */
  current: boolean;
}

/** Where the person was reading: a message at the top of the view and how far it is scrolled past, in pixels. */
export interface ReadingPosition {
  messageId: string;
  offset: number;
}

const PAGE = 60;
/** Conversations whose messages are kept after leaving them, so that coming back is instant. */
const KEPT = 12;

const nothingLoaded: OpenConversation = {
  messages: [],
  hasOlder: false,
  hasNewer: false,
  phase: 'loading',
  older: 'idle',
  newer: 'idle',
  current: false,
};

function groupByConversation<Item extends { conversationId: ConversationId }>(items: readonly Item[]) {
  const groups = new Map<ConversationId, Item[]>();
  for (const item of items) {
    const group = groups.get(item.conversationId);
    if (group === undefined) groups.set(item.conversationId, [item]);
    else group.push(item);
  }
  return groups;
}

/** The loaded part of each conversation visited lately. Arrays are replaced, never changed, and never reactive. */
export const useMessagesStore = defineStore('messages', () => {
  const session = useSessionStore();
  const opened = new Map<ConversationId, ShallowRef<OpenConversation>>();
  /** Per page on its way: what events said meanwhile is newer than the page. */
  const inFlight = new Set<{ conversationId: ConversationId; changed: Message[]; removed: Set<string> }>();

  const loadingOlder = new Map<ConversationId, Promise<void>>();

  /** Only of conversations that were left while not at their end. */
  const positions = new Map<ConversationId, ReadingPosition>();

  function stateOf(conversationId: ConversationId): ShallowRef<OpenConversation> {
    let state = opened.get(conversationId);
    if (state === undefined) {
      state = shallowRef(nothingLoaded);
      opened.set(conversationId, state);
    }
    return state;
  }

  function apply(conversationId: ConversationId, changed: readonly Message[], removed: ReadonlySet<string>) {
    for (const request of inFlight) {
      if (request.conversationId !== conversationId) continue;
      request.changed.push(...changed);
      for (const id of removed) request.removed.add(id);
    }
    const state = opened.get(conversationId);
    if (state === undefined || state.value.phase !== 'ready') return;
    const messages = removeMessages(
      mergeMessages(state.value.messages, withinLoaded(state.value, changed)),
      removed,
    );
    if (messages !== state.value.messages) state.value = { ...state.value, messages };
  }

  function onHistory(changes: AccountChanges): void {
    if (changes.accountKey !== session.accountKey) return;
    const changed = groupByConversation(changes.messages);
    const removed = groupByConversation(changes.removedMessages);
    for (const id of new Set([...changed.keys(), ...removed.keys()])) {
      apply(id, changed.get(id) ?? [], new Set(removed.get(id)?.map((gone) => gone.messageId)));
    }
  }
  onScopeDispose(listen('history:changed', onHistory));
  watch(
    () => session.identity,
    () => {
      opened.clear();
      positions.clear();
      inFlight.clear();
    },
    { flush: 'sync' },
  );

  async function fetchPage(conversationId: ConversationId, oldest?: Message): Promise<MessagePage> {
    const request = { conversationId, changed: [] as Message[], removed: new Set<string>() };
    inFlight.add(request);
    try {
      const before = oldest === undefined ? {} : { before: { ...oldest.position } };
      const page = await call('messages:page', { conversationId, limit: PAGE, ...before });
      const known = new Set(page.messages.map((message) => message.id));
      const newer =
        oldest === undefined ? request.changed : request.changed.filter(({ id }) => known.has(id));
      const messages = removeMessages(
        mergeMessages(page.messages, withinLoaded(page, newer)),
        request.removed,
      );
      return { messages: [...messages], hasOlder: page.hasOlder };
    } finally {
      inFlight.delete(request);
    }
  }

  /** A page from somewhere, with what events said of its messages while it was on its way. */
  async function following<Page extends { messages: Message[] }>(
    conversationId: ConversationId,
    ask: () => Promise<Page>,
  ): Promise<Page> {
    const request = { conversationId, changed: [] as Message[], removed: new Set<string>() };
    inFlight.add(request);
    try {
      const page = await ask();
      const known = new Set(page.messages.map(({ id }) => id));
      const changed = request.changed.filter(({ id }) => known.has(id));
      return {
        ...page,
        messages: [...removeMessages(mergeMessages(page.messages, changed), request.removed)],
      };
    } finally {
      inFlight.delete(request);
    }
  }

  /** Shows what is kept at once and brings it up to date. Call after the conversation was made the active one. */
  async function open(conversationId: ConversationId): Promise<void> {
    const state = stateOf(conversationId);
    opened.delete(conversationId);
    opened.set(conversationId, state);
    for (const id of opened.keys()) {
      if (opened.size <= KEPT) break;
      opened.delete(id);
    }
    // A part of the past that somebody jumped to is not where they go on when they come back.
    state.value =
      state.value.phase === 'failed' || state.value.hasNewer
        ? nothingLoaded
        : { ...state.value, current: false };
    try {
      const page = await fetchPage(conversationId);
      const kept = state.value.phase === 'ready' ? state.value : undefined;
      state.value = {
        ...nothingLoaded,
        ...adoptNewestPage(kept, page),
        ...{ phase: 'ready', current: true },
      };
    } catch {
      state.value =
        state.value.phase === 'ready'
          ? { ...state.value, current: true }
          : { ...nothingLoaded, phase: 'failed' };
    }
  }

  function loadOlder(conversationId: ConversationId): Promise<void> {
    const known = loadingOlder.get(conversationId);
    if (known !== undefined) return known;
    const started = fetchOlder(conversationId).finally(() => loadingOlder.delete(conversationId));
    loadingOlder.set(conversationId, started);
    return started;
  }
  async function fetchOlder(conversationId: ConversationId): Promise<void> {
    const state = stateOf(conversationId);
    const oldest = state.value.messages[0];
    if (!state.value.hasOlder || oldest === undefined) return;
    state.value = { ...state.value, older: 'loading' };
    try {
      const page = await fetchPage(conversationId, oldest);
      // Somebody went elsewhere meanwhile: this page belongs to what was there before.
      if (state.value.older !== 'loading') return;
      const messages = mergeMessages(page.messages, state.value.messages);
      state.value = { ...state.value, messages, hasOlder: page.hasOlder, older: 'idle' };
    } catch {
      state.value = { ...state.value, older: 'failed' };
    }
  }

  async function loadNewer(conversationId: ConversationId): Promise<void> {
    const state = stateOf(conversationId);
    const newest = state.value.messages.at(-1);
    if (state.value.newer === 'loading' || !state.value.hasNewer || newest === undefined) return;
    state.value = { ...state.value, newer: 'loading' };
    try {
      const after = { ...newest.position };
      const page = await following(conversationId, () =>
        call('messages:page-after', { conversationId, after, limit: PAGE }),
      );
      // Somebody went back to the end, or elsewhere, meanwhile.
      if (state.value.newer !== 'loading') return;
      const messages = mergeMessages(state.value.messages, page.messages);
      state.value = { ...state.value, messages, hasNewer: page.hasNewer, newer: 'idle' };
    } catch {
      state.value = { ...state.value, newer: 'failed' };
    }
  }

  /** Shows the part of the past with this message in it; what is there already is left as it is. */
  async function goTo(
    conversationId: ConversationId,
    hit: Pick<SearchHit, 'messageId' | 'position'>,
  ): Promise<void> {
    const state = stateOf(conversationId);
    if (state.value.messages.some(({ id }) => id === hit.messageId)) return;
    const page = await following(conversationId, () =>
      call('messages:page-around', { conversationId, position: { ...hit.position }, limit: PAGE }),
    );
    state.value = { ...nothingLoaded, ...page, phase: 'ready', current: true };
  }

  /** Shows what was written from a time on; gives the first message of it, or null where there is none. */
  async function goToTime(conversationId: ConversationId, at: number): Promise<Message | null> {
    const page = await following(conversationId, () =>
      call('messages:page-at-date', { conversationId, at, limit: PAGE }),
    );
    const first = page.messages.find(({ createdAt }) => createdAt >= at) ?? page.messages.at(-1) ?? null;
    stateOf(conversationId).value = { ...nothingLoaded, ...page, phase: 'ready', current: true };
    return first;
  }

  /** Back to the end. */
  async function goToEnd(conversationId: ConversationId): Promise<void> {
    const state = stateOf(conversationId);
    if (!state.value.hasNewer) return;
    const page = await fetchPage(conversationId);
    state.value = { ...nothingLoaded, ...page, phase: 'ready', current: true };
  }

  /** What was loaded is no longer true as a whole: shows what main has now. */
  async function reload(conversationId: ConversationId): Promise<void> {
    positions.delete(conversationId);
    const state = opened.get(conversationId);
    if (state === undefined) return;
    state.value = nothingLoaded;
    await open(conversationId);
  }

  onScopeDispose(
    listen('notice:posted', ({ kind, accountKey }) => {
      if (kind === 'history-reset' && accountKey === undefined)
        for (const id of [...opened.keys()]) void reload(id);
    }),
  );

  watch(
    () => session.storage,
    (storage) => {
      if (storage !== 'ok') return;
      for (const [id, state] of opened) if (state.value.phase === 'failed') void open(id);
    },
  );

  async function sendText(
    conversationId: ConversationId,
    text: string,
    mentions?: Mentions,
    card?: LinkCard,
  ): Promise<Message> {
    const message = await call('messages:send-text', {
      conversationId,
      text,
      ...(mentions === undefined ? {} : { mentions }),
      ...(card === undefined ? {} : { card: { ...card } }),
    });
    const known = stateOf(conversationId).value.messages.some(({ id }) => id === message.id);
    // The event may have come first and may know more already.
    if (!known) apply(conversationId, [message], new Set());
    return message;
  }

  async function sendMedia(conversationId: ConversationId, content: MediaDraft): Promise<Message> {
    const message = await call('messages:send-media', { conversationId, content });
    const known = stateOf(conversationId).value.messages.some(({ id }) => id === message.id);
    if (!known) apply(conversationId, [message], new Set());
    return message;
  }

  /** Takes over what main answered of a message that is loaded here; one of another account never is. */
  function adopt(message: Message): void {
    const known = opened.get(message.conversationId)?.value.messages.some(({ id }) => id === message.id);
    if (known === true) apply(message.conversationId, [message], new Set());
  }

  async function retry(messageId: string): Promise<void> {
    const message = await call('messages:retry', { messageId });
    apply(message.conversationId, [message], new Set());
  }

  async function keep(messageId: string): Promise<void> {
    const message = await call('messages:keep', { messageId });
    apply(message.conversationId, [message], new Set());
  }

  /** Lets those behind it go first. */
  async function setAside(messageId: string): Promise<void> {
    const message = await call('messages:set-aside', { messageId });
    apply(message.conversationId, [message], new Set());
  }

  async function undo(message: Message): Promise<string> {
    const { text } = await call('messages:undo', { messageId: message.id });
    apply(message.conversationId, [], new Set([message.id]));
    return text;
  }

  async function remove(message: Message): Promise<void> {
    await call('messages:delete', { messageId: message.id });
    apply(message.conversationId, [], new Set([message.id]));
  }

  async function recall(message: Message): Promise<void> {
    const recalled = await call('messages:recall', { messageId: message.id });
    apply(message.conversationId, [recalled], new Set());
  }

  function savePosition(conversationId: ConversationId, position: ReadingPosition | null): void {
    if (position === null) positions.delete(conversationId);
    else positions.set(conversationId, position);
  }

  return {
    positionOf: (conversationId: ConversationId) => positions.get(conversationId) ?? null,
    savePosition,
    stateOf,
    open,
    reload,
    loadOlder,
    loadNewer,
    goTo,
    goToTime,
    goToEnd,
    search: (conversationId: ConversationId, text: string, before: MessagePosition | null) =>
      call('messages:search', {
        conversationId,
        text,
        ...(before === null ? {} : { before: { ...before } }),
      }),
    sendText,
    sendMedia,
    adopt,
    retry,
    keep,
    setAside,
    undo,
    remove,
    recall,
  };
});
