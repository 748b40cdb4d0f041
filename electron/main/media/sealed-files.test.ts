import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sealedFiles } from './sealed-files.ts';

const sealed = sealedFiles('ab'.repeat(32));
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-sealed-files-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

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
