/** Files that a person wants to send, kept until the server has them, whatever happens to the app or to the originals. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { addAbortSignal, Readable } from 'node:stream';
import { z } from 'zod';
import { MagpieError } from '#protocol/errors';
import { STAGE_PREFIX } from '#protocol/model/message';
import type { ByteRange } from '#protocol/wire/byte-range';
import { unlessAborted } from '../support/unless-aborted.ts';
import { sha256OfFile } from './file-hash.ts';
import { checkReadable, hasRoomFor, mayVanish, readableFile, readFailure } from './originals.ts';
import type { SealedFiles } from './sealed-files.ts';

/**
 * Larger ones are read where they are, and may neither go nor change meanwhile. Those of them that lie where things come and go are
 * copied as well, as long as there is room for it. Bytes.
 */
const COPY_LIMIT = 256 * 1024 * 1024;

const ABOUT = '.about';
const WITHDRAWN = '.withdrawn';

const record = z.object({
  id: z.string(),
  name: z.string(),
  mime: z.string(),
  size: z.number(),
  /** Null: there is a copy of ours. */
  original: z.object({ path: z.string(), modifiedAt: z.number() }).nullable(),
  sha256: z.string().nullable(),
  /** Once the server has it. */
  url: z.string().nullable(),
  /** When it last said so, milliseconds: it forgets what is in no message for long. */
  uploadedAt: z.number().nullable().default(null),
  /** Addresses that it had before: a message may still name one. */
  formerUrls: z.array(z.string()).default([]),
});
const NOT_UPLOADED = { url: null, uploadedAt: null, formerUrls: [] };
export type OutgoingFile = z.infer<typeof record>;

export interface Outgoing {
  fromBytes(input: { id: string; name: string; mime: string; bytes: Uint8Array }): Promise<OutgoingFile>;
  /**
   * Answers as soon as the file is known; the copy follows.
   * @throws {MagpieError} `file-gone` when it cannot be read, `invalid-input` for a folder (field `folder`)
   */
  fromPath(input: { id: string; mime: string; path: string }): Promise<OutgoingFile>;
  /** Of something that is made as it is read; nothing stays of one that fails. */
  fromStream(input: { id: string; name: string; mime: string; source: Readable }): Promise<OutgoingFile>;
  get(id: string): Promise<OutgoingFile | null>;
  /** @throws {MagpieError} `file-gone` when the original went or changed */
  read(id: string, range?: ByteRange): Promise<Readable>;
  /** @throws {MagpieError} `cancelled` as soon as the signal says so, `file-gone` when it is released meanwhile */
  sha256(id: string, signal?: AbortSignal): Promise<string>;
  uploaded(id: string, url: string, at: number): Promise<void>;
  /** The server has it no more. */
  forgotten(id: string): Promise<void>;
  /** By address, the file that is kept here for it: staged addresses, and those that the server gave. */
  behind(addresses: readonly string[]): Promise<Map<string, string>>;
  /** Ends whatever is done with it. */
  release(id: string): Promise<void>;
  /** The server is to forget its upload: remembered, whatever happens to the app, until it has. */
  withdraw(id: string): Promise<void>;
  withdrawn(id: string): Promise<void>;
  /** Uploads that the server has not forgotten yet. */
  withdrawals(): Promise<string[]>;
  ids(): Promise<string[]>;
  /** After a run that was killed: removes what belongs to no file. */
  tidy(): Promise<void>;
  /** After such a run: copies what was not copied to its end. */
  finishCopies(): Promise<void>;
  /** Resolves when no copy is under way. */
  settled(): Promise<void>;
}

