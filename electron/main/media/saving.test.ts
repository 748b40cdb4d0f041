import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { MediaFile } from '#protocol/model/message';
import { KEEP_LIMIT } from './downloads.ts';
import { createSaving } from './saving.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-saving-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ID = 'm1';
const small: MediaFile = { url: '/a', name: 'film.mp4', size: 5, mime: 'video/mp4' };
/** What is not kept here, and so is loaded anew by whoever asks. */
const large: MediaFile = { ...small, size: KEEP_LIMIT + 1 };

/** A server that answers when the test lets it. */
function withServer() {
  const opened: PassThrough[] = [];
  const saving = createSaving((_file, _id, signal) => {
    const stream = new PassThrough();
    signal.addEventListener('abort', () => stream.destroy());
    opened.push(stream);
    return Promise.resolve(stream);
  });
  const asked = (times: number) => vi.waitFor(() => expect(opened).toHaveLength(times));
  const answer = () => {
    for (const stream of opened) stream.end('bytes');
  };
  return { saving, opened, asked, answer };
}

test('what is being saved is saved to a second place as well', async () => {
  const { saving, asked, answer } = withServer();
  const places = ['first.mp4', 'second.mp4'].map((name) => join(folder, name));
  const both = Promise.all(places.map((path) => saving.save(small, ID, { path })));
  await asked(2);
  answer();
  expect(await both).toEqual(places);
  for (const path of places) expect(await readFile(path, 'utf8')).toBe('bytes');
});

test('of what is too large to be kept the second is a copy of the first, or loaded where that fails', async () => {
  const { saving, opened, asked, answer } = withServer();
  const [first, second, third] = ['1.mp4', '2.mp4', '3.mp4'].map((name) => ({ path: join(folder, name) }));
  if (first === undefined || second === undefined || third === undefined) throw new Error('three places');
  const both = Promise.all([saving.save(large, ID, first), saving.save(large, ID, second)]);
  await asked(1);
  answer();
  await both;
  expect(await readFile(second.path, 'utf8')).toBe('bytes');
  expect(opened).toHaveLength(1);

  const failing = saving.save(large, ID, first);
  await asked(2);
  const other = saving.save(large, ID, third);
  opened[1]?.destroy(new Error('cut'));
  await expect(failing).rejects.toMatchObject({ code: 'file-not-writable' });
  await asked(3);
  answer();
  expect(await other).toBe(third.path);
});

test('asked twice for the same place it is written once', async () => {
  const { saving, opened, asked, answer } = withServer();
  const path = join(folder, 'film.mp4');
  const both = Promise.all([saving.save(small, ID, { path }), saving.save(small, ID, { path })]);
  await asked(1);
  // Another file may not be written into the same place.
  await expect(saving.save(small, 'm2', { path })).rejects.toMatchObject({ code: 'not-allowed' });
  answer();
  expect(await both).toEqual([path, path]);
  expect(opened).toHaveLength(1);
});

test('given up, it is given up everywhere, and nothing of it stays', async () => {
  const { saving, asked } = withServer();
  const both = ['1.mp4', '2.mp4'].map((name) => saving.save(small, ID, { path: join(folder, name) }));
  const ends = Promise.allSettled(both);
  await asked(2);
  saving.cancel(ID);
  for (const end of await ends) expect(end).toMatchObject({ reason: { code: 'cancelled' } });
  expect(await readdir(folder)).toEqual([]);
});
