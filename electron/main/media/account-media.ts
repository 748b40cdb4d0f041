/** Everything about files of one signed-in account: what goes up, what was loaded, and where people put it. */
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { v4 as uuid } from 'uuid';
import { MagpieError, toWireError } from '#protocol/errors';
import type { MediaState, PreparedMedia, TransferProgress } from '#protocol/ipc';
import {
  addressesOf,
  isMedia,
  isUnprepared,
  STAGE_PREFIX,
  type MediaContent,
  type ImageContent,
  type MediaFile,
  type MessageContent,
  type StickerContent,
  type UnpreparedContent,
} from '#protocol/model/message';
import type { UploadKind, UploadPlace } from '#protocol/model/settings';
import type { ByteRange } from '#protocol/wire/byte-range';
import type { ChatDialect, FileAccess } from '../dialects/chat-dialect.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import { unlessAborted } from '../support/unless-aborted.ts';
import { createDownloads, KEEP_LIMIT, troubleOf } from './downloads.ts';
import { createMediaCache, type CachedFile } from './media-cache.ts';
import { createMessageFiles } from './message-files.ts';
import { createOutgoing, type OutgoingFile } from './outgoing.ts';
import { withoutMetadata } from './picture-metadata.ts';
import { checkRoom, freePath, safeName } from './places.ts';
import { createPreparations } from './preparations.ts';
import { sealedFiles } from './sealed-files.ts';
import { createSnapshots } from './snapshots.ts';
import { createStickers } from './stickers.ts';
import { createRecordings, createTrays } from './trays.ts';
import { createTransfers } from './transfers.ts';

/** Marks the address of an own sticker. */
export const STICKER_PREFIX = 'sticker:';

/** What is larger is no picture, whatever it is called: it would be read into memory as a whole. Bytes. */
const LARGEST_PICTURE = 512 * 1024 * 1024;

export interface AccountMediaOptions {
  /** Of the account; `media` is made in it. */
  folder: string;
  /** Hexadecimal. */
  secret: string;
  dialect: Pick<
    ChatDialect,
    'upload' | 'giveUpUpload' | 'choosesPlace' | 'cover' | 'snapshotOf' | 'accessTo' | 'sendMedia' | 'network'
  >;
  /** Where the person wants files of this kind. */
  uploadPlace(kind: UploadKind): UploadPlace;
  clock: Clock;
  logger: Logger;
  isOnline(): boolean;
  /** Bytes of loaded files that are kept. */
  cacheLimit(): number;
  onProgress(progress: TransferProgress): void;
  /** Larger files are not kept; tests have smaller ones. */
  keepLimit?: number;
}

/** A file that the window may show: its bytes, or why there are none. */
export type Opened =
  | { kind: 'local'; size: number; mime: string; read(range?: ByteRange): Promise<Readable> }
  /** Too large to keep: pass the request on. */
  | ({ kind: 'remote' } & FileAccess)
  | { kind: 'refused' | 'gone' | 'unreachable' };

export type AccountMedia = ReturnType<typeof createAccountMedia>;

