import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMediaCache } from './media-cache.ts';
import { sealedFiles } from './sealed-files.ts';

const sealed = sealedFiles('ab'.repeat(32));
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-media-cache-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the cache', () => {
  const put = (cache: ReturnType<typeof createMediaCache>, url: string, content: Buffer) =>
    cache.fill(url, 'image/png', Readable.from([content]));

  test('one content under two addresses is kept once', async () => {
    const cache = createMediaCache(folder, sealed, () => 1_000_000);
    await put(cache, 'a', Buffer.alloc(1000, 1));
    await put(cache, 'b', Buffer.alloc(1000, 1));
    expect(await readdir(join(folder, 'content'))).toHaveLength(1);
    const file = await cache.find('b');
    expect(file).toMatchObject({ size: 1000, mime: 'image/png' });
    expect(await cache.find('c')).toBeNull();
  });

  test('a lower limit is kept at once; clearing leaves what is pinned alone', async () => {
    let limit = 100_000;
    const cache = createMediaCache(folder, sealed, () => limit);
    for (const [index, url] of ['a', 'b', 'c', 'd'].entries()) {
      await put(cache, url, randomBytes(10_000));
      const [content] = [(await cache.find(url))?.content ?? ''];
      await utimes(join(folder, 'content', content), 1_000 + index, 1_000 + index);
    }
    await cache.pin('a', true);
    limit = 25_000;
    await cache.trim();
    const isThere = async (url: string) => (await cache.find(url)) !== null;
    // What is pinned counts beside the limit.
    expect(await Promise.all(['a', 'b', 'c', 'd'].map(isThere))).toEqual([true, false, true, true]);
    expect(await cache.size()).toBeLessThanOrEqual(limit + 10_000);
    await cache.clear();
    expect(await Promise.all(['a', 'd'].map(isThere))).toEqual([true, false]);
    await cache.pin('a', false);
    await cache.clear();
    expect(await cache.size()).toBe(0);
    // What is on its way in is nobody's old stuff.
    const source = new PassThrough();
    source.write(Buffer.alloc(1000, 7));
    const filled = cache.fill('late', 'image/png', source);
    await expect.poll(() => cache.size()).toBeGreaterThan(0);
    await cache.clear();
    source.end();
    expect((await filled).size).toBe(1000);
    expect(await isThere('late')).toBe(true);
  });

  test('what is pinned, more than the limit, takes no room from what comes; a clock that went back neither', async () => {
    const cache = createMediaCache(folder, sealed, () => 25_000);
    for (const url of ['a', 'b', 'c']) {
      await put(cache, url, randomBytes(20_000));
      expect(await cache.pin(url, true)).toBe(true);
    }
    expect(await cache.pin('never', true)).toBe(false);
    const loaded = await put(cache, 'd', randomBytes(10_000));
    expect(await buffer(cache.read(loaded))).toHaveLength(10_000);
    const { content } = (await cache.find('d')) ?? { content: '' };
    const tomorrow = Date.now() / 1_000 + 86_400;
    await utimes(join(folder, 'content', content), tomorrow, tomorrow);
    const newer = await put(cache, 'e', randomBytes(20_000));
    expect(await buffer(cache.read(newer))).toHaveLength(20_000);
    const isThere = async (url: string) => (await cache.find(url)) !== null;
    expect(await Promise.all(['a', 'b', 'c', 'd', 'e'].map(isThere))).toEqual([
      true,
      true,
      true,
      false,
      true,
    ]);
    expect(await cache.pin('a', false)).toBe(true);
    await put(cache, 'f', randomBytes(1_000));
    expect(await Promise.all(['a', 'b', 'c', 'e', 'f'].map(isThere))).toEqual([
      true,
      true,
      true,
      false,
      true,
    ]);
  });

  test('one content that comes twice at once stays until the second is there as well', async () => {
    let letOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letOn = resolve));
    let links = 0;
    const slow: typeof sealed = {
      ...sealed,
      async writeObject(path, value) {
        links += 1;
        if (links === 2) await held;
        await sealed.writeObject(path, value);
      },
    };
    const cache = createMediaCache(folder, slow, () => 1_000_000);
    const [one, other] = ['a', 'b'].map((url) => put(cache, url, Buffer.alloc(1000, 1)));
    await Promise.race([one, other]);
    await expect.poll(() => links).toBe(2);
    await cache.clear();
    letOn();
    await Promise.all([one, other]);
    expect(await Promise.all(['a', 'b'].map((url) => cache.find(url)))).toEqual([
      expect.objectContaining({ size: 1000 }),
      expect.objectContaining({ size: 1000 }),
    ]);
    expect(await readdir(join(folder, 'content'))).toHaveLength(1);
  });

  test('whoever reads a file is not given the rest of another one with the same content', async () => {
    const cache = createMediaCache(folder, sealed, () => 1_000_000);
    const { content } = await put(cache, 'a', Buffer.alloc(1000, 1));
    const before = await readFile(join(folder, 'content', content));
    await put(cache, 'b', Buffer.alloc(1000, 1));
    expect((await readFile(join(folder, 'content', content))).equals(before)).toBe(true);
  });

  test('what is here of a file can be read before the rest comes, in any part', async () => {
    const content = randomBytes(700_000);
    const cache = createMediaCache(folder, sealed, () => 1_000_000);
    const source = new PassThrough({ highWaterMark: 2_000_000 });
    const arriving = await cache.begin('a', 'video/mp4', source);
    source.write(content.subarray(0, 400_000));
    await expect.poll(() => arriving.grown()).toBe(400_000);
    const part = (start: number, end: number) => buffer(arriving.read({ start, end }));
    expect((await part(17, 399_999)).equals(content.subarray(17, 400_000))).toBe(true);
    const parts = [
      [0, 699_999],
      [333_333, 699_998],
      [650_001, 650_001],
    ] as const;
    const waiting = parts.map(([start, end]) => part(start, end));
    for (let at = 400_000; at < 700_000; at += 12_345)
      source.write(content.subarray(at, Math.min(at + 12_345, 700_000)));
    source.end();
    const read = await Promise.all(waiting);
    for (const [index, [start, end]] of parts.entries())
      expect(read[index]?.equals(content.subarray(start, end + 1)), `from ${start}`).toBe(true);
    await arriving.kept;
    expect((await part(5, 50)).equals(content.subarray(5, 51)), 'and afterwards').toBe(true);
  });

  test('whoever reads along hears that the rest never comes, and nothing of it stays', async () => {
    const cache = createMediaCache(folder, sealed, () => 1_000_000);
    const source = new PassThrough();
    const arriving = await cache.begin('a', 'video/mp4', source);
    source.write(Buffer.alloc(1000, 1));
    const read = buffer(arriving.read({ start: 0, end: 1999 }));
    await expect.poll(() => arriving.grown()).toBe(1000);
    source.destroy(new Error('cut'));
    await expect(read).rejects.toThrow('cut');
    await expect(arriving.kept).rejects.toThrow('cut');
    expect(await readdir(join(folder, 'content'))).toEqual([]);
  });

  test('what was used longest ago goes first, pinned files stay', async () => {
    const cache = createMediaCache(folder, sealed, () => 7_900);
    const contents = join(folder, 'content');
    for (const [index, url] of ['pinned', 'old', 'used', 'new'].entries()) {
      const file = await put(cache, url, Buffer.alloc(2400, index + 1));
      const time = new Date(Date.now() - (10 - index) * 60_000);
      await utimes(join(contents, file.content), time, time);
      if (url === 'pinned') await cache.pin(url, true);
    }
    const pinned = await cache.find('pinned');
    const longAgo = new Date(0);
    await utimes(join(contents, pinned?.content ?? ''), longAgo, longAgo);
    await cache.find('used');
    await put(cache, 'more', Buffer.alloc(2400, 9));
    const left = await Promise.all(
      ['pinned', 'old', 'used', 'new', 'more'].map(async (url) => (await cache.find(url)) !== null),
    );
    expect(left).toEqual([true, false, true, false, true]);
    expect(await cache.size()).toBeLessThanOrEqual(7_900 + 2_400);
  });
});
