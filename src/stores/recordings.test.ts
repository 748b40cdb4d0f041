// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { nextTick } from 'vue';
import { beforeEach, expect, it, vi } from 'vitest';
import { MagpieError } from '#protocol/errors';
import { doubleBridge, type BridgeDouble } from './bridge.fixture.ts';
import { useRecordingsStore } from './recordings.ts';
import { useSessionStore } from './session.ts';

const HERE = 'single:2';
const SPOKEN = { file: new File(['sound'], 'voice.mp4'), duration: 2_000, waveform: [10, 20] };
let bridge: BridgeDouble;
let isFull: boolean;

beforeEach(() => {
  isFull = true;
  bridge = doubleBridge({
    'media:trays': () => [],
    'media:recordings': () => [],
    'preparations:list': () => [],
    'media:keep-recording': () => {
      if (isFull) throw new MagpieError('disk-full', 'no room');
      return null;
    },
  });
  setActivePinia(createPinia());
});
const asked = (channel: string) => bridge.calls.filter((call) => call.channel === channel);
const filesOf = (channel: string) =>
  asked(channel).flatMap(({ input }) => {
    const { file, files } = input as { file?: string; files?: string[] };
    return files ?? [file];
  });
/** What was asked for has been answered. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
async function notKept(): Promise<ReturnType<typeof useRecordingsStore>> {
  const recordings = useRecordingsStore();
  bridge.signIn('home');
  await settled();
  recordings.keep(recordings.placeOf(HERE), SPOKEN);
  await vi.waitFor(() => expect(asked('media:discard')).toHaveLength(1));
  // Its failure has come to whoever waited for it.
  await settled();
  expect(filesOf('media:discard'), 'nobody knows of it').toEqual(filesOf('media:keep-recording'));
  return recordings;
}

it('goes to no other window while main cannot keep it', async () => {
  const recordings = await notKept();
  await expect(recordings.release(HERE)).rejects.toMatchObject({ code: 'disk-full' });
  expect(recordings.at(recordings.placeOf(HERE))).toMatchObject({ duration: 2_000 });
  isFull = false;
  await recordings.release(HERE);
  expect(asked('media:keep-recording')).toHaveLength(3);
  expect(recordings.at(recordings.placeOf(HERE))).toBeNull();
});

it('is kept when the disk has room again, once', async () => {
  const recordings = await notKept();
  isFull = false;
  const session = useSessionStore();
  bridge.tell('storage:changed', 'full');
  await nextTick();
  bridge.tell('storage:changed', 'ok');
  expect(session.storage).toBe('ok');
  await vi.waitFor(() => expect(asked('media:keep-recording')).toHaveLength(2));
  await recordings.release(HERE);
  expect(asked('media:keep-recording')).toHaveLength(2);
});

it('is tried once more before the session ends', async () => {
  await notKept();
  isFull = false;
  bridge.tell('session:ending', null);
  await vi.waitFor(() => expect(asked('session:ready-to-end')).toHaveLength(1));
  expect(asked('media:keep-recording')).toHaveLength(2);
});