export function createOutgoing(
  folder: string,
  sealed: SealedFiles,
  { copyLimit = COPY_LIMIT, comesAndGoes = mayVanish, roomFor = hasRoomFor } = {},
): Outgoing {
  const ready = mkdir(folder, { recursive: true, mode: 0o700 });
  const known = new Map<string, OutgoingFile>();
  const copying = new Map<string, { done: Promise<void>; abort: AbortController }>();
  /** Released in this run: whatever still goes on with one of them leaves nothing behind. */
  const released = new Set<string>();
  /** Files that this run has written to: their pieces are nobody's leavings. */
  const touched = new Set<string>();
  const copyPath = (id: string) => join(folder, id);
  const recordPath = (id: string) => join(folder, id + ABOUT);

  const save = async (file: OutgoingFile) => {
    await ready;
    touched.add(file.id);
    if (released.has(file.id)) throw new MagpieError('file-gone', 'nobody wants it any more');
    known.set(file.id, file);
    await sealed.writeObject(recordPath(file.id), file);
    if (released.has(file.id)) await rm(recordPath(file.id), { force: true });
  };
  const get = async (id: string): Promise<OutgoingFile | null> => {
    checkId(id);
    const cached = known.get(id);
    if (cached !== undefined) return cached;
    const parsed = record.safeParse(await sealed.readObject(recordPath(id)));
    if (!parsed.success || released.has(id)) return null;
    known.set(id, parsed.data);
    return parsed.data;
  };
  const need = async (id: string): Promise<OutgoingFile> => {
    const file = await get(id);
    if (file === null) throw new MagpieError('file-gone', 'it was never kept');
    return file;
  };
  const checkOriginal = async ({ original, size }: OutgoingFile) => {
    if (original === null) return;
    const now = await stat(original.path).catch(() => null);
    if (now === null || now.size !== size || now.mtimeMs !== original.modifiedAt)
      throw new MagpieError('file-gone', 'the original went or changed');
  };

  /** Of large files one after the other: each looks for its room when the one before has taken its own. */
  let large: Promise<unknown> = Promise.resolve();
  const isCopied = async ({ size }: OutgoingFile, path: string): Promise<boolean> =>
    size <= copyLimit || (await comesAndGoes(path, folder));
  const copy = async (file: OutgoingFile, path: string, signal: AbortSignal) => {
    if (signal.aborted || (file.size > copyLimit && !(await roomFor(file.size, folder)))) return;
    await checkOriginal(file);
    const hash = createHash('sha256');
    const source = addAbortSignal(signal, createReadStream(path));
    try {
      const size = await sealed.write(copyPath(file.id), source, (chunk) => hash.update(chunk));
      signal.throwIfAborted();
      // Somebody may have written to it meanwhile, which leaves a mixture of both.
      await checkOriginal(file);
      if (size !== file.size) return;
    } catch (thrown) {
      // Nothing of it may stay; the original says itself what became of it.
      await rm(copyPath(file.id), { force: true });
      throw thrown;
    }
    // What is known of it may be more than when the copy began.
    await save({ ...(known.get(file.id) ?? file), original: null, sha256: hash.digest('hex') });
  };
  const startCopy = (file: OutgoingFile, path: string) => {
    const abort = new AbortController();
    const make = () => copy(file, path, abort.signal);
    const done = (file.size > copyLimit ? large.then(make) : make())
      // The original is still there, and says so itself when it is not.
      .catch(() => undefined)
      .finally(() => copying.delete(file.id));
    if (file.size > copyLimit) large = done;
    copying.set(file.id, { done, abort });
  };

  const namedWith = async (ending: string): Promise<string[]> => {
    await ready;
    const names = await readdir(folder);
    return names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
  };

  return {
    async fromBytes({ id, name, mime, bytes }) {
      checkId(id);
      released.delete(id);
      touched.add(id);
      await ready;
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      await sealed.write(copyPath(id), Readable.from([Buffer.from(bytes)]));
      const file = { id, name, mime, size: bytes.byteLength, original: null, sha256, ...NOT_UPLOADED };
      await save(file);
      return file;
    },
    async fromPath({ id, mime, path }) {
      checkId(id);
      released.delete(id);
      touched.add(id);
      const details = await stat(path).catch(() => null);
      if (details === null) throw new MagpieError('file-gone', 'no such file');
      if (!details.isFile()) throw new MagpieError('invalid-input', 'not a file', { field: 'folder' });
      await checkReadable(path);
      const original = { path, modifiedAt: details.mtimeMs };
      const name = basename(path);
      const file = { id, name, mime, size: details.size, original, sha256: null, ...NOT_UPLOADED };
      await save(file);
      if (await isCopied(file, path)) startCopy(file, path);
      return file;
    },
    async fromStream({ id, name, mime, source }) {
      checkId(id);
      released.delete(id);
      touched.add(id);
      await ready;
      const hash = createHash('sha256');
      const size = await sealed.write(copyPath(id), source, (chunk) => hash.update(chunk));
      const file = { id, name, mime, size, original: null, sha256: hash.digest('hex'), ...NOT_UPLOADED };
      await save(file);
      return file;
    },
    get,
    async read(id, range) {
      const file = await need(id);
      if (file.original === null) return sealed.read(copyPath(id), range);
      await checkOriginal(file);
      return readableFile(createReadStream(file.original.path, { ...range, highWaterMark: 256 * 1024 }));
    },
    async sha256(id, signal = new AbortController().signal) {
      await unlessAborted(copying.get(id)?.done ?? Promise.resolve(), signal);
      const file = await need(id);
      if (file.sha256 !== null) return file.sha256;
      if (file.original === null) throw new MagpieError('file-gone', 'its copy is not known');
      await checkOriginal(file);
      const sha256 = await unlessAborted(sha256OfFile(file.original.path, signal), signal).catch(
        (thrown: unknown) => {
          throw readFailure(thrown);
        },
      );
      await checkOriginal(file);
      await save({ ...(await need(id)), sha256 });
      return sha256;
    },
    async uploaded(id, url, uploadedAt) {
      const file = await need(id);
      const formerUrls = [...file.formerUrls, ...(file.url === null || file.url === url ? [] : [file.url])];
      await save({ ...file, url, uploadedAt, formerUrls });
    },
    async forgotten(id) {
      const { url, formerUrls, ...file } = await need(id);
      await save({ ...file, ...NOT_UPLOADED, formerUrls: [...formerUrls, ...(url === null ? [] : [url])] });
    },
    async behind(addresses) {
      const asked = new Set(addresses);
      const found = new Map<string, string>();
      for (const address of asked) {
        if (address.startsWith(STAGE_PREFIX)) found.set(address, address.slice(STAGE_PREFIX.length));
      }
      if (found.size === asked.size) return found;
      for (const id of await this.ids()) {
        const { url = null, formerUrls = [] } = (await get(id)) ?? {};
        for (const one of [url, ...formerUrls]) if (one !== null && asked.has(one)) found.set(one, id);
      }
      return found;
    },
    async release(id) {
      checkId(id);
      released.add(id);
      known.delete(id);
      const copied = copying.get(id);
      copied?.abort.abort();
      await rm(recordPath(id), { force: true });
      await copied?.done;
      await rm(copyPath(id), { force: true });
    },
    async withdraw(id) {
      checkId(id);
      await ready;
      await writeFile(join(folder, id + WITHDRAWN), '', { mode: 0o600 });
    },
    async withdrawn(id) {
      checkId(id);
      await rm(join(folder, id + WITHDRAWN), { force: true });
    },
    withdrawals: () => namedWith(WITHDRAWN),
    ids: () => namedWith(ABOUT),
    async tidy() {
      const ids = new Set(await this.ids());
      for (const name of await readdir(folder)) {
        const id = name.slice(0, ID_LENGTH);
        if (touched.has(id) || name.endsWith(WITHDRAWN)) continue;
        const isWhole = name === id || name === id + ABOUT;
        if (!isWhole || !ids.has(id)) await rm(join(folder, name), { force: true });
      }
    },
    async finishCopies() {
      for (const id of await this.ids()) {
        const file = await get(id);
        if (file === null || file.original === null || copying.has(id)) continue;
        const { path } = file.original;
        if (await isCopied(file, path)) startCopy(file, path);
      }
    },
    async settled() {
      await Promise.all([...copying.values()].map(({ done }) => done));
    },
  };
}

/** Ids come from the window and become file names. */
const ID_LENGTH = 36;
function checkId(id: string): void {
  if (!/^[0-9a-f-]{36}$/u.test(id)) throw new MagpieError('invalid-input', 'not an id');
}
