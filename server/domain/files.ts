/** Uploads in one go (E40, E41) and in pieces, downloads, covers of videos (E42), and clearing up. */
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { Readable } from 'node:stream';
import type { BlobStore, ByteRange } from '../files/blob-store.ts';
import { TooLarge } from '../files/incoming.ts';
import type { Incoming, ReceivedFile } from '../files/incoming.ts';
import { inspectFile } from '../files/inspect.ts';
import { withoutLocation } from '../files/picture-location.ts';
import { MOST_PUBLISHED, type PublishedFiles } from '../files/published-files.ts';
import { videoCover } from '../files/video-cover.ts';
import type { Scanner } from '../files/virus-scan.ts';
import type { AccountRecord, FilePlace, FileRecord, UploadRecord } from '../storage/records.ts';
import type { Stores } from '../storage/storage.ts';
import type { DomainContext } from './context.ts';
import {
  addressExtension,
  dayOf,
  digits,
  extensionOf,
  folderPath,
  FORM_EXTENSIONS,
  IMAGES,
  pathOfUrl,
  placeOf,
  storableName,
} from './file-names.ts';
import { mayRead } from './file-uses.ts';
import { keyedLock } from './keyed-lock.ts';
import { openFiles } from './open-files.ts';
import { Refusal } from './refusal.ts';
import { videoCovers } from './video-covers.ts';
import { virusCheck } from './virus-check.ts';

const MEBIBYTE = 1024 * 1024;

/** Most bytes of E40 and E41; larger files come in pieces. */
export const FORM_FILE_LIMIT = 50 * MEBIBYTE;

/** Unfinished uploads are kept this long after their last piece, milliseconds. */
const UPLOAD_LIFE = 7 * 24 * 60 * 60_000;

/** Content without a row is left alone for this long: its row may be about to come. Milliseconds. */
const BLOB_GRACE = 60 * 60_000;

const SWEEP_BATCH = 500;

const TEXTS = {
  quota: '存储空间不足，无法上传',
  tooManyPixels: '图片尺寸过大，无法上传',
  tooLarge: 'Request file too large, please check multipart config',
  unknownUpload: '上传不存在或者已过期',
  otherUpload: '上传编号已被使用',
  wrongContent: '文件内容校验失败，请重新上传',
  notStored: '文件存储暂时不可用，请稍后再试',
} as const;

export interface UploadRequest {
  uploadId: string;
  name: string;
  size: number;
  sha256: string;
  /** Folder name of the address, such as `chatImgs`. */
  folder: string;
  place: FilePlace;
}

export interface UploadState {
  offset: number;
  url: string | null;
}

/** Where an address of ours leads. */
export interface FoundFile {
  size: number;
  mime: string;
  name: string;
  sha256: string;
  byLink: boolean;
  createTime: number;
}

export interface CoverOrder {
  videoUrl: string;
  time: number;
  width: number | null;
  format: string;
}

export interface Files {
  /** Refuses a name with the documented sentence; before anything is read. */
  checkName(fileName: string): void;
  /**
   * E40 and E41: takes the content to its end and returns the address, without the leading slash.
   * @param folder of the address: `public/uploads/Diy/chatImgs`, or `images` for the object storage
   */
  add(account: AccountRecord, file: { folder: string; fileName: string; content: Readable }): Promise<string>;
  /** Where everybody can load what has this address with us; null where only we hand it out. */
  publicAddress(path: string): string | null;
  /** Begins an upload, or tells how far it is. Content that the account uploaded before is complete at once. */
  begin(account: AccountRecord, request: UploadRequest): Promise<UploadState>;
  /** Appends a piece. A piece that does not fit is refused with 409: ask with `begin` how far it is. */
  append(account: AccountRecord, uploadId: string, offset: number, content: Readable): Promise<UploadState>;
  giveUp(account: AccountRecord, uploadId: string): Promise<void>;
  /** Undefined when there is none, or none for this account (null: nobody in particular). */
  find(path: string, accountId: number | null): Promise<FoundFile | undefined>;
  /** Whatever its owner says; the caller has to know that an administrator may see it. */
  findForAdministration(path: string): Promise<FoundFile | undefined>;
  read(file: FoundFile, range?: ByteRange): Promise<Readable>;
  /** Where else its bytes can be loaded from for a while; null where they come from us alone. */
  signedAddress(file: FoundFile, disposition: string): Promise<string | null>;
  /** E42. Returns the picture and its address, without the leading slash. */
  cover(account: AccountRecord, order: CoverOrder): Promise<{ image: Buffer; path: string }>;
  /** Removes files that nothing uses, content without a file, and uploads that nobody goes on with. */
  sweep(): Promise<void>;
}

