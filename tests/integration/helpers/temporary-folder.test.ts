/** Killed test runs leave nothing behind for long. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { sweepAbandonedFolders, temporaryFolder } from '../../helpers/temporary-folder.ts';

test('what processes that are gone left is removed, and nothing else', () => {
  const place = mkdtempSync(join(tmpdir(), 'magpie-sweep-test-'));
  try {
    // No system gives out a process number this high.
    mkdirSync(join(place, 'magpie-profile-2147483646-aBc123', 'accounts'), { recursive: true });
    writeFileSync(join(place, 'magpie-profile-2147483646-aBc123.stderr.log'), '');
    const kept = [`magpie-profile-${process.pid}-aBc123`, 'magpie-data', 'other-2147483646-aBc123'];
    for (const name of kept) mkdirSync(join(place, name));
    sweepAbandonedFolders(place);
    expect(readdirSync(place).sort()).toEqual(kept.sort());
  } finally {
    rmSync(place, { recursive: true });
  }
});

test('a folder of ours has a name that tells so', () => {
  const folder = temporaryFolder('profile');
  sweepAbandonedFolders();
  expect(existsSync(folder)).toBe(true);
  expect(basename(folder)).toMatch(new RegExp(`^magpie-profile-${process.pid}-\\w{6}$`));
  rmSync(folder, { recursive: true });
});
