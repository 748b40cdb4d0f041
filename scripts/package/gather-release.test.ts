// The packages of three systems become one release, or none.
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CHECKSUM_FILE, writeChecksums } from './checksums.ts';
import { gatherRelease } from './gather-release.ts';

let root = '';
const from = () => join(root, 'from');
const to = () => join(root, 'to');
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'magpie-gather-'));
  await system('linux', 'latest-linux.yml', 'magpie.AppImage');
  await system('mac', 'latest-mac.yml', 'magpie.zip');
  await system('windows', 'latest.yml', 'magpie.exe');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

interface Change {
  version?: string;
  signed?: boolean;
  parts?: string;
}

async function system(name: string, feed: string, installer: string, change: Change = {}): Promise<void> {
  const { version = '1.2.3', signed = false, parts = '{}' } = change;
  const folder = join(from(), name);
  mkdirSync(folder, { recursive: true });
  const content = `${installer} ${version}`;
  const sha512 = createHash('sha512').update(content).digest('base64');
  writeFileSync(join(folder, installer), content);
  writeFileSync(join(folder, `${installer}.blockmap`), 'map');
  writeFileSync(
    join(folder, feed),
    `version: ${version}\nfiles:\n  - url: ${installer}\n    sha512: ${sha512}\n`,
  );
  if (signed) writeFileSync(join(folder, `${feed}.sig`), 'signature');
  writeFileSync(join(folder, 'magpie-1.2.3.cdx.json'), parts);
  writeFileSync(join(folder, 'builder-debug.yml'), 'no part of it');
  await writeChecksums(folder);
}

test('everything of all systems, with one list of sums that is right', async () => {
  const { version, files } = await gatherRelease(from(), to());
  expect(version).toBe('1.2.3');
  expect(files).toEqual([
    'latest-linux.yml',
    'latest-mac.yml',
    'latest.yml',
    'magpie-1.2.3.cdx.json',
    ...['magpie.AppImage', 'magpie.AppImage.blockmap', 'magpie.exe', 'magpie.exe.blockmap'],
    ...['magpie.zip', 'magpie.zip.blockmap'],
  ]);
  expect(readdirSync(to()).sort()).toEqual([...files, CHECKSUM_FILE].sort());
  const lines = readFileSync(join(to(), CHECKSUM_FILE), 'utf8').trim().split('\n');
  expect(lines).toHaveLength(files.length);
  if (process.platform === 'linux')
    execFileSync('sha256sum', ['--check', '--strict', '--quiet', CHECKSUM_FILE], { cwd: to() });
});

test.each<[string, () => Promise<void> | void, string]>([
  [
    'a system failed',
    () => rmSync(join(from(), 'mac'), { recursive: true }),
    'no system made latest-mac.yml',
  ],
  [
    'a file was damaged on its way',
    () => writeFileSync(join(from(), 'linux/magpie.AppImage'), 'else'),
    'not what its sum says',
  ],
  ['a file got lost', () => rmSync(join(from(), 'linux/magpie.AppImage')), 'magpie.AppImage is missing'],
  [
    'a file came without its sum',
    () => writeFileSync(join(from(), 'linux/more.deb'), 'x'),
    'not what its sum says',
  ],
  [
    'only one system had the key',
    () => system('mac', 'latest-mac.yml', 'magpie.zip', { signed: true }),
    'only latest-mac.yml is signed',
  ],
  [
    'one system was at another version',
    () => system('mac', 'latest-mac.yml', 'magpie.zip', { version: '1.2.4' }),
    'one release at a time',
  ],
  [
    'they were made of other parts',
    () => system('mac', 'latest-mac.yml', 'magpie.zip', { parts: '{"other":1}' }),
    'two systems made different files',
  ],
])('none when %s', async (_what, harm, reason) => {
  await harm();
  await expect(gatherRelease(from(), to())).rejects.toThrow(reason);
});

test('none when the metadata names what is not there', async () => {
  const feed = join(from(), 'linux/latest-linux.yml');
  writeFileSync(feed, readFileSync(feed, 'utf8').replace('magpie.AppImage', 'other.AppImage'));
  await writeChecksums(join(from(), 'linux'));
  await expect(gatherRelease(from(), to())).rejects.toThrow('other.AppImage is missing');
});
