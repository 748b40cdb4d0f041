/** A folder of the data folder that others write to meanwhile, as it was at one moment; what the last backup has is shared with it. */
import { link, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { copyFile, fingerprint, type Fingerprint } from './copy-file.ts';
import type { BackedUpFile } from './manifest.ts';

/** A release is published while its folder is copied: that happens once, and not again and again. */
const TRIES = 4;
/** Files on their way to their name; see `update-feed.ts`. */
const INCOMING = '.incoming';

/** What an earlier backup can share: SHA-256 by path, and where they lie. */
export interface Shareable {
  folder: string;
  sums: ReadonlyMap<string, string>;
}

export const NOTHING_TO_SHARE: Shareable = { folder: '', sums: new Map() };

export interface FolderOrder {
  /** The data folder. */
  root: string;
  /** Name of the folder in it; one that is not there has no files. */
  name: string;
  /** The backup. */
  target: string;
  former: Shareable;
  signal?: AbortSignal | undefined;
}

/** @throws {Error} when it never stands still for as long as copying it takes */
export async function copyFolder({
  root,
  name,
  target,
  former,
  signal,
}: FolderOrder): Promise<BackedUpFile[]> {
  for (let left = TRIES; left > 0; left--) {
    const before = await stateOf(root, name);
    const files: BackedUpFile[] = [];
    try {
      for (const path of before.keys()) {
        const source = join(root, path);
        const shared = await share(source, path, target, former, signal);
        files.push({ path, ...(shared ?? (await copyFile(source, join(target, path), signal))) });
      }
      if (isSame(before, await stateOf(root, name))) return files;
    } catch (error) {
      // Removed while it was looked at.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
    await rm(join(target, name), { recursive: true, force: true });
  }
  throw new Error(`${name} is changed all the time`);
}

/** Undefined when the last backup has not this content under this path. */
async function share(
  source: string,
  path: string,
  target: string,
  former: Shareable,
  signal: AbortSignal | undefined,
): Promise<Fingerprint | undefined> {
  const sum = former.sums.get(path);
  if (sum === undefined || (await fingerprint(source, signal)).sha256 !== sum) return undefined;
  const bytes = await linkSound(join(former.folder, path), join(target, path), sum, signal);
  return bytes === undefined ? undefined : { bytes, sha256: sum };
}

/** The size; undefined when the bytes are not what they were, or the file system has no links. */
export async function linkSound(
  shared: string,
  target: string,
  sha256: string,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const found = await fingerprint(shared, signal).catch(() => undefined);
  signal?.throwIfAborted();
  if (found?.sha256 !== sha256) return undefined;
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  return link(shared, target).then(
    () => found.bytes,
    () => undefined,
  );
}

/** What tells that a file is still the same one, by its path below `root`, with slashes. Links are not followed. */
async function stateOf(root: string, folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])) {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) for (const [below, state] of await stateOf(root, path)) found.set(below, state);
    else if (entry.isFile() && !entry.name.endsWith(INCOMING)) {
      const { ino, size, mtimeMs } = await stat(join(root, path));
      found.set(path, [ino, size, mtimeMs].join());
    }
  }
  return found;
}

function isSame(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([path, state]) => other.get(path) === state);
}
