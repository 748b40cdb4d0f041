import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sha256OfFile } from './file-hash.ts';

let path = '';
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'magpie-hash-')), 'file');
});
afterEach(() => rm(join(path, '..'), { recursive: true, force: true }));

test('is that of all bytes, whatever their number', async () => {
  for (const size of [0, 1, 256 * 1024, 700_001]) {
    const bytes = randomBytes(size);
    await writeFile(path, bytes);
    expect(await sha256OfFile(path, new AbortController().signal)).toBe(
      createHash('sha256').update(bytes).digest('hex'),
    );
  }
});

test('ends when nobody wants it any more: nobody could wait for the end of this file', async () => {
  await writeFile(path, '');
  await truncate(path, 2 ** 40);
  const abort = new AbortController();
  const hash = sha256OfFile(path, abort.signal);
  setImmediate(() => abort.abort());
  await expect(hash).rejects.toThrow('aborted');
});
