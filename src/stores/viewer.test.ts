// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, expect, it, vi } from 'vitest';
import type { Message } from '#protocol/model/message';
import { doubleBridge, type BridgeDouble } from './bridge.fixture.ts';
import { useViewerStore } from './viewer.ts';

const HERE = 'single:2';
const picture = (id: string, ordinal: number, recalled = false): Message =>
  ({
    ...{ id, conversationId: HERE, position: { major: ordinal, minor: 0, ordinal }, recalled },
    content: { kind: 'image', file: { name: id } },
  }) as Message;
const [one, two] = [picture('one', 1), picture('two', 2)] as const;
let bridge: BridgeDouble;

beforeEach(() => {
  bridge = doubleBridge({ 'messages:media': () => ({ messages: [one, two], before: 0, after: 0 }) });
  setActivePinia(createPinia());
});
async function lookAt(message: Message) {
  const viewer = useViewerStore();
  bridge.signIn('home');
  viewer.open(message);
  await vi.waitFor(() => expect(viewer.total).toBe(2));
  return viewer;
}
const changed = (messages: Message[], removed: string[], accountKey = 'home'): void =>
  bridge.tell('history:changed', {
    ...{ accountKey, messages, conversations: [], removedConversations: [], unreadTotal: 0 },
    removedMessages: removed.map((messageId) => ({ conversationId: HERE, messageId })),
  });

it('closes when what it shows is recalled, and says so', async () => {
  const viewer = await lookAt(two);
  changed([picture('two', 2, true)], []);
  expect(viewer.shown).toBeNull();
  expect(viewer.vanished).toBe(1);
});

it('closes when what it shows is deleted', async () => {
  const viewer = await lookAt(one);
  changed([], ['one']);
  expect(viewer.shown).toBeNull();
});

it('stays open when another one goes, or one of the same name in another account', async () => {
  const viewer = await lookAt(one);
  changed([], ['one'], 'work');
  expect(viewer.total).toBe(2);
  changed([picture('two', 2, true)], []);
  expect(viewer.shown?.id).toBe('one');
  expect(viewer.total).toBe(1);
  expect(viewer.vanished).toBe(0);
});
