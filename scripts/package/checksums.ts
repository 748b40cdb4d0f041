import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

export const CHECKSUM_FILE = 'SHA256SUMS.txt';
/** What people and updaters download; the unpacked folders and notes of electron-builder beside them are not. */
const published = /\.(?:AppImage|deb|rpm|exe|dmg|zip|blockmap|yml|sig|cdx\.json)$/;

/** Writes the SHA-256 of every published file of a folder, as `sha256sum --check` reads it. */
export async function writeChecksums(folder: string): Promise<void> {
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isFile() && published.test(entry.name) && !entry.name.startsWith('builder-'))
    .map((entry) => entry.name)
    .sort();
  const lines: string[] = [];
  for (const name of names) lines.push(`${await sha256(join(folder, name))}  ${name}\n`);
  await writeFile(join(folder, CHECKSUM_FILE), lines.join(''));
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
