/** Files that are unreadable without the account's key: pictures and papers are as private as the words around them. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ByteRange } from '#protocol/wire/byte-range';

const IV_BYTES = 16;
const BLOCK = 16;
const TAG_BYTES = 16;

/** Read at once from a file that is on its way, bytes. */
const PIECE = 256 * 1024;

/** A file that can be read while it is written. */
export interface GrowingFile {
  /** Number of bytes, once all of them lie under the path. Nothing stays of one that fails. */
  readonly written: Promise<number>;
  /** Bytes that can be read already. */
  grown(): number;
  /** From now on it is read by its path, if it was written at all. */
  closed(): boolean;
  /** Waits for what of the range is still on its way; fails when that will never come. To be started while it is not closed. */
  read(range: ByteRange): AsyncGenerator<Buffer>;
}

export interface SealedFiles {
  /** A file name that says nothing about what it stands for. */
  nameOf(text: string): string;
  /** Writes a stream to a file, whole or not at all; gives the number of bytes that came. */
  write(path: string, source: Readable, watch?: (chunk: Buffer) => void): Promise<number>;
  /** Like {@link SealedFiles.write}, for those who want to read what is there before the rest comes. */
  grow(path: string, source: Readable, watch?: (chunk: Buffer) => void): GrowingFile;
  /** Size of the content, bytes; null when there is no such file. */
  sizeOf(path: string): Promise<number | null>;
  read(path: string, range?: ByteRange): Readable;
  /** A small object; changed or foreign ones are read as null. */
  writeObject(path: string, value: unknown): Promise<void>;
  readObject(path: string): Promise<unknown>;
}

/**
 * AES-256 in counter mode, so that any range can be read without what comes before it; small objects with an
 * authentication tag.
 * @param secret of the account, hexadecimal
 */
export function sealedFiles(secret: string): SealedFiles {
  const derived = (use: string) =>
    Buffer.from(hkdfSync('sha256', Buffer.from(secret, 'hex'), Buffer.alloc(0), `magpie ${use}`, 32));
  const [contentKey, objectKey, nameKey] = [derived('media'), derived('media-object'), derived('media-name')];

  return {
    nameOf: (text) => createHmac('sha256', nameKey).update(text).digest('hex'),

    write: (path, source, watch) => growing(path, contentKey, source, watch).written,
    grow: (path, source, watch) => growing(path, contentKey, source, watch),

    sizeOf: (path) =>
      stat(path).then(
        ({ size }) => size - IV_BYTES,
        () => null,
      ),

    read(path, range) {
      return Readable.from(decrypted(path, contentKey, range), { objectMode: false });
    },

    async writeObject(path, value) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', objectKey, iv);
      const body = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
      const partial = `${path}.${randomBytes(6).toString('hex')}.part`;
      await writeFile(partial, Buffer.concat([iv, cipher.getAuthTag(), body]), { mode: 0o600, flush: true });
      await rename(partial, path);
    },

    async readObject(path) {
      try {
        const bytes = await readFile(path);
        const decipher = createDecipheriv('aes-256-gcm', objectKey, bytes.subarray(0, 12));
        decipher.setAuthTag(bytes.subarray(12, 12 + TAG_BYTES));
        const text = Buffer.concat([decipher.update(bytes.subarray(12 + TAG_BYTES)), decipher.final()]);
        return JSON.parse(text.toString('utf8')) as unknown;
      } catch {
        return null;
      }
    },
  };
}

async function* decrypted(path: string, key: Buffer, range?: ByteRange): AsyncGenerator<Buffer> {
  const start = range?.start ?? 0;
  const firstBlock = Math.floor(start / BLOCK);
  const iv = await ivOf(path);
  const decipher = createDecipheriv('aes-256-ctr', key, counterAt(iv, firstBlock));
  const end = range === undefined ? undefined : IV_BYTES + range.end;
  const file = createReadStream(path, {
    start: IV_BYTES + firstBlock * BLOCK,
    end,
    highWaterMark: 256 * 1024,
  });
  let skip = start % BLOCK;
  for await (const chunk of file) {
    const plain = decipher.update(chunk as Buffer);
    if (skip >= plain.length) skip -= plain.length;
    else yield skip === 0 ? plain : plain.subarray(skip);
    if (skip < plain.length) skip = 0;
  }
}

function growing(
  path: string,
  key: Buffer,
  source: Readable,
  watch: (chunk: Buffer) => void = () => undefined,
): GrowingFile {
  const iv = randomBytes(IV_BYTES);
  const partial = `${path}.${randomBytes(6).toString('hex')}.part`;
  const opened = open(partial, 'wx+', 0o600);
  /** Who has the file open: the writer, and whoever reads along. */
  let users = 1;
  let size = 0;
  let ended = false;
  let wake: () => void = () => undefined;
  let change = new Promise<void>((resolve) => (wake = resolve));
  const tell = () => {
    const told = wake;
    change = new Promise<void>((resolve) => (wake = resolve));
    told();
  };
  const leave = async (file: FileHandle) => {
    users -= 1;
    if (users === 0) await file.close();
  };

  const write = async (): Promise<number> => {
    try {
      const file = await opened;
      try {
        const cipher = createCipheriv('aes-256-ctr', key, iv);
        await file.writeFile(iv);
        for await (const chunk of source as AsyncIterable<Buffer>) {
          watch(chunk);
          await file.writeFile(cipher.update(chunk));
          size += chunk.length;
          tell();
        }
        await file.sync();
      } finally {
        await leave(file);
      }
      await rename(partial, path);
      return size;
    } catch (error) {
      source.destroy();
      await rm(partial, { force: true });
      throw error;
    } finally {
      ended = true;
      tell();
    }
  };
  const written = write();
  // Whoever reads along hears of it as well.
  written.catch(() => undefined);

  async function* read({ start, end }: ByteRange): AsyncGenerator<Buffer> {
    users += 1;
    const file = await opened;
    try {
      const firstBlock = Math.floor(start / BLOCK);
      const decipher = createDecipheriv('aes-256-ctr', key, counterAt(iv, firstBlock));
      let at = firstBlock * BLOCK;
      while (at <= end) {
        while (size <= at && !ended) await change;
        if (size <= at) {
          await written;
          return;
        }
        const wanted = Math.min(end + 1, size) - at;
        const piece = Buffer.alloc(Math.min(wanted, PIECE));
        const { bytesRead } = await file.read(piece, 0, piece.length, IV_BYTES + at);
        const plain = decipher.update(piece.subarray(0, bytesRead));
        const skip = Math.max(0, start - at);
        at += bytesRead;
        if (skip < plain.length) yield plain.subarray(skip);
      }
    } finally {
      await leave(file);
    }
  }

  return { written, grown: () => size, closed: () => users === 0, read };
}

async function ivOf(path: string): Promise<Buffer> {
  for await (const chunk of createReadStream(path, { start: 0, end: IV_BYTES - 1 })) return chunk as Buffer;
  throw new Error('the file is damaged');
}

/** The counter is one 128-bit number: block `index` uses the start value plus `index`. */
function counterAt(iv: Buffer, index: number): Buffer {
  const sum = (BigInt(`0x${iv.toString('hex')}`) + BigInt(index)) & ((1n << 128n) - 1n);
  return Buffer.from(sum.toString(16).padStart(32, '0'), 'hex');
}
