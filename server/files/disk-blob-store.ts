/** {@link BlobStore} in a folder: `ab/abcdef…`, written once, never changed. */
import { constants } from 'node:fs';
import { access, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BlobStore, Sha256 } from './blob-store.ts';

const SHA256 = /^[0-9a-f]{64}$/;

export function diskBlobStore(root: string): BlobStore {
  function pathOf(sha256: Sha256): string {
    if (!SHA256.test(sha256)) throw new Error('not a SHA-256');
    return join(root, sha256.slice(0, 2), sha256);
  }

  const has = (sha256: Sha256): Promise<boolean> => exists(pathOf(sha256));

  return {
    has: (sha256) => has(sha256),
    async put(sha256, localFile) {
      const target = pathOf(sha256);
      if (await has(sha256)) return rm(localFile, { force: true });
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await flush(localFile);
      await rename(localFile, target);
      // The name is on the disk only when its folder is.
      await flush(dirname(target));
    },
    async read(sha256, range) {
      const handle = await open(pathOf(sha256), constants.O_RDONLY);
      return handle.createReadStream({ ...range, autoClose: true });
    },
    signedAddress: () => Promise.resolve(null),
    remove: (sha256) => rm(pathOf(sha256), { force: true }),
    async *list(olderThan) {
      for (const folder of await readdir(root)) {
        for (const name of await readdir(join(root, folder)).catch(() => [])) {
          if (!SHA256.test(name)) continue;
          const details = await stat(join(root, folder, name)).catch(() => undefined);
          if (details !== undefined && details.mtimeMs < olderThan) yield name;
        }
      }
    },
    withLocalFile: (sha256, use) => use(pathOf(sha256)),
  };
}

/** Waits until a file or folder is on the disk. Windows cannot flush folders and does not need to. */
async function flush(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
