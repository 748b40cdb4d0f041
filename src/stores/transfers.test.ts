import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, expect, test, vi } from 'vitest';
import type { TransferProgress } from '#protocol/ipc';
import { useTransfersStore } from './transfers.ts';

const { told } = vi.hoisted(() => ({
  told: { progressed: (_one: TransferProgress) => undefined as unknown },
}));
vi.mock('../bridge.ts', () => ({
  call: () => Promise.resolve(),
  listen: (_channel: string, listener: (one: TransferProgress) => void) => {
    told.progressed = listener;
    return () => undefined;
  },
}));

beforeEach(() => setActivePinia(createPinia()));

test('an upload whose bytes are all there stays full until its message has gone; a download is over', () => {
  const transfers = useTransfersStore();
  told.progressed({ id: 'staged', direction: 'up', done: 99, total: 100 });
  told.progressed({ id: 'staged', direction: 'up', done: 100, total: 100 });
  expect(transfers.progressOf('staged')).toMatchObject({ done: 100, total: 100 });
  told.progressed({ id: 'message', direction: 'down', done: 50, total: 100 });
  expect(transfers.progressOf('message')).toMatchObject({ done: 50 });
  told.progressed({ id: 'message', direction: 'down', done: 100, total: 100 });
  expect(transfers.progressOf('message')).toBeNull();
});
