/**
 * Takes out of a picture what it tells beside its look: where and when it was taken, with what, by whom, and notes. The containers are taken
 * apart and put together again, so that every frame stays as it is to the byte; drawing a picture anew would end its animation.
 *
 * - PNG and APNG: chunks that no decoder needs to draw (`eXIf`, `tEXt`, `zTXt`, `iTXt`, `tIME` and whatever programs invent).
 * - GIF: comments, and what applications put there (XMP among it), short of the extension that lets it play more than once.
 * - WebP: `EXIF`, `XMP ` and unknown chunks, with the flags that announce them.
 * - JPEG: comments and the segments of applications, short of those that say how its colours are meant. Its orientation is in one of
 *   those that go: one that needs it is drawn anew before.
 * - HEIC and AVIF: see `heif-metadata.ts`.
 *
 * What follows the end of a PNG, GIF or WebP goes as well. Where a container is damaged, the rest is left as it is: what nobody understands
 * here, nobody may cut.
 */

import { isHeif, withoutHeifMetadata } from './heif-metadata.ts';

/** @returns null when nothing has to go, or when it is none of these pictures */
export function withoutMetadata(picture: Buffer): Buffer<ArrayBuffer> | null {
  if (isHeif(picture)) return withoutHeifMetadata(picture);
  const parts = takeApart(picture);
  const size = parts?.reduce((sum, part) => sum + part.length, 0);
  return parts === null || size === picture.length ? null : Buffer.concat(parts);
}

/** The parts that stay, in their order. */
function takeApart(picture: Buffer): Buffer[] | null {
  if (picture.subarray(0, 8).equals(PNG_MARK)) return partsOfPng(picture);
  if (/^GIF8[79]a$/u.test(picture.toString('latin1', 0, 6))) return partsOfGif(picture);
  if (/^RIFF[^]{4}WEBP$/u.test(picture.toString('latin1', 0, 12))) return partsOfWebp(picture);
  if (picture.subarray(0, 3).equals(JPEG_MARK)) return partsOfJpeg(picture);
  return null;
}

const PNG_MARK = Buffer.from('89504e470d0a1a0a', 'hex');
/** Chunks that say how the picture looks, beside the critical ones, whose names begin with a capital. */
const PNG_LOOK = new Set(
  (
    'tRNS gAMA cHRM sRGB iCCP cICP mDCV mDCv cLLI cLLi sBIT bKGD hIST pHYs sPLT ' +
    // Frames of an animation.
    'acTL fcTL fdAT'
  ).split(' '),
);

function partsOfPng(picture: Buffer): Buffer[] {
  const parts = [picture.subarray(0, 8)];
  for (let at = 8; at < picture.length;) {
    const type = picture.toString('latin1', at + 4, at + 8);
    const end = at + 8 <= picture.length ? at + 12 + picture.readUInt32BE(at) : Infinity;
    if (!/^[A-Za-z]{4}$/u.test(type)) return [...parts, picture.subarray(at)];
    if (/^[A-Z]/u.test(type) || PNG_LOOK.has(type)) parts.push(picture.subarray(at, end));
    if (type === 'IEND') break;
    at = end;
  }
  return parts;
}

const [GIF_EXTENSION, GIF_FRAME, GIF_END] = [0x21, 0x2c, 0x3b];
const [GIF_COMMENT, GIF_APPLICATION] = [0xfe, 0xff];
/** How often it plays; both names mean the same. */
const GIF_LOOP = /^(NETSCAPE2\.0|ANIMEXTS1\.0)$/u;

