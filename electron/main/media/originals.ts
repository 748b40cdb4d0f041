/** Files of a person that are sent from where they lie: whether they can be read, and whether they will be there later. */
import { constants } from 'node:fs';
import { open, statfs, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { MagpieError } from '#protocol/errors';

/** What stays free for everything else when a large file is copied. Bytes. */
const ROOM_LEFT = 2 * 1024 * 1024 * 1024;

/** A failure of the system while a file is read, in words for a person; what is gone is `file-gone`. */
export function readFailure(thrown: unknown): unknown {
  if (thrown instanceof MagpieError) return thrown;
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : null;
  if (typeof code !== 'string' || code === 'ABORT_ERR') return thrown;
  const isGone = code === 'ENOENT' || code === 'ENOTDIR';
  const [told, why] = isGone
    ? (['file-gone', 'no such file'] as const)
    : (['file-unreadable', 'the system does not let it be read'] as const);
  return new MagpieError(told, why, undefined, { cause: thrown });
}

/** @throws {MagpieError} `file-gone`, `file-unreadable` */
export async function checkReadable(path: string): Promise<void> {
  try {
    const handle = await open(path, constants.O_RDONLY);
    await handle.close();
  } catch (thrown) {
    throw readFailure(thrown);
  }
}

/** Fails with {@link MagpieError}s, also in its middle. */
export function readableFile(source: Readable): Readable {
  async function* told(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of source) yield chunk as Buffer;
    } catch (thrown) {
      throw readFailure(thrown);
    }
  }
  return Readable.from(told(), { objectMode: false });
}

/**
 * It lies where things come and go: in a folder for what is temporary, or on another disk than our own files, such as a stick, a share
 * or an opened archive.
 */
export async function mayVanish(path: string, ownFolder: string): Promise<boolean> {
  const [file, own] = await Promise.all([path, ownFolder].map((one) => stat(one).catch(() => null)));
  const isTemporary = [tmpdir(), '/tmp', '/var/tmp', '/run'].some((folder) =>
    resolve(path).startsWith(resolve(folder) + sep),
  );
  return isTemporary || file?.dev !== own?.dev;
}

/** Whether a copy of so many bytes leaves enough for everything else. */
export async function hasRoomFor(bytes: number, folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize - bytes > ROOM_LEFT;
}
