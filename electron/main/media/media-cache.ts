/** What was loaded from the server, so that it opens again at once and without a connection. Bounded; sealed. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { v4 as uuid } from 'uuid';
import { z } from 'zod';
import type { ByteRange } from '#protocol/wire/byte-range';
import type { SealedFiles } from './sealed-files.ts';

const link = z.object({
  /** Name of the content's file; the same content under several addresses is kept once. */
  content: z.string().regex(/^[0-9a-f]{64}$/u),
  size: z.number(),
  mime: z.string(),
  /** Never goes to make room. */
  pinned: z.boolean(),
});
export type CachedFile = z.infer<typeof link>;

/** A file on its way into the cache. */
export interface ArrivingFile {
  /** Bytes that are here. */
  grown(): number;
  /** What is here comes at once, the rest when it arrives; fails when it never does. */
  read(range: ByteRange): Readable;
  readonly kept: Promise<CachedFile>;
}

/** Names that one fill uses. */
interface Fill {
  names: string[];
}

export interface MediaCache {
  find(url: string): Promise<CachedFile | null>;
  /** Keeps a stream under an address; two addresses with one content share it. Nothing stays of one that fails. */
  fill(url: string, mime: string, source: Readable, watch?: (chunk: Buffer) => void): Promise<CachedFile>;
  /** Like {@link MediaCache.fill}, for those who want to read what is there before the rest comes. */
  begin(url: string, mime: string, source: Readable, watch?: (chunk: Buffer) => void): Promise<ArrivingFile>;
  read(file: CachedFile, range?: ByteRange): Readable;
  /** Tells whether it is here, and so pinned or no longer. */
  pin(url: string, pinned: boolean): Promise<boolean>;
  /** Bytes that it takes now. */
  size(): Promise<number>;
  /** Forgets all but what is pinned. */
  clear(): Promise<void>;
  /** Makes what is kept fit into the limit. */
  trim(): Promise<void>;
}