/** Where files lie, complete ones and those that are coming in. */
export interface FilePlaces {
  blobs: BlobStore;
  /** Null where the bucket is open to nobody. */
  published: PublishedFiles | null;
  incoming: Incoming;
  /** Null when nobody looks for viruses. */
  scan: Scanner | null;
}

export function fileRules(
  { storage, config, now, log }: DomainContext,
  { blobs, published, incoming, scan }: FilePlaces,
): Files {
  const quota = config.quotaMib * MEBIBYTE;
  const largest = config.fileLimitMib * MEBIBYTE;
  const pixelLimit = config.imageMegapixels * 1_000_000;
  const byLink = config.files === 'links';
  const publicFiles = openFiles(published, { storage, now });
  const checkForViruses = virusCheck(scan, log);
  const contentLock = keyedLock();
  const uploadLock = keyedLock();
  const coverOf = videoCovers(({ sha256, ...request }) =>
    blobs.withLocalFile(sha256, (path) => videoCover(config.ffmpeg, { ...request, path })),
  );
  /** The piece that is coming in, by upload: a newer one ends it, because its sender has lost that line. */
  const arriving = new Map<string, Readable>();

  /** @param stores what is about to be written with, where the answer decides: another upload may come in meanwhile */
  async function checkQuota(
    accountId: number,
    size: number,
    { files }: Pick<Stores, 'files'> = storage,
  ): Promise<void> {
    if (quota > 0 && (await files.bytesOf(accountId)) + size > quota) {
      throw new Refusal(TEXTS.quota, { status: 413 });
    }
  }

  async function store(
    { sha256, path: local }: ReceivedFile,
    file: Pick<FileRecord, 'path' | 'name' | 'mime'>,
  ): Promise<void> {
    const place = placeOf(file.path);
    await reaching(place, async () => {
      await blobs.put(sha256, local, place);
      await publicFiles.publish(sha256, file);
    });
  }

  /** A storage elsewhere that is away is no fault of ours: the sender comes again. */
  async function reaching<Result>(place: FilePlace, use: () => Promise<Result>): Promise<Result> {
    try {
      return await use();
    } catch (error) {
      // A full disk has an answer of its own; a storage elsewhere that fails may be back in a moment.
      if (config.storage === 'disk' || (config.storage === 'both' && place === 'server')) throw error;
      log.error({ err: error }, 'storage takes no file');
      throw new Refusal(TEXTS.notStored, { status: 503, retryAfter: 10 });
    }
  }

  /**
   * Checks what came, and makes it a file. `received` is left to the caller: a scanner or a storage that is away may be
   * back for another try.
   * @param promised extension that the content has to fit; null for any content
   */
  async function keep(
    received: ReceivedFile,
    file: { ownerId: number; uploadId: string | null; path: string; name: string },
    promised: string | null,
  ): Promise<FileRecord> {
    const { ownerId, uploadId } = file;
    const { sha256, size } = received;
    await checkForViruses(received.path);
    const verdict = await inspectFile(received.path, promised, pixelLimit);
    if (!verdict.ok) {
      throw new Refusal(
        verdict.reason === 'mismatch' ? `Invalid filename: ${file.name}` : TEXTS.tooManyPixels,
      );
    }
    // Nobody may take content away between finding it stored and the row that keeps it.
    return contentLock(sha256, async () => {
      await store(received, { ...file, mime: verdict.facts.mime });
      return storage.write(async (unit) => {
        // An upload in pieces had its room since it began.
        if (uploadId === null) await checkQuota(ownerId, size, unit);
        else await unit.files.removeUpload(ownerId, uploadId);
        return unit.files.insert({
          ...{ ...file, ...verdict.facts, sha256, size },
          byLink: byLink || publicFiles.includes(file.path),
          createTime: now(),
        });
      });
    });
  }

  /** What came as a whole: after a failure it has to come again, so nothing of it stays. */
  async function keepWhole(
    received: ReceivedFile,
    file: { ownerId: number; path: string; name: string },
    promised: string,
  ): Promise<FileRecord> {
    try {
      await checkQuota(file.ownerId, received.size);
      const kept = config.pictureLocations === 'keep' ? received : await withoutLocation(received);
      return await keep(kept, { ...file, uploadId: null }, promised);
    } finally {
      await incoming.discard(received);
    }
  }

  /**
   * An address in the documented form. Under `links` nothing but its random part keeps strangers out: there it is long.
   * @param extension empty, or with its dot
   */
  function newPath(folder: string, extension: string): string {
    const secret = byLink || publicFiles.includes(`${folder}/`) ? randomBytes(16).toString('hex') : undefined;
    const random = folder === IMAGES ? (secret ?? randomBytes(6).toString('hex')) : digits(secret);
    return `${folder}/${dayOf(now())}/${now()}_${random}${extension}`;
  }
  const pathOf = ({ folder, place, name }: Pick<UploadRequest, 'folder' | 'place' | 'name'>): string =>
    newPath(place === 'object-storage' ? IMAGES : folderPath(folder), addressExtension(name));

  /** Elsewhere there is one place only, and what is too large to be made public is handed out by us. */
  const placeFor = ({ place, size }: UploadRequest): FilePlace =>
    config.storage === 'both' && size <= MOST_PUBLISHED ? place : 'server';

  const completeState = ({ size, path }: FileRecord): UploadState => ({
    offset: size,
    url: publicFiles.addressOf(path) ?? `/${path}`,
  });

  async function finish(upload: UploadRecord, key: string, known?: string | null): Promise<UploadState> {
    const received = await incoming.finished(key, known);
    const { ownerId, uploadId, name } = upload;
    try {
      if (received.sha256 !== upload.sha256) throw new Refusal(TEXTS.wrongContent);
      const file = await keep(received, { ownerId, uploadId, path: pathOf(upload), name }, null);
      await incoming.discard({ key });
      return completeState(file);
    } catch (error) {
      // Anything but a no is no reason to send all of it again: the next `begin` goes on from here.
      if (error instanceof Refusal && error.status < 500) {
        await incoming.discard({ key });
        await storage.write((unit) => unit.files.removeUpload(ownerId, uploadId));
      }
      throw error;
    }
  }

  async function complete(accountId: number, uploadId: string): Promise<UploadState | undefined> {
    const file = await storage.files.byUpload(accountId, uploadId);
    return file === undefined ? undefined : completeState(file);
  }

  /** Its row is gone. */
  async function removeContent({ path, sha256 }: FileRecord): Promise<void> {
    await publicFiles.withdraw(path);
    await removeUnusedContent(sha256);
  }

  async function removeUnusedContent(sha256: string): Promise<void> {
    await contentLock(sha256, async () => {
      if (!(await storage.files.hasContent(sha256))) await blobs.remove(sha256);
    });
  }

  return {
    checkName(fileName) {
      if (!FORM_EXTENSIONS.has(extensionOf(fileName))) throw new Refusal(`Invalid filename: ${fileName}`);
    },

    publicAddress: (path) => publicFiles.addressOf(path),

    async add({ id: ownerId }, { folder, fileName, content }) {
      await checkQuota(ownerId, 0);
      const received = await incoming.receive(content, FORM_FILE_LIMIT).catch((error: unknown) => {
        throw error instanceof TooLarge ? new Refusal(TEXTS.tooLarge, { status: 413 }) : error;
      });
      const extension = extensionOf(fileName);
      const path = newPath(folder, `.${extension}`);
      return (await keepWhole(received, { ownerId, path, name: storableName(fileName) }, extension)).path;
    },

    async begin({ id: ownerId }, request) {
      const { uploadId, size, sha256 } = request;
      const key = uploadKey(ownerId, uploadId);
      return uploadLock(key, async () => {
        const done = await complete(ownerId, uploadId);
        if (done !== undefined) return done;
        const known = await storage.files.upload(ownerId, uploadId);
        if (known !== undefined) {
          if (known.sha256 !== sha256 || known.size !== size) throw new Refusal(TEXTS.otherUpload);
          const offset = await incoming.sizeOf(key);
          // A storage that is away must not hold up what may go elsewhere by now.
          const wanted = { ...known, place: placeFor(request) };
          if (wanted.place !== known.place) await storage.write((unit) => unit.files.saveUpload(wanted));
          // All bytes were there, but the check was cut short by the end of the server.
          if (offset < size) return { offset, url: null };
          return size === 0 ? finishEmpty(wanted, key) : finish(wanted, key);
        }
        if (size > largest) throw new Refusal(TEXTS.tooLarge, { status: 413 });
        const upload: UploadRecord = {
          ...request,
          place: placeFor(request),
          name: storableName(request.name),
          ownerId,
          updateTime: now(),
        };
        // Only own content: otherwise knowing a hash would be enough to get at somebody else's file.
        const same = await storage.files.ownWithContent(ownerId, sha256);
        if (same?.size === size) {
          const path = pathOf(upload);
          const copy = await contentLock(sha256, async () => {
            const isThere = await reaching(upload.place, async () => {
              if (!(await blobs.has(sha256, upload.place))) return false;
              await publicFiles.publish(sha256, { path, name: upload.name, mime: same.mime });
              return true;
            });
            if (!isThere) return undefined;
            return storage.write(async (unit) => {
              await checkQuota(ownerId, size, unit);
              return unit.files.insert({
                ...{ ownerId, uploadId, path, name: upload.name, sha256, size },
                ...{ mime: same.mime, width: same.width, height: same.height },
                byLink: byLink || publicFiles.includes(path),
                createTime: now(),
              });
            });
          });
          if (copy !== undefined) return completeState(copy);
        }
        await storage.write(async (unit) => {
          await checkQuota(ownerId, size, unit);
          await unit.files.saveUpload(upload);
        });
        return size === 0 ? finishEmpty(upload, key) : { offset: 0, url: null };
      });
    },

    async append({ id: ownerId }, uploadId, offset, content) {
      const key = uploadKey(ownerId, uploadId);
      arriving.get(key)?.destroy(new Error('a newer piece took over'));
      arriving.set(key, content);
      try {
        return await uploadLock(key, async () => {
          const done = await complete(ownerId, uploadId);
          if (done !== undefined) return done;
          const upload = await storage.files.upload(ownerId, uploadId);
          if (upload === undefined) throw new Refusal(TEXTS.unknownUpload, { status: 404 });
          const present = await incoming.sizeOf(key);
          if (present !== offset) throw new Refusal(`offset ${present}`, { status: 409 });
          const { size, sha256: known } = await incoming
            .append(key, offset, content, upload.size)
            .catch(async (error: unknown) => {
              if (!(error instanceof TooLarge)) throw error;
              await incoming.discard({ key });
              throw new Refusal(TEXTS.tooLarge, { status: 413 });
            });
          if (size === upload.size) return finish(upload, key, known);
          await storage.write((unit) => unit.files.saveUpload({ ...upload, updateTime: now() }));
          return { offset: size, url: null };
        });
      } finally {
        if (arriving.get(key) === content) arriving.delete(key);
      }
    },

    async giveUp({ id: ownerId }, uploadId) {
      const key = uploadKey(ownerId, uploadId);
      arriving.get(key)?.destroy(new Error('given up'));
      await uploadLock(key, async () => {
        await incoming.discard({ key });
        const file = await storage.files.byUpload(ownerId, uploadId);
        const removed = await storage.write(async (unit) => {
          await unit.files.removeUpload(ownerId, uploadId);
          if (file === undefined || (await unit.files.isUsed(file.id))) return false;
          await unit.files.remove(file.id);
          return true;
        });
        if (removed && file !== undefined) await removeContent(file);
      });
    },

    async find(path, accountId) {
      const file = await storage.files.byPath(path);
      return file !== undefined && (await mayRead(storage, file, accountId)) ? file : undefined;
    },

    findForAdministration: (path) => storage.files.byPath(path),

    read: (file, range) => blobs.read(file.sha256, range),
    signedAddress: ({ sha256, mime }, disposition) => blobs.signedAddress(sha256, { mime, disposition }),

    async cover(account, { videoUrl, time, width, format }) {
      const path = publicFiles.pathOf(videoUrl) ?? pathOfUrl(videoUrl);
      const video = path === undefined ? undefined : await this.find(path, account.id);
      // Only files of ours: fetching whatever somebody names would let them look around in our network.
      if (video === undefined) throw new Refusal('截图处理失败: video: No such file or directory\n');
      const image = format === 'jpg' ? 'jpg' : 'png';
      // Before the work, not only before it is kept.
      await checkQuota(account.id, 1);
      const { sha256, mime } = video;
      const cover = await coverOf(account.id, { sha256, mime, time, width, format: image });
      const random = byLink
        ? randomBytes(16).toString('hex')
        : randomInt(36 ** 6)
            .toString(36)
            .padStart(6, '0');
      const name = `screenshot_${now()}_${random}.${image}`;
      const received = await incoming.receive(Readable.from([cover]), FORM_FILE_LIMIT);
      const file = { ownerId: account.id, path: `${folderPath('VideoScreenshot')}/${name}`, name };
      return { image: cover, path: (await keepWhole(received, file, image)).path };
    },

    async sweep() {
      const time = now();
      for (const upload of await storage.files.uploads()) {
        if (time - upload.updateTime < UPLOAD_LIFE) continue;
        await storage.write((unit) => unit.files.removeUpload(upload.ownerId, upload.uploadId));
      }
      const open = (await storage.files.uploads()).map(({ ownerId, uploadId }) =>
        uploadKey(ownerId, uploadId),
      );
      await incoming.clear(new Set([...open, ...arriving.keys()]));
      const orphansBefore = time - config.orphanHours * 60 * 60_000;
      for (;;) {
        const orphans = await storage.files.unused(orphansBefore, SWEEP_BATCH);
        for (const orphan of orphans) {
          const { id } = orphan;
          const removed = await storage.write(async (unit) => {
            // Somebody may have sent it since it was found.
            if (await unit.files.isUsed(id)) return false;
            await unit.files.remove(id);
            return true;
          });
          if (removed) await removeContent(orphan);
        }
        if (orphans.length > 0) log.info({ files: orphans.length }, 'removed files that nothing uses');
        if (orphans.length < SWEEP_BATCH) break;
      }
      const oldBefore = Date.now() - BLOB_GRACE;
      for await (const sha256 of blobs.list(oldBefore)) await removeUnusedContent(sha256);
      await publicFiles.sweep(time - BLOB_GRACE);
    },
  };

  /** No piece ever comes for an empty file. */
  async function finishEmpty(upload: UploadRecord, key: string): Promise<UploadState> {
    await incoming.append(key, 0, Readable.from([]), 0);
    return finish(upload, key);
  }
}

/** Uploads are named by their senders: their name in the folder must not be. */
function uploadKey(ownerId: number, uploadId: string): string {
  return createHash('sha256').update(`${ownerId} ${uploadId}`).digest('hex');
}
