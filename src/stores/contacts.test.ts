// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, expect, it } from 'vitest';
import type { SessionState } from '#protocol/model/session';
import { useContactsStore } from './contacts.ts';

const PAGE = 10;
const listeners = new Map<string, ((payload: unknown) => void)[]>();
/** Ids of the applications on the server, the newest first. */
let kept: number[];
let asked: number[];

const signedIn = (key: string): SessionState => ({
  phase: 'signed-in',
  server: { origin: 'http://127.0.0.1:1', dialect: 'egg-im', embedded: false, extensions: true },
  account: { id: 1, uuid: key, username: key, nickname: '', avatar: '', role: 'user' },
  accountKey: key,
  ended: null,
});
const tell = (channel: string, payload: unknown) =>
  listeners.get(channel)?.forEach((listener) => listener(payload));

beforeEach(() => {
  listeners.clear();
  asked = [];
  kept = Array.from({ length: 24 }, (_, index) => 24 - index);
  window.magpie = {
    async invoke(channel: string, input: { page?: number } | undefined) {
      if (channel !== 'contacts:list-applications') return { ok: true, value: [] };
      const page = input?.page ?? 1;
      asked.push(page);
      const rows = kept.slice((page - 1) * PAGE, page * PAGE).map((id) => ({ id, status: 'pending' }));
      return { ok: true, value: { applications: rows, pendingCount: kept.length } };
    },
    on(channel: string, listener: (payload: unknown) => void) {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
      return () => undefined;
    },
  } as never;
  setActivePinia(createPinia());
});

const ids = (store: ReturnType<typeof useContactsStore>) => store.applications.map(({ id }) => id);

it('reads applications page by page to the end, the newest first', async () => {
  const store = useContactsStore();
  tell('session:changed', signedIn('ann'));
  await expect.poll(() => ids(store)).toEqual(kept.slice(0, 10));
  await store.loadMoreApplications();
  expect(ids(store)).toEqual(kept.slice(0, 20));
  expect(store.hasMoreApplications).toBe(true);
  await store.loadMoreApplications();
  expect(ids(store)).toEqual(kept);
  expect(store.hasMoreApplications).toBe(false);
});

it('what happens to one application takes none of the older ones off the screen', async () => {
  const store = useContactsStore();
  tell('session:changed', signedIn('ann'));
  await expect.poll(() => ids(store)).toHaveLength(10);
  await store.loadMoreApplications();
  // Somebody new asks while a page is on its way.
  kept = [25, ...kept];
  tell('contacts:changed', { pendingCount: 25 });
  await store.loadMoreApplications();
  expect(ids(store)).toEqual(kept);
  const [row] = store.applications.slice(15);
  if (row === undefined) throw new Error('no such row');
  await store.handleApplication(row, 'refuse', '');
  await store.refresh();
  expect(ids(store)).toEqual(kept);
});

it('another account begins at its first page', async () => {
  const store = useContactsStore();
  tell('session:changed', signedIn('ann'));
  await expect.poll(() => ids(store)).toHaveLength(10);
  await store.loadMoreApplications();
  asked = [];
  tell('session:changed', signedIn('ben'));
  await expect.poll(() => ids(store)).toHaveLength(10);
  await store.refresh();
  expect(new Set(asked)).toEqual(new Set([1]));
});
