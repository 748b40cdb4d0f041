/** What a file is, by its content. Its name is only compared with that, never believed. */
import { open, type FileHandle } from 'node:fs/promises';
import { fileTypeFromFile } from 'file-type';
import { imageSize } from 'image-size';

export interface FileFacts {
  /** Media type to serve it with; `application/octet-stream` for all that must not be shown by itself. */
  mime: string;
  width: number | null;
  height: number | null;
}

export type Verdict = { ok: true; facts: FileFacts } | { ok: false; reason: 'mismatch' | 'too-many-pixels' };

const BYTES = 'application/octet-stream';

/** Enough for the dimensions even when a camera put a large thumbnail before them. */
const HEAD_BYTES = 1024 * 1024;

/** Pieces of a JPEG before its frame that are walked over: 64 KiB each at most. */
const MOST_PIECES = 1024;

/** Media that a browser shows without running anything in it. SVG is not among them: it may hold scripts. */
const SHOWN =
  /^(image\/(png|apng|jpeg|gif|webp|avif|heic|heif|bmp|tiff)|video\/[\w.-]+|audio\/[\w.-]+|application\/pdf)$/;

/** Extension → families of content that may hide behind it. Extensions that are missing here say nothing. */
const FAMILIES: Record<string, RegExp> = {
  ...families(
    ['jpg', 'jpeg', 'png', 'gif', 'bmp', 'webp', 'tif', 'tiff', 'psd', 'avif', 'heic', 'heif'],
    /^image\//,
  ),
  ...families(['mp4', 'avi', 'mov', 'm4v', 'webm', 'mkv'], /^(video|audio)\//),
  ...families(['mp3', 'm4a', 'aac', 'wav', 'ogg', 'oga', 'opus', 'flac'], /^(audio|video)\//),
  ...families(['zip'], /zip|^application\/(vnd\.|epub|java-archive|x-cfb)/),
  ...families(['gz', 'tgz', 'gzip'], /gzip/),
  ...families(['pdf'], /^application\/pdf$/),
  ...families(['doc', 'xls'], /^application\/(x-cfb|vnd\.|zip|rtf)/),
  ...families(['docx', 'xlsx'], /^application\/(vnd\.|zip|x-cfb)/),
};

/** Extensions whose content carries a mark that is always there: without it the file is not what it claims to be. */
const MARKED = new Set([
  ...['jpg', 'jpeg', 'png', 'gif', 'bmp', 'webp', 'tif', 'tiff', 'psd', 'avif', 'heic', 'heif'],
  ...['zip', 'gz', 'tgz', 'gzip', 'pdf', 'docx', 'xlsx'],
]);

/** Plain text: marks of any other kind give it away. */
const TEXT = new Set(['txt', 'svg', 'js', 'jsx', 'json', 'css', 'less', 'html', 'htm', 'xml']);

/**
 * @param path a local file; an empty one is no picture and no threat
 * @param extension lower case without the dot, as the sender named it; null when the name promises nothing: then all
 * content is welcome, and what is broken is served as mere bytes
 * @param pixelLimit width × height above which a picture is refused
 */
export async function inspectFile(
  path: string,
  extension: string | null,
  pixelLimit: number,
): Promise<Verdict> {
  const head = await firstBytes(path);
  if (head.length === 0) return { ok: true, facts: plainBytes };
  const found = await fileTypeFromFile(path).catch(() => undefined);
  const mime = found?.mime;
  if (extension !== null && !fits(extension, mime, head)) return { ok: false, reason: 'mismatch' };
  if (mime === undefined || !SHOWN.test(mime)) return { ok: true, facts: plainBytes };
  if (!mime.startsWith('image/')) return { ok: true, facts: { ...plainBytes, mime } };
  const size = dimensions(head) ?? (mime === 'image/jpeg' ? await frameOfJpeg(path) : undefined);
  // A picture without dimensions is broken: nobody could draw it, and a decoder may be its target.
  if (size === undefined) {
    return extension === null ? { ok: true, facts: plainBytes } : { ok: false, reason: 'mismatch' };
  }
  if (size.width * size.height > pixelLimit) return { ok: false, reason: 'too-many-pixels' };
  return { ok: true, facts: { mime, ...size } };
}

const plainBytes: FileFacts = { mime: BYTES, width: null, height: null };

function fits(extension: string, mime: string | undefined, head: Buffer): boolean {
  if (TEXT.has(extension)) {
    return mime === undefined ? !head.includes(0) : /xml|svg|^text\//.test(mime);
  }
  const family = FAMILIES[extension];
  if (family === undefined) return true;
  return mime === undefined ? !MARKED.has(extension) : family.test(mime);
}

function dimensions(head: Buffer): { width: number; height: number } | undefined {
  try {
    const { width, height, type } = imageSize(head);
    if (!(width > 0 && height > 0)) return undefined;
    if (type !== 'gif') return { width, height };
    const frame = firstFrameOfGif(head);
    return { width: Math.max(width, frame.width), height: Math.max(height, frame.height) };
  } catch {
    return undefined;
  }
}

/**
 * Cameras put more than {@link HEAD_BYTES} of their own before the frame of a panorama or a photo with depth; each piece
 * says how long it is, so none of it has to be read.
 * Source: ITU-T T.81, B.1 and B.2.2
 */
async function frameOfJpeg(path: string): Promise<{ width: number; height: number } | undefined> {
  const handle = await open(path);
  try {
    // After the mark of the beginning.
    let at = 2;
    for (let piece = 0; piece < MOST_PIECES; piece += 1) {
      const head = await bytesAt(handle, at, 9);
      const kind = head[1] ?? 0;
      if (head.length < 9 || head[0] !== 0xff) return undefined;
      if (kind === 0xff) {
        at += 1;
        continue;
      }
      // C4, C8 and CC are tables among the frames; with DA the picture itself begins.
      if (kind >= 0xc0 && kind <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(kind)) {
        const [height, width] = [head.readUInt16BE(5), head.readUInt16BE(7)];
        return width > 0 && height > 0 ? { width, height } : undefined;
      }
      if (kind === 0xda || kind === 0xd9) return undefined;
      at += 2 + head.readUInt16BE(2);
    }
    return undefined;
  } finally {
    await handle.close();
  }
}

/** Readers make the screen of a GIF as large as its first frame wants it, whatever the head says. */
function firstFrameOfGif(head: Buffer): { width: number; height: number } {
  const colours = head[10] ?? 0;
  let at = 13 + ((colours & 0x80) === 0 ? 0 : 3 * 2 ** ((colours & 7) + 1));
  // Extensions: a label, then pieces with their length before them, up to an empty one.
  while (head[at] === 0x21) {
    at += 2;
    while ((head[at] ?? 0) !== 0) at += (head[at] ?? 0) + 1;
    at += 1;
  }
  if (head[at] !== 0x2c || at + 9 > head.length) return { width: 0, height: 0 };
  const [left, top, width, height] = [1, 3, 5, 7].map((offset) => head.readUInt16LE(at + offset));
  return { width: (left ?? 0) + (width ?? 0), height: (top ?? 0) + (height ?? 0) };
}

async function firstBytes(path: string): Promise<Buffer> {
  const handle = await open(path);
  try {
    return await bytesAt(handle, 0, HEAD_BYTES);
  } finally {
    await handle.close();
  }
}

async function bytesAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, at);
  return buffer.subarray(0, bytesRead);
}

function families(extensions: string[], family: RegExp): Record<string, RegExp> {
  return Object.fromEntries(extensions.map((extension) => [extension, family]));
}
