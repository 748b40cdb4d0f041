import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MagpieError } from '#protocol/errors';
import type { UploadOrder } from '../dialects/chat-dialect.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { silentLogger } from '../support/logger.ts';
import { freePath, safeName } from './places.ts';
import { createMediaCache } from './media-cache.ts';
import { createOutgoing } from './outgoing.ts';
import { isProgram } from './programs.ts';
import { sealedFiles } from './sealed-files.ts';
import { createTransfers } from './transfers.ts';

const sealed = sealedFiles('ab'.repeat(32));
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-media-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

describe('sealed files', () => {
  test('any range reads as in the original, and nothing of it is on the disk', async () => {
    const content = randomBytes(5000);
    const path = join(folder, 'file');
    await sealed.write(path, Readable.from([content]));
    expect((await readFile(path)).includes(content.subarray(100, 132))).toBe(false);
    await fc.assert(
      fc.asyncProperty(fc.nat(4999), fc.nat(4999), async (one, other) => {
        const range = { start: Math.min(one, other), end: Math.max(one, other) };
        const read = await buffer(sealed.read(path, range));
        expect(read.equals(content.subarray(range.start, range.end + 1))).toBe(true);
      }),
      { numRuns: 60 },
    );
    const foreign = sealedFiles('cd'.repeat(32));
    expect((await buffer(foreign.read(path))).equals(content)).toBe(false);
  });

  test('a stream that breaks leaves nothing; a changed object is none', async () => {
    const path = join(folder, 'file');
    const broken = Readable.from(
      (function* () {
        yield Buffer.from('half');
        throw new Error('cut');
      })(),
    );
    await expect(sealed.write(path, broken)).rejects.toThrow('cut');
    expect(await readdir(folder)).toEqual([]);
    await sealed.writeObject(path, { a: 1 });
    expect(await sealed.readObject(path)).toEqual({ a: 1 });
    const bytes = await readFile(path);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(path, bytes);
    expect(await sealed.readObject(path)).toBeNull();
  });
});

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
    expect(await Promise.all(['a', 'b', 'c', 'd'].map(isThere))).toEqual([true, false, false, true]);
    expect(await cache.size()).toBeLessThanOrEqual(limit);
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
    const cache = createMediaCache(folder, sealed, () => 10_000);
    const contents = join(folder, 'content');
    for (const [index, url] of ['pinned', 'old', 'used', 'new'].entries()) {
      const file = await put(cache, url, Buffer.alloc(2400, index + 1));
      const time = new Date(Date.now() - (10 - index) * 60_000);
      await utimes(join(contents, file.content), time, time);
    }
    await cache.pin('pinned', true);
    const pinned = await cache.find('pinned');
    const longAgo = new Date(0);
    await utimes(join(contents, pinned?.content ?? ''), longAgo, longAgo);
    await cache.find('used');
    await put(cache, 'more', Buffer.alloc(2400, 9));
    const left = await Promise.all(
      ['pinned', 'old', 'used', 'new', 'more'].map(async (url) => (await cache.find(url)) !== null),
    );
    expect(left).toEqual([true, false, true, false, true]);
    expect(await cache.size()).toBeLessThanOrEqual(10_000);
  });
});

