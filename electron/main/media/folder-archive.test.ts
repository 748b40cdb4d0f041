import { mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { accountMedia } from '../../../tests/helpers/account-media.ts';
import { unpack } from '../../../tests/helpers/files/unpack.ts';
import { archiveOf } from './folder-archive.ts';

const ID = '00000000-0000-4000-8000-000000000001';
let folder = '';
let trip = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-folder-'));
  trip = join(folder, 'trip');
  await mkdir(join(trip, 'empty'), { recursive: true });
  await writeFile(join(trip, 'a.txt'), 'x'.repeat(100_000));
  await writeFile(join(trip, 'b.txt'), '');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function createMedia(onProgress: (done: number, total: number) => void = () => undefined) {
  return accountMedia({
    folder: join(folder, 'account'),
    isOnline: () => false,
    onProgress: ({ done, total }) => onProgress(done, total),
  });
}
const staged = () => readdir(join(folder, 'account', 'media', 'outgoing'));

test('everything in it under its own name, links left out, and progress up to the whole', async () => {
  await symlink('/etc', join(trip, 'way-out'));
  await symlink(trip, join(trip, 'empty', 'round'));
  const seen: [number, number][] = [];
  const archive = await buffer(await archiveOf(trip, (done, total) => seen.push([done, total])));
  expect(await unpack(archive)).toEqual({
    'trip/a.txt': 'x'.repeat(100_000),
    'trip/b.txt': '',
    'trip/empty/': '',
  });
  expect(seen.at(-1)).toEqual([100_000, 100_000]);
});

test('staged sealed, as a zip of its name', async () => {
  const media = createMedia();
  const file = await media.stageFolder({ id: ID, path: trip, limit: 1_000_000 });
  expect(file).toMatchObject({ name: 'trip.zip', mime: 'application/zip' });
  const opened = await media.open(`stage:${ID}`);
  if (opened.kind !== 'local') throw new Error('not there');
  const content = await buffer(await opened.read());
  expect(content).toHaveLength(file.size);
  expect(Object.keys(await unpack(content))).toHaveLength(3);
  media.stop();
});

test('too large, empty, gone: each has its answer, and nothing stays', async () => {
  const media = createMedia();
  const failure = (path: string, limit = 1_000_000) =>
    media.stageFolder({ id: ID, path, limit }).catch((thrown: unknown) => thrown);
  expect(await failure(trip, 100)).toMatchObject({ details: { field: 'folder-too-large' } });
  expect(await failure(join(trip, 'empty'))).toMatchObject({ details: { field: 'folder-empty' } });
  expect(await failure(join(folder, 'gone'))).toMatchObject({ code: 'file-gone' });
  expect(await staged()).toEqual([]);
  media.stop();
});

test('given up while it is packed, nothing stays; a file that shrinks under way is no archive', async () => {
  // Nothing that could be pressed together, so that there is something to read for long enough.
  const noise = Buffer.alloc(40_000_000);
  for (let at = 0, value = 1; at < noise.length; at += 4)
    noise.writeUInt32LE((value = (Math.imul(value, 1_664_525) + 1_013_904_223) >>> 0), at);
  await writeFile(join(trip, 'noise'), noise);
  const media = createMedia((done, total) => {
    if (done > 1_000_000 && done < total) void media.discard([ID]);
  });
  const packing = media.stageFolder({ id: ID, path: trip, limit: 1e9 });
  await expect(packing).rejects.toMatchObject({ code: 'cancelled' });
  expect(await staged()).toEqual([]);
  media.stop();

  let cut: Promise<void> | null = null;
  const other = createMedia((done) => {
    if (done > 1_000_000) cut ??= truncate(join(trip, 'noise'), 2_000_000);
  });
  await expect(other.stageFolder({ id: ID, path: trip, limit: 1e9 })).rejects.toMatchObject({
    code: 'file-gone',
  });
  await cut;
  expect(await staged()).toEqual([]);
  other.stop();
});
