/**
 * The release of the app that a server hands out: the folder `updates` of the data folder, in the layout that
 * electron-builder makes. Metadata (`latest*.yml`) names installers and their SHA-512.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { load } from 'js-yaml';
import { z } from 'zod';

const METADATA = /^latest[a-z0-9-]*\.yml$/u;

const metadata = z.object({
  version: z.string().min(1).max(100),
  files: z
    .array(z.object({ url: z.string().min(1), sha512: z.string().min(1), size: z.number().optional() }))
    .min(1),
});

/** What is wrong with a release that was to be published; one line for the operator. */
export class UnusableRelease extends Error {
  override readonly name = 'UnusableRelease';
}

export interface PublishedRelease {
  version: string;
  /** Names of the installers, sorted. */
  files: string[];
}

export function updatesFolder(dataDirectory: string): string {
  return join(dataDirectory, 'updates');
}

/** Whether there is a release to hand out. */
export function offersUpdates(dataDirectory: string): boolean {
  const folder = updatesFolder(dataDirectory);
  return existsSync(folder) && readdirSync(folder).some((name) => METADATA.test(name));
}

/**
 * Checks a release and puts it into the data folder, where a running server hands it out at once. Installers come first
 * and the metadata that names them last, so that no app is ever sent to a file that is not there. What belongs to no metadata
 * any more goes.
 *
 * @throws {UnusableRelease} when something is missing or is not what its checksum says; nothing has changed then
 */
export async function publishRelease(from: string, dataDirectory: string): Promise<PublishedRelease> {
  const { found, channels, installers, version } = await checkRelease(from);
  const folder = updatesFolder(dataDirectory);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const beside = installers.map((name) => `${name}.blockmap`).filter((name) => found.includes(name));
  const signatures = channels.map((name) => `${name}.sig`).filter((name) => found.includes(name));
  // A signature before what it signs: for a moment an app finds a wrong one, refuses, and asks again later.
  for (const name of [...installers, ...beside, ...signatures, ...channels])
    await place(join(from, name), join(folder, name));
  await tidy(folder);
  return { version, files: installers };
}

export interface CheckedRelease {
  version: string;
  /** Names of everything in the folder. */
  found: string[];
  /** Names of the metadata. */
  channels: string[];
  /** Names of the installers, sorted. */
  installers: string[];
}

/**
 * Reads every installer of a release.
 *
 * @throws {UnusableRelease} when something is missing or is not what its checksum says
 */
export async function checkRelease(from: string): Promise<CheckedRelease> {
  const found = await readdir(from).catch(() => {
    throw new UnusableRelease(`${from} cannot be read`);
  });
  const channels = found.filter((name) => METADATA.test(name));
  if (channels.length === 0) throw new UnusableRelease(`${from} holds no latest*.yml`);
  const versions = new Set<string>();
  const installers = new Set<string>();
  for (const channel of channels) {
    const { version, files } = await readMetadata(join(from, channel));
    versions.add(version);
    for (const file of files) {
      if (basename(file.url) !== file.url || file.url.startsWith('.'))
        throw new UnusableRelease(
          `${channel} names "${file.url}", which is not the name of a file beside it`,
        );
      await check(join(from, file.url), file);
      installers.add(file.url);
    }
  }
  const [version, ...others] = versions;
  if (version === undefined || others.length > 0)
    throw new UnusableRelease(`one release at a time: the metadata names ${[...versions].join(', ')}`);
  return { version, found, channels, installers: [...installers].sort() };
}

async function readMetadata(path: string): Promise<z.output<typeof metadata>> {
  try {
    return metadata.parse(load(await readFile(path, 'utf8')));
  } catch {
    throw new UnusableRelease(`${basename(path)} is no update metadata`);
  }
}

async function check(
  path: string,
  { sha512, size }: { sha512: string; size?: number | undefined },
): Promise<void> {
  const name = basename(path);
  const length = await stat(path).then(
    (found) => found.size,
    () => null,
  );
  if (length === null) throw new UnusableRelease(`${name} is missing`);
  if (size !== undefined && size !== length)
    throw new UnusableRelease(`${name} has ${length} bytes and should have ${size}`);
  const hash = createHash('sha512');
  await pipeline(createReadStream(path), hash);
  if (hash.digest('base64') !== sha512)
    throw new UnusableRelease(`${name} is not what its SHA-512 in the metadata says`);
}

/** Never a half file under the name that is handed out. */
async function place(from: string, to: string): Promise<void> {
  const incoming = `${to}.incoming`;
  try {
    await copyFile(from, incoming);
    await rename(incoming, to);
  } finally {
    await rm(incoming, { force: true });
  }
}

async function tidy(folder: string): Promise<void> {
  const names = await readdir(folder);
  const kept = new Set<string>();
  for (const channel of names.filter((name) => METADATA.test(name))) {
    kept.add(channel).add(`${channel}.sig`);
    const { files } = await readMetadata(join(folder, channel));
    for (const { url } of files) kept.add(url).add(`${url}.blockmap`);
  }
  for (const name of names)
    if (!kept.has(name)) await rm(join(folder, name), { force: true, recursive: true });
}