describe('outgoing files', () => {
  test('a copy outlives its original and the process', async () => {
    const path = join(folder, 'a.txt');
    await writeFile(path, 'hello');
    const first = createOutgoing(join(folder, 'out'), sealed);
    await first.fromPath({ id: id(1), mime: 'text/plain', path });
    await first.settled();
    await rm(path);
    const second = createOutgoing(join(folder, 'out'), sealed);
    expect(await second.get(id(1))).toMatchObject({ name: 'a.txt', size: 5, mime: 'text/plain' });
    expect((await buffer(await second.read(id(1)))).toString()).toBe('hello');
    expect(await second.sha256(id(1))).toBe(createHash('sha256').update('hello').digest('hex'));
    await second.release(id(1));
    expect(await readdir(join(folder, 'out'))).toEqual([]);
  });

  test('what a kill left over is removed, and a copy that it cut is made by the next run', async () => {
    const out = join(folder, 'out');
    const original = join(folder, 'original');
    await writeFile(original, 'the whole file');
    const first = createOutgoing(out, sealed);
    await first.fromBytes({ id: id(1), name: 'kept', mime: 'text/plain', bytes: Buffer.from('kept') });
    await first.fromPath({ id: id(2), mime: 'text/plain', path: original });
    await first.settled();
    await first.withdraw(id(3));
    const kept = (await readdir(out)).sort();
    // As it is when the power goes: the copy under way, its record still says where the original is.
    const { original: _copied, ...rest } = (await first.get(id(2)))!;
    const { mtimeMs: modifiedAt } = await stat(original);
    await sealed.writeObject(join(out, `${id(2)}.about`), {
      ...rest,
      original: { path: original, modifiedAt },
    });
    await rm(join(out, id(2)));
    for (const name of [`${id(2)}.0a.part`, `${id(4)}`, `${id(4)}.bb.part`, `${id(1)}.about.cc.part`])
      await writeFile(join(out, name), 'left over');

    const second = createOutgoing(out, sealed);
    // Begun before the leavings are looked for.
    const begun = second.fromBytes({ id: id(5), name: 'new', mime: 'text/plain', bytes: Buffer.from('new') });
    await second.tidy();
    await begun;
    await second.finishCopies();
    await second.settled();
    expect((await readdir(out)).sort()).toEqual([...kept, id(5), `${id(5)}.about`].sort());
    await rm(original);
    expect((await buffer(await second.read(id(2)))).toString()).toBe('the whole file');
    expect((await buffer(await second.read(id(5)))).toString()).toBe('new');
  });

  test('folders, missing files and ids that are paths are refused', async () => {
    const outgoing = createOutgoing(join(folder, 'out'), sealed);
    const code = (error: unknown) => (error instanceof MagpieError ? error.code : '');
    const attempt = (input: { id: string; path: string }) =>
      outgoing.fromPath({ mime: '', ...input }).then(() => '', code);
    expect(await attempt({ id: id(1), path: folder })).toBe('invalid-input');
    expect(await attempt({ id: id(1), path: join(folder, 'none') })).toBe('file-gone');
    expect(await attempt({ id: '../../etc/passwd', path: folder })).toBe('invalid-input');
  });
});

