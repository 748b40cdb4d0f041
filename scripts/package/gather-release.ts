import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkRelease } from '../../server/files/update-feed.ts';
import { ActionableError } from '../lib/fatal.ts';
import { publishedFiles, readChecksums, sha256, writeChecksums } from './checksums.ts';

/** What apps of each system ask for. */
const FEEDS = ['latest.yml', 'latest-mac.yml', 'latest-linux.yml'];

/**
 * Makes one release of the packages of all systems.
 *
 * @param from holds a folder for each system, with its `SHA256SUMS.txt`
 * @throws {ActionableError} when a byte is wrong, a system is missing, or two of them disagree; what is in `to` is no release then
 * @throws {UnusableRelease} when the metadata names what is not there
 */
export async function gatherRelease(from: string, to: string): Promise<{ version: string; files: string[] }> {
  await mkdir(to, { recursive: true });
  const sums = new Map<string, string>();
  const folders = (await readdir(from, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  for (const folder of folders.map(({ name }) => join(from, name)).sort()) {
    const stated = await readChecksums(folder);
    const found = await publishedFiles(folder);
    for (const name of stated.keys())
      if (!found.includes(name)) throw new ActionableError(`${name} is missing in ${folder}`);
    for (const name of found) {
      const sum = await sha256(join(folder, name));
      if (stated.get(name) !== sum)
        throw new ActionableError(`${name} in ${folder} is not what its sum says`);
      // The list of parts is made on each system, from the same lockfile.
      if (sums.has(name) && sums.get(name) !== sum)
        throw new ActionableError(`two systems made different files ${name}`);
      sums.set(name, sum);
      await copyFile(join(folder, name), join(to, name));
    }
  }
  for (const feed of FEEDS) if (!sums.has(feed)) throw new ActionableError(`no system made ${feed}`);
  const signed = FEEDS.filter((feed) => existsSync(join(to, `${feed}.sig`)));
  if (signed.length > 0 && signed.length < FEEDS.length)
    throw new ActionableError(`only ${signed.join(', ')} is signed: every system needs the key`);
  if (![...sums.keys()].some((name) => name.endsWith('.cdx.json')))
    throw new ActionableError('there is no list of parts');
  const { version } = await checkRelease(to);
  await writeChecksums(to);
  return { version, files: [...sums.keys()].sort() };
}