export function createAccountMedia(options: AccountMediaOptions) {
  const { dialect, clock } = options;
  const log = options.logger.module('media');
  const sealed = sealedFiles(options.secret);
  const outgoing = createOutgoing(join(options.folder, 'media', 'outgoing'), sealed);
  const cache = createMediaCache(join(options.folder, 'media', 'cache'), sealed, options.cacheLimit);
  const stickers = createStickers(join(options.folder, 'media', 'stickers'), sealed);
  const trays = createTrays(join(options.folder, 'media', 'trays'), sealed);
  const recordings = createRecordings(join(options.folder, 'media', 'recordings'), sealed);
  const preparations = createPreparations();
  const closing = new AbortController();
  const { keepLimit = KEEP_LIMIT } = options;
  const downloads = createDownloads({ dialect, clock, cache, signal: closing.signal, keepLimit });
  /** What is being written out of the app, by the id under which its progress is told: one file may go to two places. */
  const saving = new Map<string, Set<AbortController>>();
  /** Archives that are being made, by the id that they will be staged under. */
  const packing = new Map<string, AbortController>();
  /** Paths that are being written to: theirs are names that nobody else may take. */
  const writing = new Set<string>();
  const transfers = createTransfers({
    ...options,
    outgoing,
    onProgress: ({ id, done, total }) => options.onProgress({ id, direction: 'up', done, total }),
  });

  /** What went up opens from here without being loaded again. */
  const adopt = async (file: OutgoingFile) => {
    if (file.url === null || file.size > keepLimit) return;
    try {
      await cache.fill(file.url, file.mime, await outgoing.read(file.id));
    } catch (thrown) {
      log.info('not-kept', { code: toWireError(thrown).code });
    }
  };
  const release = async (id: string) => {
    const file = await outgoing.get(id);
    if (file !== null) await adopt(file);
    await outgoing.release(id);
  };

  const contentStream = async (file: MediaFile, id: string, signal: AbortSignal): Promise<Readable> => {
    const report = (done: number, total: number) =>
      options.onProgress({ id, direction: 'down', done, total: total > 0 ? total : file.size });
    if (file.url.startsWith(STAGE_PREFIX)) return outgoing.read(file.url.slice(STAGE_PREFIX.length));
    const cached = await cache.find(file.url);
    if (cached !== null) return cache.read(cached);
    const begun = file.size <= keepLimit ? downloads.begin(file.url) : Promise.resolve(null);
    const download = await unlessAborted(begun, signal);
    if (download !== null) {
      const leave = download.watch(report);
      try {
        return cache.read(await unlessAborted(download.kept, signal));
      } finally {
        leave();
      }
    }
    const { size, bytes } = await downloads.stream(file.url, signal);
    return Readable.from(
      counted(bytes, (done) => report(done, size ?? 0)),
      { objectMode: false },
    );
  };

  /** May the storage that films go to make their covers? Then none is sent before that is known. */
  const drawsFilms = () => dialect.choosesPlace && options.uploadPlace('video') === 'object-storage';
  const files = createMessageFiles({
    ...{ outgoing, transfers, preparations, dialect, log, release },
    drawsFilms,
    snapshot: createSnapshots({ dialect, cache, log, signal: closing.signal }),
  });
  /** What of it goes up at once. */
  const firstOf = (content: MediaContent) =>
    stagesOf(content.kind === 'video' && drawsFilms() ? { ...content, poster: '' } : content);

  return {
    files,
    /** What an earlier run left: goes on with what a message waits for, forgets the rest. */
    async start(unsent: readonly MessageContent[]): Promise<void> {
      await outgoing.tidy();
      await stickers.tidy();
      await transfers.resume();
      const withFiles = unsent.filter(isMedia);
      const needed = new Set((await outgoing.behind(withFiles.flatMap(addressesOf))).values());
      const staged = new Set(withFiles.flatMap(firstOf));
      const waiting = new Set(unsent.filter(isUnprepared).flatMap(stagesOf));
      const kept = new Set(await outgoing.ids());
      const chosen = new Set<string>();
      for (const waitingFiles of [trays, recordings]) {
        await waitingFiles.drop((id) => kept.has(id) && !needed.has(id));
        for (const { file } of [...(await waitingFiles.list()).values()].flat()) chosen.add(file);
      }
      for (const id of kept) {
        if (chosen.has(id)) continue;
        if (!needed.has(id)) await release(id);
        else if (staged.has(id) && !waiting.has(id)) transfers.start(id);
      }
      await outgoing.finishCopies();
    },
    stop() {
      closing.abort();
      preparations.stop();
      transfers.stop();
      for (const abort of [...[...saving.values()].flatMap((all) => [...all]), ...packing.values()])
        abort.abort();
    },
    /** The network is back. */
    wake() {
      transfers.wake();
      downloads.wake();
    },

    stageBytes: (input: { id: string; name: string; mime: string; bytes: Uint8Array }) =>
      outgoing.fromBytes(input),
    stagePath: (input: { id: string; mime: string; path: string }) => outgoing.fromPath(input),
    /** A folder as an archive; `discard` ends it while it is being made. */
    async stageFolder({ id, path, limit }: { id: string; path: string; limit: number }) {
      const making = new AbortController();
      packing.set(id, making);
      try {
        // The start has no use for it.
        const { archiveOf } = await import('./folder-archive.ts');
        const source = await archiveOf(path, (done, total) =>
          // Not before it is kept.
          options.onProgress({ id, direction: 'up', done: Math.max(0, Math.min(done, total - 1)), total }),
        );
        const { signal } = making;
        const within = Readable.from(upTo(source, limit, signal), { objectMode: false });
        const facts = { id, name: `${basename(path)}.zip`, mime: 'application/zip' };
        const file = await outgoing.fromStream({ ...facts, source: within });
        if (!signal.aborted) return file;
        await outgoing.release(id);
        throw new MagpieError('cancelled', 'nobody wants it any more');
      } catch (thrown) {
        if (thrown instanceof MagpieError) throw thrown;
        throw new MagpieError('file-gone', 'changed while it was read', undefined, { cause: thrown });
      } finally {
        packing.delete(id);
        options.onProgress({ id, direction: 'up', done: 1, total: 1 });
      }
    },
    staged: (id: string) => outgoing.get(id),
    stickers,
    trays,
    recordings,
    /** They are part of a message now, or nobody wants them any more: they wait nowhere. */
    async waitsNoMore(ids: readonly string[]): Promise<void> {
      await trays.forget(ids);
      await recordings.forget(ids);
    },
    /** A staged picture becomes a sticker, and is staged no longer. */
    async addSticker(id: string, facts: { name: string; width: number; height: number }): Promise<void> {
      const file = await outgoing.get(id);
      if (file === null) throw new MagpieError('file-gone', 'it was never kept');
      await stickers.add({ ...facts, mime: file.mime }, await outgoing.read(id));
      await outgoing.release(id);
    },
    /** The picture of a message becomes a sticker. */
    async keepSticker(content: ImageContent | StickerContent): Promise<void> {
      const { file, width, height } = content;
      const name = content.kind === 'sticker' ? content.name : '';
      const source = await contentStream(file, file.url, closing.signal);
      await stickers.add({ name, mime: file.mime, width, height }, source);
    },
    async stageSticker(id: string, stage: string): Promise<OutgoingFile> {
      const sticker = await stickers.get(id);
      if (sticker === null) throw new MagpieError('not-found', 'no such sticker');
      const bytes = await buffer(stickers.read(id));
      const ending = sticker.mime.split('/')[1] ?? 'png';
      const name = `${sticker.name === '' ? 'sticker' : sticker.name}.${ending}`;
      return outgoing.fromBytes({ id: stage, name, mime: sticker.mime, bytes });
    },
    /** Begins to upload before its turn in the outbox comes. */
    begin(content: MediaContent): void {
      if (isUnprepared(content)) return;
      for (const id of firstOf(content)) transfers.start(id);
    },
    /** A picture without what it tells beside its look, staged anew where it tells something. */
    async quiet(file: MediaFile): Promise<MediaFile> {
      if (file.size > LARGEST_PICTURE) return file;
      const bytes = withoutMetadata(await buffer(await contentStream(file, '', closing.signal)));
      return bytes === null ? file : stageMade({ ...file, bytes });
    },
    /** Stages what the window made of a file; null: it can be neither drawn nor played. */
    async prepare(content: UnpreparedContent, made: PreparedMedia | null): Promise<MediaContent> {
      const { unprepared: _unprepared, ...facts } = content;
      /** What stays as it is, but for what it tells beside its look, unless every byte of it was wanted. */
      const asItIs = async (): Promise<MediaFile> =>
        content.kind === 'image' && content.unprepared === 'compress'
          ? this.quiet(content.file)
          : content.file;
      if (made === null) return { kind: 'file', text: '', file: await asItIs() };
      const small = made.small === undefined ? '' : (await stageMade(made.small)).url;
      // An animation, or small enough, is not drawn anew.
      const file = made.file === undefined ? await asItIs() : await stageMade(made.file);
      // Zero where the window could not look into it: what was known before stays.
      const size = made.width > 0 ? { width: made.width, height: made.height } : {};
      const { preview, duration } = made;
      return facts.kind === 'image'
        ? { ...facts, file, thumb: small, ...size, preview }
        : { ...facts, file, poster: small, ...size, preview, duration: duration ?? facts.duration };
    },
    /** From now on the message says this; what it no longer names goes. */
    async prepared(unprepared: UnpreparedContent, ready: MediaContent): Promise<void> {
      preparations.finished(unprepared, ready);
      for (const id of firstOf(ready)) transfers.start(id);
      const used = new Set(stagesOf(ready));
      for (const id of stagesOf(unprepared)) if (!used.has(id)) await outgoing.release(id);
    },
    /** Nobody wants it any more: the message was deleted, or the file taken out of the tray. */
    async discard(ids: readonly string[]): Promise<void> {
      await this.waitsNoMore(ids);
      for (const id of ids) {
        packing.get(id)?.abort();
        preparations.forget(STAGE_PREFIX + id);
        await transfers.cancel(id);
        await outgoing.release(id);
      }
    },

    /** Nobody wants to send this any more. */
    async forget(content: MediaContent): Promise<void> {
      await this.discard([...(await outgoing.behind(addressesOf(content))).values()]);
    },

    /** @param address of a content, on the server or staged */
    async open(address: string): Promise<Opened> {
      if (address.startsWith(STAGE_PREFIX)) return openStage(address.slice(STAGE_PREFIX.length));
      if (address.startsWith(STICKER_PREFIX)) {
        const sticker = await stickers.get(address.slice(STICKER_PREFIX.length));
        if (sticker === null) return { kind: 'gone' };
        const { id, size, mime } = sticker;
        return { kind: 'local', size, mime, read: (range) => Promise.resolve(stickers.read(id, range)) };
      }
      const cached = await cache.find(address);
      if (cached !== null) return local(cached);
      const stage = (await outgoing.behind([address])).get(address);
      if (stage !== undefined) return openStage(stage);
      const allowed = dialect.accessTo(address);
      if (allowed === null) return { kind: 'refused' };
      if (downloads.isLarge(address)) return { kind: 'remote', ...allowed };
      try {
        const download = await downloads.begin(address);
        if (download === null) return { kind: 'remote', ...allowed };
        download.keepGoing();
        const { size, mime } = download;
        if (size === null) return local(await download.kept);
        const all = { start: 0, end: size - 1 };
        return { kind: 'local', size, mime, read: (range) => download.read(range ?? all) };
      } catch (thrown) {
        return { kind: troubleOf(thrown) };
      }
    },
    /** Where a file is, without loading it. */
    async state(address: string): Promise<MediaState> {
      if (address.startsWith(STAGE_PREFIX)) {
        const file = await outgoing.get(address.slice(STAGE_PREFIX.length)).catch(() => null);
        return file === null ? 'gone' : 'here';
      }
      if ((await cache.find(address)) !== null || (await outgoing.behind([address])).size > 0) return 'here';
      if (downloads.isUnderWay(address)) return 'loading';
      return dialect.accessTo(address) === null ? 'refused' : downloads.isThere(address);
    },
    /** A small picture of the server, kept like files of messages; null when it is too large. */
    async picture(address: string, limit: number): Promise<{ type: string; bytes: Buffer } | null> {
      const file = (await cache.find(address)) ?? (await smallDownload(address, limit));
      if (file === null || file.size > limit) return null;
      return { type: file.mime, bytes: await buffer(cache.read(file)) };
    },
    /**
     * Writes a file where people look for it, under its own name, beside one that has that name already.
     * @param id under which progress is told and `cancelSaving` finds it
     */
    async save(file: MediaFile, id: string, target: { folder: string } | { path: string }): Promise<string> {
      if ('path' in target && writing.has(target.path))
        throw new MagpieError('not-allowed', 'already being written to');
      const abort = new AbortController();
      const all = saving.get(id) ?? new Set();
      saving.set(id, all.add(abort));
      const folder = 'folder' in target ? target.folder : join(target.path, '..');
      const path = 'path' in target ? target.path : await freePath(folder, safeName(file.name), writing);
      writing.add(path);
      const partial = `${path}.part`;
      try {
        await mkdir(folder, { recursive: true });
        await checkRoom(folder, file.size);
        await pipeline(await contentStream(file, id, abort.signal), createWriteStream(partial), {
          signal: abort.signal,
        });
        await rename(partial, path);
        return path;
      } catch (thrown) {
        await rm(partial, { force: true }).catch(() => undefined);
        if (abort.signal.aborted) throw new MagpieError('cancelled', 'given up');
        throw saveFailure(thrown, partial);
      } finally {
        all.delete(abort);
        if (all.size === 0) saving.delete(id);
        writing.delete(path);
      }
    },
    cancelSaving: (id: string) => saving.get(id)?.forEach((abort) => abort.abort()),
    /** All of a small file, for the clipboard. */
    bytes: async (file: MediaFile): Promise<Buffer> =>
      buffer(await contentStream(file, file.url, closing.signal)),
    cacheSize: () => cache.size(),
    clearCache: () => cache.clear(),
    /** The limit became another one. */
    trimCache: () => cache.trim(),
    isKept: async (file: MediaFile): Promise<boolean> => (await cache.find(file.url))?.pinned ?? false,
    /** True when it stays from now on, whatever else needs room. */
    async toggleKept(file: MediaFile): Promise<boolean> {
      // What is on its way up is kept for that already; what is too large is never loaded as a whole.
      if (file.url.startsWith(STAGE_PREFIX) || file.size > keepLimit)
        throw new MagpieError('not-allowed', 'it cannot be kept');
      const load = async () => {
        const download = await downloads.begin(file.url);
        download?.keepGoing();
        return download?.kept;
      };
      const here = (await cache.find(file.url)) ?? (await load());
      if (here === undefined) throw new MagpieError('not-allowed', 'it cannot be kept');
      const kept = !here.pinned;
      if (!(await cache.pin(file.url, kept))) throw new MagpieError('not-allowed', 'it cannot be kept');
      return kept;
    },
  };

  async function stageMade({ name, mime, bytes }: NonNullable<PreparedMedia['file']>): Promise<MediaFile> {
    const staged = await outgoing.fromBytes({ id: uuid(), name, mime, bytes });
    return { url: STAGE_PREFIX + staged.id, name: staged.name, size: staged.size, mime: staged.mime };
  }
  async function openStage(id: string): Promise<Opened> {
    const file = await outgoing.get(id).catch(() => null);
    if (file === null) return { kind: 'gone' };
    return { kind: 'local', size: file.size, mime: file.mime, read: (range) => outgoing.read(id, range) };
  }
  function local(file: CachedFile): Opened {
    return {
      kind: 'local',
      size: file.size,
      mime: file.mime,
      read: (range) => Promise.resolve(cache.read(file, range)),
    };
  }
  /** Null, or fails, for more than `limit` bytes. */
  async function smallDownload(address: string, limit: number): Promise<CachedFile | null> {
    const download = await downloads.begin(address);
    if (download === null) return null;
    if ((download.size ?? 0) > limit) download.cancel();
    download.watch((done) => {
      if (done > limit) download.cancel();
    });
    return download.kept;
  }
}

