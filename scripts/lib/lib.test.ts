import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
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
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const first = withFolderLock(lock, async () => {
      order.push('first begins');
      await held;
      order.push('first ends');
    });
    const second = withFolderLock(lock, async () => void order.push('second'), {
      onWait: release,
      pollMs: 1,
    });
    await Promise.all([first, second]);
    expect(order).toEqual(['first begins', 'first ends', 'second']);
  });

  it('is taken over from a process that died', async () => {
    const lock = join(folder, 'lock');
    await mkdir(lock);
    // No system gives out a process number this high.
    await writeFile(join(lock, 'owner'), '2147483646');
    expect(await withFolderLock(lock, async () => 'done', { pollMs: 1 })).toBe('done');
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
