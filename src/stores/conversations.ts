import { computed, onScopeDispose, shallowRef, watch } from 'vue';
import { defineStore } from 'pinia';
import type { Conversation, ConversationId, ConversationSwitch } from '#protocol/model/conversation';
import type { AccountChanges } from '#protocol/ipc';
import { call, listen } from '../bridge.ts';
import { mergedRows, NO_ROWS, type ListRow, type Rows } from '../lib/list-rows.ts';
import { useAccountsStore } from './accounts.ts';
import { useSessionStore } from './session.ts';
import { useSettingsStore } from './settings.ts';

type Phase = 'loading' | 'ready' | 'failed';

/** What is known of one account's list. */
interface AccountRows {
  readonly rows: Rows;
  readonly unreadTotal: number;
  readonly phase: Phase;
}

const NOTHING: AccountRows = { rows: NO_ROWS, unreadTotal: 0, phase: 'loading' };

/** The conversation lists of all accounts that run, as main keeps them; most of it is about the account on screen. */
export const useConversationsStore = defineStore('conversations', () => {
  const session = useSessionStore();
  const accounts = useAccountsStore();
  const settings = useSettingsStore();
  const lists = shallowRef<ReadonlyMap<string, AccountRows>>(new Map());
  const activeId = shallowRef<ConversationId | null>(null);
  /** Opened last: where the person comes back to from contacts or settings. */
  const lastOpenId = shallowRef<ConversationId | null>(null);

  /** Who types where, by account id. */
  const typing = shallowRef<ReadonlyMap<ConversationId, readonly number[]>>(new Map());

  const shownList = computed(() =>
    session.accountKey === null ? NOTHING : (lists.value.get(session.accountKey) ?? NOTHING),
  );

  /** The list is that of all accounts; with one account there is nothing to join. */
  const joined = computed(() => settings.settings.listScope === 'all' && accounts.running.length > 1);
  const ordered = computed(() =>
    session.accountKey === null ? [] : mergedRows([[session.accountKey, shownList.value.rows]]),
  );
  const listed = computed(() =>
    joined.value
      ? mergedRows([...lists.value].map(([key, { rows }]) => [key, rows] as const))
      : ordered.value,
  );

  function update(accountKey: string, change: Partial<AccountRows>): void {
    const before = lists.value.get(accountKey) ?? NOTHING;
    lists.value = new Map(lists.value).set(accountKey, { ...before, ...change });
  }

  function put(
    accountKey: string | null,
    changed: readonly Conversation[],
    removed: readonly ConversationId[] = [],
  ): void {
    if (accountKey === null || (changed.length === 0 && removed.length === 0)) return;
    const rows = new Map(lists.value.get(accountKey)?.rows);
    for (const conversation of changed) rows.set(conversation.id, conversation);
    for (const id of removed) rows.delete(id);
    update(accountKey, { rows });
  }

  function onHistory({ accountKey, conversations, removedConversations, unreadTotal }: AccountChanges): void {
    put(accountKey, conversations, removedConversations);
    update(accountKey, { unreadTotal });
    // Its history could not be read when it was asked for, and lives again.
    if (accountKey !== session.accountKey && lists.value.get(accountKey)?.phase === 'failed')
      void fetchList(accountKey);
  }
  onScopeDispose(listen('history:changed', onHistory));
  onScopeDispose(
    listen('typing:changed', ({ conversationId, accountIds }) => {
      const next = new Map(typing.value);
      if (accountIds.length === 0) next.delete(conversationId);
      else next.set(conversationId, accountIds);
      typing.value = next;
    }),
  );

  async function fetchList(accountKey: string): Promise<void> {
    if (lists.value.get(accountKey)?.phase !== 'ready') update(accountKey, { phase: 'loading' });
    try {
      // The account on screen is asked in its own name: where its history did not open, that tries anew.
      const answer =
        accountKey === session.accountKey
          ? await call('conversations:list')
          : await call('accounts:conversations', { key: accountKey });
      const rows = new Map(answer.conversations.map((conversation) => [conversation.id, conversation]));
      update(accountKey, { rows, unreadTotal: answer.unreadTotal, phase: 'ready' });
    } catch {
      update(accountKey, { phase: 'failed' });
    }
  }

  /** Reads the list of the account on screen anew. */
  async function load(): Promise<void> {
    if (session.accountKey !== null) await fetchList(session.accountKey);
  }

  // What is listed may be gone with the damaged file: main knows what is left.
  onScopeDispose(
    listen('notice:posted', ({ kind, accountKey }) => {
      if (kind !== 'history-reset') return;
      if (accountKey === undefined) void load();
      else void fetchList(accountKey);
    }),
  );

  // A list that could not be read is read when the disk is back.
  watch(
    () => session.storage,
    (storage) => void (storage === 'ok' && shownList.value.phase === 'failed' && load()),
  );

  watch(
    () => session.identity,
    (identity) => {
      typing.value = new Map();
      activeId.value = null;
      lastOpenId.value = null;
      // What was followed while it was behind is true already; the first time, or after a failure, main is asked.
      if (identity !== null && shownList.value.phase !== 'ready') void load();
    },
    { immediate: true, flush: 'sync' },
  );

  // Accounts come and go: whoever is signed in is listed, whoever is not is forgotten.
  watch(
    () => accounts.all,
    (all) => {
      const running = new Set(all.filter(({ state }) => state !== 'signed-out').map(({ key }) => key));
      if (session.accountKey !== null) running.add(session.accountKey);
      const gone = [...lists.value.keys()].filter((key) => !running.has(key));
      if (gone.length > 0) lists.value = new Map([...lists.value].filter(([key]) => !gone.includes(key)));
      for (const key of running) if (!lists.value.has(key)) void fetchList(key);
    },
  );

  async function setActive(conversationId: ConversationId | null, focused: boolean): Promise<void> {
    activeId.value = conversationId;
    if (conversationId !== null) lastOpenId.value = conversationId;
    // A hint, sent again with every change. One that is lost while a session ends or the app quits harms nobody.
    await call('conversations:set-active', { conversationId, focused }).catch(() => undefined);
  }

  /** Keeps what a call about the account on screen answered, under the account that it was when it was made. */
  async function keeping(made: Promise<Conversation>): Promise<Conversation> {
    const { accountKey } = session;
    const conversation = await made;
    put(accountKey, [conversation]);
    return conversation;
  }
  const openSingle = (accountId: number): Promise<Conversation> =>
    keeping(call('conversations:open-single', { accountId }));
  const openGroup = (groupId: number): Promise<Conversation> => keeping(call('groups:open', { groupId }));
  /** Founds a group with some contacts. */
  const createGroup = (accountIds: number[]): Promise<Conversation> =>
    keeping(call('groups:create', { accountIds }));

  /** Without an account of the one on screen. */
  async function setSwitch(
    conversationId: ConversationId,
    name: ConversationSwitch,
    value: boolean,
    accountKey = session.accountKey,
  ): Promise<void> {
    const of = accountKey === null ? {} : { accountKey };
    put(accountKey, [await call('conversations:set-switch', { ...of, conversationId, name, value })]);
  }

  async function hide({ accountKey, conversation: { id } }: ListRow): Promise<void> {
    await call('conversations:hide', { accountKey, conversationId: id });
    put(accountKey, [], [id]);
    if (accountKey === session.accountKey && lastOpenId.value === id) lastOpenId.value = null;
  }

  /** Takes a removal back, with what the row was like before it. */
  async function unhide({ accountKey, conversation }: ListRow): Promise<void> {
    const { id, pinned, unread } = conversation;
    await call('conversations:unhide', { accountKey, conversationId: id, pinned, unread: unread > 0 });
  }

  async function markRead({ accountKey, conversation: { id } }: ListRow): Promise<void> {
    await call('conversations:mark-read', { accountKey, conversationId: id });
  }

  async function markUnread({ accountKey, conversation: { id } }: ListRow): Promise<void> {
    await call('conversations:mark-unread', { accountKey, conversationId: id });
  }

  /** A hint with no promise; main sends it on as often as makes sense. */
  function tellTyping(conversationId: ConversationId): void {
    call('conversations:set-typing', { conversationId }).catch(() => undefined);
  }

  return {
    typing: computed(() => typing.value),
    byId: computed(() => shownList.value.rows),
    joined,
    /** What the list shows, in its order: of all accounts that run, or of the one on screen. */
    listed,
    /** Over what the list shows. */
    unreadTotal: computed(() => (joined.value ? accounts.unreadTotal : shownList.value.unreadTotal)),
    phase: computed(() => shownList.value.phase),
    activeId: computed(() => activeId.value),
    lastOpenId: computed(() => lastOpenId.value),
    load,
    setActive,
    openSingle,
    openGroup,
    createGroup,
    setSwitch,
    hide,
    unhide,
    markRead,
    markUnread,
    tellTyping,
  };
});
