import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sealedFiles } from './sealed-files.ts';
import { createStickers, STICKER_LIMIT } from './stickers.ts';

const SECRET = 'cd'.repeat(32);
const facts = { name: 'cat', mime: 'image/png', width: 10, height: 20 };
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-stickers-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = () => createStickers(folder, sealedFiles(SECRET));
async function contentOf(stream: Readable): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

test('stickers are kept over a restart, newest first, and lie sealed', async () => {
  const stickers = open();
  // At the same moment: neither may lose the other.
  const [cat, dog] = await Promise.all([
    stickers.add(facts, Readable.from([Buffer.from('meow meow')])),
    stickers.add({ ...facts, name: 'dog' }, Readable.from([Buffer.from('woof')])),
  ]);
  const again = open();
  expect((await again.list()).map(({ name, size }) => [name, size])).toEqual([
    ['dog', 4],
    ['cat', 9],
  ]);
  expect(await contentOf(again.read(cat.id))).toBe('meow meow');
  for (const name of await readdir(folder)) {
    expect((await readFile(join(folder, name))).includes('meow')).toBe(false);
  }
  await again.remove(cat.id);
  expect((await again.list()).map(({ id }) => id)).toEqual([dog.id]);
  expect(await again.get(cat.id)).toBeNull();
  const later = open();
  await later.tidy();
  expect(await readdir(folder), 'index and one picture').toHaveLength(2);
  await expect(later.restore(cat.id)).rejects.toMatchObject({ code: 'not-found' });
});

test('one that was removed can be put back where it was, until things are tidied', async () => {
  const stickers = open();
  const cat = await stickers.add(facts, Readable.from([Buffer.from('meow')]));
  const dog = await stickers.add({ ...facts, name: 'dog' }, Readable.from([Buffer.from('woof')]));
  await stickers.remove(cat.id);
  await stickers.remove(dog.id);
  expect(await stickers.list()).toEqual([]);
  await stickers.add({ ...facts, name: 'hen' }, Readable.from([Buffer.from('cluck')]));
  await stickers.restore(cat.id);
  await stickers.restore(dog.id);
  await stickers.restore(dog.id);
  expect((await stickers.list()).map(({ name }) => name)).toEqual(['hen', 'dog', 'cat']);
  await stickers.tidy();
  expect(await contentOf(stickers.read(cat.id))).toBe('meow');
  expect(await stickers.get(cat.id)).toEqual(cat);
});

test('one that is too large is refused and leaves nothing', async () => {
  const stickers = open();
  const half = Buffer.alloc(STICKER_LIMIT.bytes / 2 + 1);
  await expect(stickers.add(facts, Readable.from([half, half]))).rejects.toMatchObject({
    code: 'invalid-input',
    details: { field: 'size' },
  });
  expect(await stickers.list()).toEqual([]);
  expect(await readdir(folder)).toEqual([]);
  await stickers.add(facts, Readable.from([half]));
  expect(await stickers.list()).toHaveLength(1);
});
