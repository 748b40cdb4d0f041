import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../history/database.ts';
import { openLogFile } from './log-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'magpie-private-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
const key = 'ab'.repeat(32);

// Windows has no modes; there the profile's own access list protects it.
describe.skipIf(process.platform === 'win32')("what a profile holds is its owner's alone", () => {
  it('in a new history', () => {
    const path = join(folder, 'accounts', 'one', 'history.db');
    const { sql } = openDatabase(path, key);
    expect([path, `${path}-wal`, `${path}-shm`].map(modeOf)).toEqual(['600', '600', '600']);
    expect([join(folder, 'accounts'), join(folder, 'accounts', 'one')].map(modeOf)).toEqual(['700', '700']);
    sql.close();
  });

  it('in a history that an earlier version made for everybody', () => {
    const path = join(folder, 'one', 'history.db');
    openDatabase(path, key).sql.close();
    chmodSync(path, 0o644);
    chmodSync(join(folder, 'one'), 0o755);
    const { sql, reset } = openDatabase(path, key);
    expect(reset).toBe(false);
    expect([path, `${path}-wal`, `${path}-shm`, join(folder, 'one')].map(modeOf)).toEqual([
      '600',
      '600',
      '600',
      '700',
    ]);
    sql.close();
  });

  it('in the logs, new and old', async () => {
    const log = openLogFile(join(folder, 'new', 'main.log'));
    log.write('line\n');
    await log.flush();
    expect([join(folder, 'new'), join(folder, 'new', 'main.log')].map(modeOf)).toEqual(['700', '600']);

    mkdirSync(join(folder, 'old'), { mode: 0o755 });
    writeFileSync(join(folder, 'old', 'main.log'), '', { mode: 0o644 });
    const old = openLogFile(join(folder, 'old', 'main.log'));
    old.write('line\n');
    await old.flush();
    expect([join(folder, 'old'), join(folder, 'old', 'main.log')].map(modeOf)).toEqual(['700', '600']);
  });
});
