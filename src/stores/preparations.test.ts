// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { nextTick } from 'vue';
import { beforeEach, expect, it, vi } from 'vitest';
import { MagpieError } from '#protocol/errors';
import type { Preparable } from '#protocol/ipc';
import { doubleBridge, type BridgeDouble } from './bridge.fixture.ts';
import { usePreparationsStore } from './preparations.ts';
import { useWindowsStore } from './windows.ts';

const HERE = 'single:2';
let bridge: BridgeDouble;
/** Films too large to be looked into: they are ready as they are. */
const film = (messageId: string): Preparable => ({
  ...{ messageId, kind: 'video', preparation: 'keep', name: 'film.mp4', mime: 'video/mp4' },
  size: 1024 ** 3,
});
let waiting: Preparable[];
let full: boolean;

beforeEach(() => {
  waiting = [];
  full = false;
  bridge = doubleBridge({
    'media:trays': () => [],
    'media:recordings': () => [],
    'preparations:list': () => waiting,
    'preparations:finish': ({ messageId }: { messageId: string }) => {
      if (full) throw new MagpieError('disk-full', 'no room');
      waiting = waiting.filter((one) => one.messageId !== messageId);
      return null;
    },
  });
  setActivePinia(createPinia());
});
const asked = () => bridge.calls.filter(({ channel }) => channel === 'preparations:list').length;
const finished = () => bridge.calls.filter(({ channel }) => channel === 'preparations:finish').length;

it('goes on with what the page of a closed window had begun', async () => {
  useWindowsStore();
  usePreparationsStore();
  bridge.signIn('home');
  await vi.waitFor(() => expect(asked()).toBe(1));
  bridge.tell('windows:changed', { conversationIds: [HERE] });
  waiting = [film('sent there')];
  bridge.tell('windows:changed', { conversationIds: [] });
  await vi.waitFor(() => expect(waiting).toEqual([]));
  expect(asked()).toBe(2);
});

it('tries again once the disk has room', async () => {
  usePreparationsStore();
  [waiting, full] = [[film('one'), film('two')], true];
  bridge.signIn('home');
  await vi.waitFor(() => expect(finished()).toBe(2));
  expect(waiting).toHaveLength(2);
  bridge.tell('storage:changed', 'full');
  await nextTick();
  full = false;
  bridge.tell('storage:changed', 'ok');
  await vi.waitFor(() => expect(waiting).toEqual([]));
});
