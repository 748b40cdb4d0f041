// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, expect, it, vi } from 'vitest';
import type { Conversation } from '#protocol/model/conversation';
import { DEFAULT_SETTINGS } from '#protocol/model/settings';
import { useConversationsStore } from './conversations.ts';
import { useMessagesStore } from './messages.ts';

const listeners = new Map<string, ((payload: unknown) => void)[]>();
let kept: Conversation[];
let behind: Conversation[];
let texts: string[];

const conversation = (id: string): Conversation => ({
  id,
  kind: 'single',
  name: id,
  avatars: [],
  preview: null,
  lastActivityAt: 1,
  unread: 0,
  pinned: false,
  muted: false,
  strongAlert: false,
  showNicknames: true,
  draft: '',
  link: null,
});

const answers: Record<string, (input: unknown) => unknown> = {
  'accounts:list': () => ({ accounts: [], unreadTotal: 0 }),
  'conversations:list': () => ({ conversations: kept, unreadTotal: 0 }),
  'accounts:conversations': () => ({ conversations: behind, unreadTotal: 1 }),
  'messages:page': () => ({
    messages: texts.map((text, index) => ({
      id: text,
      position: { major: index + 1, minor: 0, ordinal: index + 1 },
      content: { kind: 'text', text },
    })),
    hasOlder: false,
  }),
};

beforeEach(() => {
  listeners.clear();
  [kept, texts] = [
    [conversation('single:2'), conversation('single:3')],
    ['one', 'two'],
  ];
  window.magpie = {
    invoke: async (channel: string, input: unknown) => ({
      ok: true,
      value: answers[channel]?.(input) ?? null,
    }),
    on(channel: string, listener: (payload: unknown) => void) {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
      return () => undefined;
    },
  } as never;
  behind = [];
  setActivePinia(createPinia());
});

const tell = (channel: string, payload: unknown): void => {
  for (const listener of listeners.get(channel) ?? []) listener(payload);
};
const ACCOUNT = { id: 1, uuid: 'u', username: 'ann', nickname: '', avatar: '', role: 'user' } as const;
const SERVER = {
  origin: 'http://127.0.0.1:1',
  dialect: 'egg-im',
  embedded: false,
  extensions: true,
} as const;
const signIn = (accountKey: string): void =>
  tell('session:changed', { phase: 'signed-in', server: SERVER, account: ACCOUNT, accountKey, ended: null });
const entry = (key: string, state: 'shown' | 'signed-in' | 'signed-out') => ({
  ...{ key, account: ACCOUNT, server: SERVER, colour: 0, state, connection: 'online', unread: 0 },
});
const changed = (accountKey: string, conversations: Conversation[], removedConversations: string[] = []) =>
  tell('history:changed', {
    ...{ accountKey, conversations, removedConversations, messages: [], removedMessages: [], unreadTotal: 0 },
  });

it('shows what is left after a damaged history was reset while it was in use', async () => {
  const conversations = useConversationsStore();
  const messages = useMessagesStore();
  signIn('home');
  await conversations.load();
  await messages.open('single:2');
  expect(conversations.listed.map(({ conversation: { id } }) => id)).toEqual(['single:2', 'single:3']);
  expect(messages.stateOf('single:2').value.messages).toHaveLength(2);

  [kept, texts] = [[conversation('single:3')], ['two']];
  tell('notice:posted', { kind: 'history-reset' });
  await vi.waitFor(() =>
    expect(conversations.listed.map(({ conversation: { id } }) => id)).toEqual(['single:3']),
  );
  await vi.waitFor(() =>
    expect(messages.stateOf('single:2').value.messages.map(({ id }) => id)).toEqual(['two']),
  );
});

const at = (id: string, lastActivityAt: number, rest: Partial<Conversation> = {}): Conversation => ({
  ...conversation(id),
  ...{ lastActivityAt, ...rest },
});

it('joins the lists of all accounts in one order, and follows whoever is on screen', async () => {
  const conversations = useConversationsStore();
  const listed = () =>
    conversations.listed.map(({ accountKey, conversation: { id } }) => `${accountKey} ${id}`);
  kept = [at('single:2', 10), at('single:3', 30)];
  behind = [at('single:2', 20), at('single:9', 5, { pinned: true })];
  signIn('home');
  await conversations.load();
  tell('accounts:changed', {
    accounts: [entry('home', 'shown'), entry('work', 'signed-in')],
    unreadTotal: 3,
  });
  await vi.waitFor(() => expect(listed()).toHaveLength(4));
  expect(listed()).toEqual(['work single:9', 'home single:3', 'work single:2', 'home single:2']);
  expect(conversations.unreadTotal).toBe(3);

  changed('work', [at('single:2', 40)]);
  changed('home', [], ['single:3']);
  expect(listed()).toEqual(['work single:9', 'work single:2', 'home single:2']);
  // The same id is somebody else in the other account.
  expect(conversations.byId.get('single:2')?.lastActivityAt).toBe(10);

  signIn('work');
  expect(conversations.phase).toBe('ready');
  expect(conversations.byId.get('single:2')?.lastActivityAt).toBe(40);
  expect(listed()).toEqual(['work single:9', 'work single:2', 'home single:2']);

  tell('settings:changed', { ...DEFAULT_SETTINGS, listScope: 'shown' });
  expect(listed()).toEqual(['work single:9', 'work single:2']);
  tell('settings:changed', DEFAULT_SETTINGS);
  tell('accounts:changed', {
    accounts: [entry('home', 'signed-out'), entry('work', 'shown')],
    unreadTotal: 0,
  });
  await vi.waitFor(() => expect(listed()).toEqual(['work single:9', 'work single:2']));
});

it('messages of an account behind never reach the chat on screen', async () => {
  const messages = useMessagesStore();
  signIn('home');
  await messages.open('single:2');
  tell('history:changed', {
    ...{
      accountKey: 'work',
      conversations: [],
      removedConversations: [],
      unreadTotal: 0,
      removedMessages: [],
    },
    messages: [
      {
        ...{ id: 'foreign', conversationId: 'single:2', content: { kind: 'text', text: 'x' } },
        position: { major: 9, minor: 0, ordinal: 9 },
      },
    ],
  });
  expect(messages.stateOf('single:2').value.messages.map(({ id }) => id)).toEqual(['one', 'two']);
});