/** Ids of its files that are on this machine only. */
export function stagesOf(content: MediaContent): string[] {
  return addressesOf(content)
    .filter((address) => address.startsWith(STAGE_PREFIX))
    .map((address) => address.slice(STAGE_PREFIX.length));
}

async function* upTo(source: Readable, limit: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (signal.aborted) throw new MagpieError('cancelled', 'nobody wants it any more');
    if (size > limit) throw new MagpieError('invalid-input', 'too large', { field: 'folder-too-large' });
    yield chunk;
  }
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  tell: (done: number) => void,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const chunk of source) {
    done += chunk.byteLength;
    tell(done);
    yield chunk;
  }
}

/** A disk that is not to blame is not blamed: only what was written to `partial` says something of it. */
function saveFailure(thrown: unknown, partial: string): MagpieError {
  if (thrown instanceof MagpieError) return thrown;
  const { code, syscall, path } = (thrown instanceof Error ? thrown : {}) as NodeJS.ErrnoException;
  const isUnread = code === undefined || syscall === 'read' || (syscall === 'open' && path !== partial);
  const said = isUnread ? 'file-gone' : code === 'ENOSPC' ? 'disk-full' : 'file-not-writable';
  return new MagpieError(said, 'not saved', undefined, { cause: thrown });
}
