/** Files on their way in: streamed to the disk, counted and hashed while they come, gone when they fail. */
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Sha256 } from './blob-store.ts';

export interface ReceivedFile {
  path: string;
  size: number;
  sha256: Sha256;
}

export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

export interface Incoming {
  /**
   * Takes a stream to its end; what came stays until it is discarded.
   * @throws {TooLarge} beyond `limit` bytes; the rest of the stream is then left alone
   */
  receive(source: Readable, limit: number): Promise<ReceivedFile>;
  /** How much of a file that comes in pieces is there, bytes. */
  sizeOf(key: string): Promise<number>;
  /**
   * Appends a piece at `offset`, which must be the present size. What came before a cut stays, so the sender can go on.
   * @returns the new size, and the hash of all of it where it came in this one piece
   * @throws {TooLarge} when it would grow beyond `limit`
   */
  append(
    key: string,
    offset: number,
    source: Readable,
    limit: number,
  ): Promise<{ size: number; sha256: Sha256 | null }>;
  /** What came in pieces, with its hash if that is not known yet; it stays where it is. */
  finished(key: string, sha256?: Sha256 | null): Promise<ReceivedFile>;
  discard(file: { path: string } | { key: string }): Promise<void>;
  /** Removes whatever nobody is going to finish: all but the given keys. */
  clear(keep: ReadonlySet<string>): Promise<void>;
}

const PIECES = '.part';

/** @param root an own folder; `key`s must be plain words, they become file names */
export async function incomingFiles(root: string): Promise<Incoming> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  /** Files of this run that came, or come, as a whole, until they are discarded. */
  const whole = new Set<string>();
  const partPath = (key: string): string => {
    if (!/^[0-9a-f]{64}$/.test(key)) throw new Error('not a key');
    return join(root, `${key}${PIECES}`);
  };
  const sizeOf = (key: string): Promise<number> =>
    stat(partPath(key)).then(
      ({ size }) => size,
      () => 0,
    );

  async function discard(file: { path: string } | { key: string }): Promise<void> {
    const path = 'path' in file ? file.path : partPath(file.key);
    await rm(path, { force: true });
    whole.delete(path);
  }

  return {
    sizeOf,

    async receive(source, limit) {
      const path = join(root, randomUUID());
      const hash = createHash('sha256');
      const counted = counter(limit, (chunk) => hash.update(chunk));
      whole.add(path);
      const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
      try {
        await pipeline(source, counted.stream, file);
        return { path, size: counted.size(), sha256: hash.digest('hex') };
      } catch (error) {
        // A file that is still being opened comes into being after it was removed.
        if (!file.closed) await once(file, 'close').catch(() => undefined);
        await discard({ path });
        throw error;
      }
    },

    async append(key, offset, source, limit) {
      const path = partPath(key);
      if (offset === 0) await truncate(path, 0).catch(() => undefined);
      // Most files come in one piece: hashing them now saves reading them again.
      const hash = offset === 0 ? createHash('sha256') : null;
      const counted = counter(limit - offset, (chunk) => hash?.update(chunk));
      await pipeline(source, counted.stream, createWriteStream(path, { flags: 'a', mode: 0o600 }));
      return { size: offset + counted.size(), sha256: hash?.digest('hex') ?? null };
    },

    async finished(key, sha256) {
      const path = partPath(key);
      if (sha256 !== undefined && sha256 !== null) return { path, size: await sizeOf(key), sha256 };
      const hash = createHash('sha256');
      let size = 0;
      for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
        hash.update(chunk as Buffer);
        size += (chunk as Buffer).length;
      }
      return { path, size, sha256: hash.digest('hex') };
    },

    discard,

    async clear(keep) {
      for (const name of await readdir(root)) {
        const path = join(root, name);
        if (name.endsWith(PIECES) ? keep.has(name.slice(0, -PIECES.length)) : whole.has(path)) continue;
        await rm(path, { force: true });
      }
    },
  };
}

function counter(limit: number, seen: (chunk: Buffer) => void = () => undefined) {
  let size = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > limit) return done(new TooLarge());
      seen(chunk);
      done(null, chunk);
    },
  });
  return { stream, size: () => size };
}
