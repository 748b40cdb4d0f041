import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { electronFlags } from './electron-flags.ts';
import { withFolderLock } from './folder-lock.ts';
import { isOutdated } from './newer-than.ts';
import { createProgress } from './progress.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-lib-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the lock', () => {
  it('lets one at a time work', async () => {
    const lock = join(folder, 'lock');
    const order: string[] = [];
    let second: Promise<void> | undefined;
    // The second begins only when the first surely holds the lock: which of two gets it is anybody's guess.
    await withFolderLock(lock, async () => {
      order.push('first begins');
      await new Promise<void>((resolve) => {
        second = withFolderLock(lock, async () => void order.push('second'), {
          onWait: (owner) => {
            expect(owner).toBe(process.pid);
            resolve();
          },
          pollMs: 1,
        });
      });
      order.push('first ends');
    });
    await second;
    expect(order).toEqual(['first begins', 'first ends', 'second']);
    expect(await readdir(folder)).toEqual([]);
  });

  it('lets one at a time work, however many find it abandoned at the same moment', async () => {
    const lock = join(folder, 'lock');
    for (let round = 0; round < 5; round++) {
      await mkdir(lock);
      // No system gives out a process number this high.
      await writeFile(join(lock, `2147483646-${round}`), '');
      let inside = 0;
      const work = async () => {
        expect(++inside).toBe(1);
        await readdir(folder);
        inside--;
      };
      await Promise.all(Array.from({ length: 8 }, () => withFolderLock(lock, work, { pollMs: 1 })));
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it('is taken over from a process that left no name, after a while', async () => {
    const lock = join(folder, 'lock');
    await mkdir(lock);
    await writeFile(join(lock, 'owner'), '');
    await utimes(join(lock, 'owner'), 1_000, 1_000);
    expect(await withFolderLock(lock, async () => 'done', { pollMs: 1 })).toBe('done');
  });

  it('says so when the folder cannot be written, instead of waiting for ever', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(withFolderLock(join(folder, 'file', 'lock'), async () => 'done')).rejects.toThrow();
  });

  it('is released when the work fails', async () => {
    const lock = join(folder, 'lock');
    await expect(withFolderLock(lock, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await withFolderLock(lock, async () => 'done')).toBe('done');
  });
});

describe('finding out whether to build', () => {
  it('compares with everything inside a folder', async () => {
    const product = join(folder, 'product');
    const source = join(folder, 'source');
    await mkdir(source);
    await writeFile(join(source, 'file.ts'), '');
    expect(isOutdated(product, [source])).toBe(true);
    await writeFile(product, '');
    await utimes(product, 2_000, 2_000);
    await utimes(join(source, 'file.ts'), 1_000, 1_000);
    await utimes(source, 1_000, 1_000);
    expect(isOutdated(product, [source, join(folder, 'absent')])).toBe(false);
    await utimes(join(source, 'file.ts'), 3_000, 3_000);
    expect(isOutdated(product, [source])).toBe(true);
  });
});

describe('the switches for Electron', () => {
  it('weaken the sandbox for nobody but root on a virtual display', () => {
    expect(electronFlags(true, 0)).toContain('--no-sandbox');
    expect(electronFlags(true, 1000)).not.toContain('--no-sandbox');
    expect(electronFlags(false, 0)).toEqual([]);
  });
});

describe('progress', () => {
  it('is a few plain lines where there is no terminal', () => {
    let output = '';
    const progress = createProgress('Loading', 1_000_000, { write: (text) => (output += text) });
    for (let part = 0; part < 1_000; part++) progress.add(1_000);
    progress.end();
    expect(output).toBe(
      'Loading (1 MB) ...\nLoading: 20 %\nLoading: 40 %\nLoading: 60 %\nLoading: 80 %\nLoading: done (1 MB)\n',
    );
  });
});
