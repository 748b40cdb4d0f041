import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

export const CHECKSUM_FILE = 'SHA256SUMS.txt';
/** What people and updaters download; the unpacked folders and notes of electron-builder beside them are not. */
const published = /\.(?:AppImage|deb|rpm|exe|dmg|zip|blockmap|yml|sig|cdx\.json)$/;

/** Names of the files of a folder that are published. */
export async function publishedFiles(folder: string): Promise<string[]> {
  return (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isFile() && published.test(entry.name) && !entry.name.startsWith('builder-'))
    .map((entry) => entry.name)
    .sort();
}

/** Writes the SHA-256 of every published file of a folder, as `sha256sum --check` reads it. */
export async function writeChecksums(folder: string): Promise<void> {
  const lines: string[] = [];
  for (const name of await publishedFiles(folder))
    lines.push(`${await sha256(join(folder, name))}  ${name}\n`);
  await writeFile(join(folder, CHECKSUM_FILE), lines.join(''));
}

/** The sums that a folder came with, by name. */
export async function readChecksums(folder: string): Promise<Map<string, string>> {
  const text = await readFile(join(folder, CHECKSUM_FILE), 'utf8');
  return new Map(
    [...text.matchAll(/^([0-9a-f]{64}) {2}(.+)$/gmu)].map(([, sum = '', name = '']) => [name, sum]),
  );
}

export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
