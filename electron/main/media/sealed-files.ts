/** Files that are unreadable without the account's key: pictures and papers are as private as the words around them. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const IV_BYTES = 16;
const BLOCK = 16;
const TAG_BYTES = 16;

/** Both ends included, as in HTTP. */
export interface ByteRange {
  start: number;
  end: number;
}

export interface SealedFiles {
  /** A file name that says nothing about what it stands for. */
  nameOf(text: string): string;
  /** Writes a stream to a file, whole or not at all; gives the number of bytes that came. */
  write(path: string, source: Readable, watch?: (chunk: Buffer) => void): Promise<number>;
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

    async write(path, source, watch) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-ctr', contentKey, iv);
      let size = 0;
      const counted = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          size += chunk.length;
          watch?.(chunk);
          done(null, chunk);
        },
      });
      const partial = `${path}.${randomBytes(6).toString('hex')}.part`;
      try {
        const file = createWriteStream(partial, { mode: 0o600, flush: true });
        file.write(iv);
        await pipeline(source, counted, cipher, file);
        await rename(partial, path);
        return size;
      } catch (error) {
        await rm(partial, { force: true });
        throw error;
      }
    },

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

async function ivOf(path: string): Promise<Buffer> {
  for await (const chunk of createReadStream(path, { start: 0, end: IV_BYTES - 1 })) return chunk as Buffer;
  throw new Error('the file is damaged');
}

/** The counter is one 128-bit number: block `index` uses the start value plus `index`. */
function counterAt(iv: Buffer, index: number): Buffer {
  const sum = (BigInt(`0x${iv.toString('hex')}`) + BigInt(index)) & ((1n << 128n) - 1n);
  return Buffer.from(sum.toString(16).padStart(32, '0'), 'hex');
}