function partsOfGif(picture: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  /** Bytes of a table of colours, told by the flags before it. */
  const tableSize = (flags: number) => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
  /** Behind pieces that each begin with their length, the last of which is empty. */
  const behindPieces = (from: number) => {
    let at = from;
    while (at < picture.length && picture[at] !== 0) at += (picture[at] ?? 0) + 1;
    return at + 1;
  };
  let at = 13 + tableSize(picture[10] ?? 0);
  parts.push(picture.subarray(0, at));
  while (at < picture.length) {
    const kind = picture[at];
    if (kind === GIF_FRAME) {
      // Place and size, colours, the size of the first code, and the picture.
      const end = behindPieces(at + 10 + tableSize(picture[at + 9] ?? 0) + 1);
      parts.push(picture.subarray(at, end));
      at = end;
    } else if (kind === GIF_EXTENSION) {
      const label = picture[at + 1];
      const end = behindPieces(at + 2);
      const isLoop = GIF_LOOP.test(picture.toString('latin1', at + 3, at + 14));
      const isTold = label === GIF_COMMENT || (label === GIF_APPLICATION && !isLoop);
      if (!isTold) parts.push(picture.subarray(at, end));
      at = end;
    } else {
      return [...parts, kind === GIF_END ? picture.subarray(at, at + 1) : picture.subarray(at)];
    }
  }
  return parts;
}

const WEBP_LOOK = new Set(['VP8X', 'VP8 ', 'VP8L', 'ALPH', 'ANIM', 'ANMF', 'ICCP']);
/** Of the chunk `VP8X`: "there is EXIF", "there is XMP". */
const WEBP_TELLS = 0x0c;

function partsOfWebp(picture: Buffer): Buffer[] | null {
  const parts: Buffer[] = [];
  if (picture.length < 20) return null;
  const claimed = 8 + picture.readUInt32LE(4);
  const end = Math.min(picture.length, claimed);
  // It says that it is nothing: whoever draws it looks further than that, and so may what they see.
  if (claimed < 20) return null;
  let gone = 0;
  for (let at = 12; at < end;) {
    const type = picture.toString('latin1', at, at + 4);
    const size = at + 8 <= end ? picture.readUInt32LE(at + 4) : Infinity;
    const next = Math.min(end, at + 8 + size + (size % 2));
    if (WEBP_LOOK.has(type)) parts.push(picture.subarray(at, next));
    else gone += next - at;
    at = next;
  }
  const head = Buffer.from(picture.subarray(0, 12));
  head.writeUInt32LE(claimed - gone - 8, 4);
  if (gone === 0) return [head, ...parts];
  const [first] = parts;
  if (first !== undefined && first.length > 8 && first.toString('latin1', 0, 4) === 'VP8X') {
    const quiet = Buffer.from(first);
    quiet[8] = (quiet[8] ?? 0) & ~WEBP_TELLS;
    parts[0] = quiet;
  }
  return [head, ...parts];
}

const JPEG_MARK = Buffer.from('ffd8ff', 'hex');
const [JPEG_SCAN, JPEG_COMMENT] = [0xda, 0xfe];

function partsOfJpeg(picture: Buffer): Buffer[] {
  const parts = [picture.subarray(0, 2)];
  let at = 2;
  while (at + 4 <= picture.length && picture[at] === 0xff) {
    const kind = picture[at + 1] ?? 0;
    if (kind === 0xff) {
      // Any number of these may stand before a mark.
      at += 1;
      continue;
    }
    const length = picture.readUInt16BE(at + 2);
    // From the first scan on it is the picture itself; marks without a segment have no place before it.
    if (kind === JPEG_SCAN || kind < 0xc0 || (kind >= 0xd0 && kind <= 0xd9) || length < 2) break;
    const end = at + 2 + length;
    if (saysHowItLooks(kind, picture.toString('latin1', at + 4, at + 16)))
      parts.push(picture.subarray(at, end));
    at = end;
  }
  return [...parts, picture.subarray(at)];
}

function saysHowItLooks(kind: number, name: string): boolean {
  if (kind === JPEG_COMMENT) return false;
  const isOfApplications = kind >= 0xe0 && kind <= 0xef;
  return !isOfApplications || /^(JFIF\0|ICC_PROFILE\0|Adobe)/u.test(name);
}
