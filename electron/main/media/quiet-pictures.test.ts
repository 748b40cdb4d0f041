/** What a picture tells beside its look does not leave this computer, unless somebody asked for every byte of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { STAGE_PREFIX, type UnpreparedContent } from '#protocol/model/message';
import { accountMedia } from '../../../tests/helpers/account-media.ts';
import { CAMERA, withLateExif } from '../../../tests/helpers/files/photo.ts';
import { png } from '../../../tests/helpers/files/samples.ts';
import { SAMPLE_KEY } from '../../../tests/helpers/history/temporary-history.ts';
import { sealedFiles } from './sealed-files.ts';
import { createStickers } from './stickers.ts';

const ID = '00000000-0000-4000-8000-000000000001';
const plain = png(8, 6, [10, 20, 30]);
const talkative = withLateExif(plain);

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-quiet-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Sends a picture that the window left as it was, or could not draw. */
async function sent(unprepared: 'compress' | 'keep', bytes: Buffer, drawn = true) {
  const media = accountMedia({ folder, isOnline: () => false });
  await media.stageBytes({ id: ID, name: 'a.png', mime: 'image/png', bytes });
  const file = { url: STAGE_PREFIX + ID, name: 'a.png', size: bytes.length, mime: 'image/png' };
  const content: UnpreparedContent = {
    ...{ kind: 'image', text: '', thumb: '', preview: '', width: 0, height: 0 },
    ...{ file, unprepared },
  };
  const ready = await media.prepare(content, drawn ? { width: 8, height: 6, preview: '' } : null);
  media.stop();
  return { kind: ready.kind, file: ready.file, bytes: await media.bytes(ready.file), original: file };
}

test('a picture goes without what a camera wrote', async () => {
  const { file, bytes } = await sent('compress', talkative);
  expect(talkative.includes(CAMERA)).toBe(true);
  expect(bytes.equals(plain)).toBe(true);
  expect(file).toMatchObject({ name: 'a.png', mime: 'image/png', size: plain.length });
});

test('as original every byte of it goes; one that says nothing is not staged anew', async () => {
  expect((await sent('keep', talkative)).bytes.equals(talkative)).toBe(true);
  const { file, original } = await sent('compress', plain);
  expect(file).toEqual(original);
});

test('one that cannot be drawn after all goes as a file, and tells as little', async () => {
  const { kind, file, bytes } = await sent('compress', talkative, false);
  expect(kind).toBe('file');
  expect(bytes.equals(plain)).toBe(true);
  expect(file).toMatchObject({ name: 'a.png', size: plain.length });

  const original = await sent('keep', talkative, false);
  expect(original.kind).toBe('file');
  expect(original.bytes.equals(talkative)).toBe(true);
});

test('a sticker is nothing but its look', async () => {
  const stickers = createStickers(join(folder, 'stickers'), sealedFiles(SAMPLE_KEY));
  const facts = { name: '', mime: 'image/png', width: 8, height: 6 };
  const { id, size } = await stickers.add(
    facts,
    Readable.from([talkative.subarray(0, 50), talkative.subarray(50)]),
  );
  expect(size).toBe(plain.length);
  expect((await buffer(stickers.read(id))).equals(plain)).toBe(true);
});