describe('transfers', () => {
  async function transfersWith(upload: (order: UploadOrder) => Promise<string>) {
    const outgoing = createOutgoing(join(folder, 'out'), sealed);
    for (let number = 0; number < 6; number += 1) {
      await outgoing.fromBytes({ id: id(number), name: 'a', mime: '', bytes: Buffer.from(`file ${number}`) });
    }
    const clock = createFakeClock();
    const withdrawn: string[] = [];
    const state = { online: true, failures: 0 };
    const transfers = createTransfers({
      outgoing,
      dialect: {
        upload,
        giveUpUpload(one) {
          if (!state.online) return Promise.reject(new MagpieError('server-unreachable', 'offline'));
          if (state.failures > 0) {
            state.failures -= 1;
            return Promise.reject(new MagpieError('bad-answer', 'the server failed'));
          }
          return Promise.resolve(void withdrawn.push(one));
        },
      },
      clock,
      logger: silentLogger,
      isOnline: () => state.online,
      onProgress: () => undefined,
    });
    return { transfers, clock, withdrawn, state };
  }

  test('never more than three at once, and all in the end', async () => {
    let running = 0;
    let most = 0;
    const { transfers } = await transfersWith(async ({ id: one }) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return `/${one}`;
    });
    const urls = await Promise.all([0, 1, 2, 3, 4, 5].map((number) => transfers.done(id(number))));
    expect(urls).toEqual([0, 1, 2, 3, 4, 5].map((number) => `/${id(number)}`));
    expect(most).toBe(3);
  });

  test('a cut is tried again, a refusal is not, and the person may ask anew', async () => {
    let tries = 0;
    const { transfers } = await transfersWith(() => {
      tries += 1;
      if (tries === 1) return Promise.reject(new MagpieError('server-unreachable', 'cut'));
      if (tries === 2) return Promise.reject(new MagpieError('refused', 'no'));
      return Promise.resolve('/there');
    });
    const first = transfers.done(id(0));
    await expect.poll(() => tries).toBe(1);
    transfers.wake();
    await expect(first).rejects.toThrow('no');
    expect(await transfers.done(id(0))).toBe('/there');
  });

  test('offline nothing is tried; the connection wakes it', async () => {
    let tries = 0;
    const { transfers, state } = await transfersWith(() => Promise.resolve(`/${(tries += 1)}`));
    state.online = false;
    const waiting = transfers.done(id(0));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(tries).toBe(0);
    state.online = true;
    transfers.wake();
    expect(await waiting).toBe('/1');
  });

  test('what is given up ends at once and is withdrawn', async () => {
    const { transfers, withdrawn } = await transfersWith(
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    );
    const running = transfers.done(id(0));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await transfers.cancel(id(0));
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    await expect.poll(() => withdrawn).toEqual([id(0)]);
  });

  test('what was given up offline is withdrawn once the server can hear it, also by the next run', async () => {
    const unused = () => Promise.reject(new Error('nothing is uploaded'));
    const first = await transfersWith(unused);
    first.state.online = false;
    await first.transfers.cancel(id(0));
    await first.transfers.cancel(id(1));
    first.transfers.stop();
    const second = await transfersWith(unused);
    second.state.failures = 1;
    await second.transfers.resume();
    await expect.poll(() => second.state.failures).toBe(0);
    await expect
      .poll(() => {
        second.transfers.wake();
        return [...second.withdrawn].sort();
      })
      .toEqual([id(0), id(1)]);
    expect(first.withdrawn).toEqual([]);
    await expect
      .poll(async () => (await readdir(join(folder, 'out'))).filter((name) => /withdrawn/u.test(name)))
      .toEqual([]);
  });

  test('a beginning that is under way comes before its withdrawal', async () => {
    let begun: () => void = () => expect.unreachable();
    let tries = 0;
    const { transfers, withdrawn } = await transfersWith(async ({ signal }) => {
      tries += 1;
      await new Promise<void>((resolve) => (begun = resolve));
      signal.throwIfAborted();
      return '/there';
    });
    const running = transfers.done(id(0));
    await expect.poll(() => tries).toBe(1);
    await transfers.cancel(id(0));
    expect(withdrawn).toEqual([]);
    begun();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    await expect.poll(() => withdrawn).toEqual([id(0)]);
  });

  test('what waits for its turn ends at once when it is given up', async () => {
    const begun: string[] = [];
    const { transfers, withdrawn } = await transfersWith(({ id: one }) => {
      begun.push(one);
      return new Promise(() => undefined);
    });
    for (const number of [0, 1, 2]) transfers.start(id(number));
    const waiting = transfers.done(id(3));
    await expect.poll(() => begun.length).toBe(3);
    const [refused] = await Promise.allSettled([waiting, transfers.cancel(id(3))]);
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'cancelled' } });
    await expect.poll(() => withdrawn).toEqual([id(3)]);
    expect(begun).not.toContain(id(3));
  });
});

