/** A folder as one file: a zip that is made while it is read, so that its size needs no memory. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { MagpieError } from '#protocol/errors';

/** More would be somebody's whole disk. */
const MOST_FILES = 20_000;

interface Entry {
  path: string;
  /** Within the archive. */
  name: string;
  size: number;
  modifiedAt: Date;
  isFolder: boolean;
}

/** Links are left out: they could lead anywhere, or round and round. */
async function entriesOf(folder: string): Promise<Entry[]> {
  const top = basename(folder);
  const entries: Entry[] = [];
  for (const found of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!found.isFile() && !found.isDirectory()) continue;
    if (entries.length >= MOST_FILES)
      throw new MagpieError('invalid-input', 'too many files', { field: 'folder-too-large' });
    const path = join(found.parentPath, found.name);
    const { size, mtime } = await stat(path);
    const name = [top, ...relative(folder, path).split(sep)].join('/');
    entries.push({ path, name, size, modifiedAt: mtime, isFolder: found.isDirectory() });
  }
  return entries;
}

/**
 * @param watch hears how much of the files has been read, and how much there is, bytes
 * @throws {MagpieError} `file-gone` when it cannot be read, `invalid-input` when there is nothing in it or too much (`field`)
 */
export async function archiveOf(
  folder: string,
  watch: (done: number, total: number) => void,
): Promise<Readable> {
  const entries = await entriesOf(folder).catch((thrown: unknown) => {
    if (thrown instanceof MagpieError) throw thrown;
    throw new MagpieError('file-gone', 'a folder that cannot be read', undefined, { cause: thrown });
  });
  const total = entries.reduce((sum, { size, isFolder }) => sum + (isFolder ? 0 : size), 0);
  if (entries.every(({ isFolder }) => isFolder))
    throw new MagpieError('invalid-input', 'nothing in it', { field: 'folder-empty' });
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  zip.on('error', (error: Error) => output.destroy(error));
  let done = 0;
  for (const { path, name, size, modifiedAt, isFolder } of entries) {
    if (isFolder) zip.addEmptyDirectory(name, { mtime: modifiedAt });
    else
      zip.addReadStreamLazy(name, { size, mtime: modifiedAt }, (give) => {
        const source = createReadStream(path, { highWaterMark: 256 * 1024 });
        source.on('data', (chunk) => watch((done += chunk.length), total));
        output.once('close', () => source.destroy());
        give(null, source);
      });
  }
  zip.end();
  return output;
}
