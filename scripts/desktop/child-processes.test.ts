import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ChildProcesses } from './child-processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'children-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.skipIf(process.platform === 'win32')(
  'what is kept comes back when it dies, and not when all end',
  async () => {
    const children = new ChildProcesses();
    const log = join(folder, 'log');
    const starts = () => {
      try {
        return readFileSync(log, 'utf8').trim().split('\n');
      } catch {
        return [];
      }
    };
    children.keep('/bin/sh', ['-c', `echo $$ >> '${log}'; exec sleep 600`]);
    await expect.poll(() => starts().length).toBe(1);
    process.kill(Number(starts()[0]), 'SIGKILL');
    await expect.poll(() => starts().length, { timeout: 10_000 }).toBe(2);
    await children.stop();
    const last = Number(starts()[1]);
    expect(() => process.kill(last, 0)).toThrow('ESRCH');
    expect(starts()).toHaveLength(2);
  },
);