/** @param limit bytes of content beside what is pinned; what was used longest ago goes first */
export function createMediaCache(folder: string, sealed: SealedFiles, limit: () => number): MediaCache {
  const contents = join(folder, 'content');
  const links = join(folder, 'links');
  const ready = Promise.all([contents, links].map((path) => mkdir(path, { recursive: true, mode: 0o700 })));
  /** Since the last count; the folders are only walked when this alone could have gone over the limit. */
  let grown = Infinity;
  let trimming: Promise<void> | null = null;
  /** Files on their way in: whoever makes room leaves them alone. One content may come twice at once, so each fill stands for itself. */
  const arriving = new Set<Fill>();
  // While it is written, a name has an ending of its own.
  const isArriving = (name: string) =>
    [...arriving].some(({ names }) => names.some((one) => name.startsWith(one)));
  const linkPath = (url: string) => join(links, sealed.nameOf(url));
  const contentPath = (name: string) => join(contents, name);

  /** Notes the time of last use; a file that cannot be touched is only older than it should be. */
  const use = async (content: string) => {
    const now = new Date();
    await utimes(contentPath(content), now, now).catch(() => undefined);
  };

  const find = async (url: string): Promise<CachedFile | null> => {
    await ready;
    const parsed = link.safeParse(await sealed.readObject(linkPath(url)));
    if (!parsed.success) return null;
    const size = await sealed.sizeOf(contentPath(parsed.data.content));
    if (size !== parsed.data.size) return null;
    await use(parsed.data.content);
    return parsed.data;
  };

  const walk = async () => {
    const names = await readdir(contents);
    const files = await Promise.all(
      names.map(async (name) => {
        const details = await stat(contentPath(name)).catch(() => null);
        return details === null ? [] : [{ name, size: details.size, usedAt: details.mtimeMs }];
      }),
    );
    return files.flat();
  };
  const pinnedContents = async (): Promise<Set<string>> => {
    const pinned = new Set<string>();
    for (const name of await readdir(links)) {
      const parsed = link.safeParse(await sealed.readObject(join(links, name)));
      if (parsed.success && parsed.data.pinned) pinned.add(parsed.data.content);
    }
    return pinned;
  };
  /**
   * @param most bytes that may stay, beside what is pinned: that was chosen by a person, and must not leave the rest without room
   * @param wanted content that somebody is about to read, however long ago the clock says that it came
   */
  const shrink = async (most: number, wanted?: string) => {
    const files = await walk();
    grown = files.reduce((sum, { size }) => sum + size, 0);
    if (grown <= most) return;
    const pinned = await pinnedContents();
    const loose = files.filter(({ name }) => !pinned.has(name));
    let total = loose.reduce((sum, { size }) => sum + size, 0);
    grown = total;
    if (total <= most) return;
    const gone = new Set<string>();
    for (const { name, size } of loose.sort((one, other) => one.usedAt - other.usedAt)) {
      // A tenth of room, so that the next picture does not walk the folder again.
      if (total <= most * 0.9) break;
      if (name === wanted || isArriving(name)) continue;
      await rm(contentPath(name), { force: true });
      gone.add(name);
      total -= size;
    }
    for (const name of await readdir(links)) {
      const parsed = link.safeParse(await sealed.readObject(join(links, name)));
      if (!parsed.success || gone.has(parsed.data.content)) await rm(join(links, name), { force: true });
    }
    grown = total;
  };

  const trim = (wanted?: string): Promise<void> =>
    (trimming ??= shrink(limit(), wanted).finally(() => (trimming = null)));

  const begin: MediaCache['begin'] = async (url, mime, source, watch) => {
    await ready;
    const hash = createHash('sha256');
    const name = `${uuid()}.new`;
    const fill: Fill = { names: [name] };
    arriving.add(fill);
    const growing = sealed.grow(contentPath(name), source, (chunk) => {
      hash.update(chunk);
      watch?.(chunk);
    });
    const keep = async (): Promise<CachedFile> => {
      try {
        const size = await growing.written;
        const content = sealed.nameOf(hash.digest('hex'));
        fill.names.push(content);
        // Whoever reads what is there must not get the rest of it from another file, which has another key stream.
        const isThere = (await sealed.sizeOf(contentPath(content))) === size;
        if (isThere) await rm(contentPath(name), { force: true });
        else await rename(contentPath(name), contentPath(content));
        await use(content);
        const file = { content, size, mime, pinned: false };
        await sealed.writeObject(linkPath(url), file);
        grown += size;
        return file;
      } finally {
        arriving.delete(fill);
      }
    };
    const kept = keep().then(async (file) => {
      if (grown > limit()) await trim(file.content);
      return file;
    });
    // Whoever only reads along hears of it there.
    kept.catch(() => undefined);
    async function* read(range: ByteRange): AsyncGenerator<Buffer> {
      if (!growing.closed()) return yield* growing.read(range);
      const { content } = await kept;
      yield* sealed.read(contentPath(content), range) as AsyncIterable<Buffer>;
    }
    return {
      kept,
      grown: growing.grown,
      read: (range) => Readable.from(read(range), { objectMode: false }),
    };
  };

  return {
    find,
    trim: () => ready.then(() => trim()),
    begin,
    fill: async (url, mime, source, watch) => (await begin(url, mime, source, watch)).kept,
    read: ({ content }, range) => sealed.read(contentPath(content), range),
    async pin(url, pinned) {
      const file = await find(url);
      if (file === null) return false;
      await sealed.writeObject(linkPath(url), { ...file, pinned });
      // What is let go of counts again.
      if (!pinned) grown += file.size;
      return true;
    },
    async size() {
      await ready;
      return (await walk()).reduce((sum, { size }) => sum + size, 0);
    },
    async clear() {
      await ready;
      await trimming;
      await shrink(0);
    },
  };
}