describe('a file that is too large to be copied', () => {
  async function large() {
    const path = join(folder, 'large.iso');
    await writeFile(path, `its first words${'.'.repeat(5000)}`);
    const outgoing = createOutgoing(join(folder, 'out'), sealed, 4096);
    await outgoing.fromPath({ id: id(1), mime: '', path });
    await outgoing.settled();
    return { path, outgoing };
  }
  const transfersOf = (
    outgoing: ReturnType<typeof createOutgoing>,
    upload: (order: UploadOrder) => Promise<string>,
  ) =>
    createTransfers({
      outgoing,
      dialect: { upload, giveUpUpload: () => Promise.resolve() },
      clock: createFakeClock(),
      logger: silentLogger,
      isOnline: () => true,
      onProgress: () => undefined,
    });

  test('is read where it is, and nothing of it lies here', async () => {
    const { outgoing } = await large();
    const first = await buffer(await outgoing.read(id(1), { start: 0, end: 14 }));
    expect(first.toString()).toBe('its first words');
    expect(await readdir(join(folder, 'out'))).toEqual([`${id(1)}.about`]);
  });

  test.each([
    ['went', (path: string) => rm(path)],
    ['became another one', (path: string) => writeFile(path, 'other words')],
    ['became shorter', (path: string) => truncate(path, 1000)],
  ])('is not sent when it %s before or while it goes, and that is final', async (_what, change) => {
    const before = await large();
    await change(before.path);
    const never = transfersOf(before.outgoing, () => Promise.resolve('/other'));
    await expect(never.done(id(1))).rejects.toMatchObject({ code: 'file-gone' });
    await before.outgoing.release(id(1));

    const { path, outgoing } = await large();
    let tries = 0;
    const cut = transfersOf(outgoing, async ({ read }) => {
      tries += 1;
      if (tries === 1) {
        await change(path);
        throw new MagpieError('server-unreachable', 'cut in the middle');
      }
      await read(1000);
      return '/other';
    });
    let failure: unknown;
    cut.done(id(1)).catch((thrown: unknown) => (failure = thrown));
    await expect
      .poll(() => {
        cut.wake();
        return failure;
      })
      .toMatchObject({ code: 'file-gone' });
  });
});

test('names of others lead nowhere', () => {
  expect(safeName('../../etc/passwd')).toBe('_.._etc_passwd');
  expect(safeName('a\u202egnp.exe')).toBe('a_gnp.exe');
  expect(safeName('CON.txt')).toBe('_CON.txt');
  expect(safeName('...')).toBe('file');
  expect(safeName('报告 v2.pdf')).toBe('报告 v2.pdf');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      const safe = safeName(name);
      expect(safe).not.toBe('');
      expect(/[/\\:\0]|^\.|[. ]$/u.test(safe)).toBe(false);
      expect(safeName(safe)).toBe(safe);
    }),
  );
});

test.each([
  ['Chinese', '关于'.repeat(200), '.docx'],
  ['signs of two units', '😀'.repeat(150), '.png'],
  ['no ending but a long word', `会议.${'纪要'.repeat(100)}`, ''],
])(
  'a long name (%s) is one that the disk takes, twice, and none of its characters is cut',
  async (_what, stem, end) => {
    const taken = new Set<string>();
    for (const number of [1, 2]) {
      const path = await freePath(folder, safeName(stem + end), taken);
      await writeFile(`${path}.part`, String(number));
      await rename(`${path}.part`, path);
      expect(path.endsWith(end)).toBe(true);
      expect(basename(path)).not.toMatch(/[\p{Surrogate}\ufffd]/u);
    }
    expect(await readdir(folder)).toHaveLength(2);
  },
);

test('programs are known by their ending', () => {
  for (const name of ['a.exe', 'b.SH', 'photo.jpg.scr', 'x.desktop', 'y.AppImage'])
    expect(isProgram(name)).toBe(true);
  // As they would be written: what Windows or we ourselves take off the end is no disguise.
  for (const name of [
    'a.exe.',
    'a.exe. .',
    'a.exe\u3000',
    'a.bat   '.padEnd(60, ' ').concat('x'),
    'x.webloc',
  ])
    expect([name, isProgram(name)]).toEqual([name, true]);
  for (const name of ['setup.appref-ms', 'a.settingcontent-ms', 'disk.ISO', 'a.chm', 'a.msix', 'a.ps1xml'])
    expect([name, isProgram(name)]).toEqual([name, true]);
  for (const name of ['a.pdf', 'exe', 'b.png', 'notes.txt']) expect(isProgram(name)).toBe(false);
});
