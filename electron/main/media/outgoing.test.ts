import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MagpieError } from '#protocol/errors';
import { hasRoomFor, mayVanish, readableFile } from './originals.ts';
import { createOutgoing, type OutgoingFile } from './outgoing.ts';
import { sealedFiles, type SealedFiles } from './sealed-files.ts';

const sealed = sealedFiles('ab'.repeat(32));
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-outgoing-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

describe('outgoing files', () => {
  test('a large file is copied where files come and go, and read in its place elsewhere', async () => {
    const path = join(folder, 'a.txt');
    for (const comes of [true, false]) {
      await writeFile(path, 'hello');
      const out = join(folder, `out ${comes}`);
      const outgoing = createOutgoing(out, sealed, {
        copyLimit: 0,
        comesAndGoes: () => Promise.resolve(comes),
      });
      await outgoing.fromPath({ id: id(1), mime: '', path });
      await outgoing.settled();
      await rm(path);
      const read = async () => (await buffer(await outgoing.read(id(1)))).toString();
      if (comes) expect(await read()).toBe('hello');
      else await expect(read()).rejects.toMatchObject({ code: 'file-gone' });
    }
  });

  test('of large files one is copied after the other, as long as there is room', async () => {
    const [path, out] = [join(folder, 'a.txt'), join(folder, 'out')];
    await writeFile(path, 'hello');
    let running = 0;
    const asked: string[][] = [];
    const outgoing = createOutgoing(
      out,
      {
        ...sealed,
        async write(...given) {
          running += 1;
          expect(running).toBe(1);
          const size = await sealed.write(...given);
          running -= 1;
          return size;
        },
      },
      {
        copyLimit: 0,
        comesAndGoes: () => Promise.resolve(true),
        // What was copied before has taken its room by then.
        async roomFor() {
          asked.push((await readdir(out)).filter((name) => !name.includes('.')));
          return asked.length < 3;
        },
      },
    );
    await Promise.all([1, 2, 3].map((number) => outgoing.fromPath({ id: id(number), mime: '', path })));
    await outgoing.settled();
    expect(asked.map(({ length }) => length)).toEqual([0, 1, 2]);
    await rm(path);
    const found = await Promise.allSettled(
      [1, 2, 3].map(async (number) => buffer(await outgoing.read(id(number)))),
    );
    expect(found.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  });

  test('an original that changes while it is copied is told of, and never sent as a mixture', async () => {
    const [path, out] = [join(folder, 'a.txt'), join(folder, 'out')];
    await writeFile(path, 'hello');
    const outgoing = createOutgoing(out, {
      ...sealed,
      async write(...given) {
        const size = await sealed.write(...given);
        await writeFile(path, 'jello');
        await utimes(path, 1, 1);
        return size;
      },
    });
    await outgoing.fromPath({ id: id(1), mime: '', path });
    await outgoing.settled();
    await expect(outgoing.read(id(1))).rejects.toMatchObject({ code: 'file-gone' });
    await expect(outgoing.sha256(id(1))).rejects.toMatchObject({ code: 'file-gone' });
    expect(await readdir(out)).toEqual([`${id(1)}.about`]);
  });

  test('where files come and go is known by the place', async () => {
    const path = join(folder, 'a.txt');
    await writeFile(path, '');
    expect(await mayVanish(path, folder), 'in a folder for what is temporary').toBe(true);
    const ours = dirname(process.execPath);
    expect(await mayVanish(process.execPath, ours), 'beside our own').toBe(false);
    if (process.platform === 'linux')
      expect(await mayVanish('/proc/self/status', ours), 'another disk').toBe(true);
    expect(await hasRoomFor(0, folder)).toBe(true);
    expect(await hasRoomFor(2 ** 60, folder)).toBe(false);
  });

  // Root may read everything; a folder in the place of the file is read by nobody.
  test('what is there and cannot be read says so at once, and while it is read', async () => {
    const path = join(folder, 'a.txt');
    await writeFile(path, 'hello', { mode: 0o000 });
    const isRoot = process.getuid?.() === 0;
    const outgoing = createOutgoing(join(folder, 'out'), sealed);
    const staged = outgoing.fromPath({ id: id(1), mime: '', path });
    if (!isRoot && process.platform !== 'win32')
      await expect(staged).rejects.toMatchObject({ code: 'file-unreadable' });
    else await staged;
    const failing = new Readable({
      read: () => failing.destroy(Object.assign(new Error(), { code: 'EIO' })),
    });
    await expect(buffer(readableFile(failing))).rejects.toMatchObject({ code: 'file-unreadable' });
  });

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

  test('what is released while it is hashed or copied leaves nothing', async () => {
    const out = join(folder, 'out');
    const path = join(folder, 'large');
    await writeFile(path, 'large');
    const hashed = createOutgoing(
      out,
      {
        ...sealed,
        async writeObject(to, value) {
          // In the worst moment.
          if (typeof (value as OutgoingFile).sha256 === 'string') await hashed.release(id(1));
          await sealed.writeObject(to, value);
        },
      },
      { copyLimit: 0, comesAndGoes: () => Promise.resolve(false) },
    );
    await hashed.fromPath({ id: id(1), mime: '', path });
    await hashed.sha256(id(1));
    expect(await readdir(out)).toEqual([]);
    expect(await hashed.get(id(1))).toBeNull();

    // A copy from a disk that gives no more bytes.
    let begun = false;
    const write: SealedFiles['write'] = (_path, original) =>
      new Promise((_resolve, reject) => {
        begun = true;
        original.on('error', reject);
      });
    const copied = createOutgoing(out, { ...sealed, write });
    await copied.fromPath({ id: id(2), mime: '', path });
    await expect.poll(() => begun).toBe(true);
    await copied.release(id(2));
    expect(await readdir(out)).toEqual([]);
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
