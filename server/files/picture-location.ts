/**
 * Takes the place where a photo was taken out of it, and nothing else: every other byte stays where it is, so that colours,
 * orientation and what hangs on offsets are as the camera wrote them.
 *
 * What cameras and phones write is looked for in two forms, wherever it stands in the file (JPEG and the smaller pictures
 * behind it, PNG, WebP, HEIC, AVIF, TIFF):
 * - Exif: the entry of a TIFF directory that leads to the one of the GPS. Source: Exif 2.32, 4.6.3 (tag 0x8825)
 * - XMP: properties `exif:GPS…`, as attributes or as elements. Source: XMP specification part 2, 2.3
 *
 * What makers of cameras hide in notes of their own form (`MakerNote`) is not understood, here as anywhere.
 */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { ReceivedFile } from './incoming.ts';

const PICTURE =
  /^(\xff\xd8\xff|\x89PNG\r\n|RIFF[^]{4}WEBP|II\*\0|MM\0\*|[^]{4}ftyp(heic|heix|hevc|mif1|msf1|avif|avis))/u;
/** Bytes of the longest of these marks. */
const MARK_LENGTH = 12;

const ENTRY_LENGTH = 12;
/** Of an entry, by its type: bytes of one value. */
const VALUE_SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4];
const GPS_DIRECTORY = 0x8825;
/** More entries than any camera writes: then these bytes only look like a directory. */
const MOST_ENTRIES = 512;
/** Bytes: what the GPS says in one value is far below that. */
const LONGEST_VALUE = 4096;
/** Marks that are looked at: a picture has a handful, and one that was made of them must not cost seconds. */
const MOST_MARKS = 1000;

let before: Promise<unknown> = Promise.resolve();

/** The same file without the place; one at a time, because a picture is held as a whole meanwhile. */
export function withoutLocation(file: ReceivedFile): Promise<ReceivedFile> {
  const done = before.then(async () => {
    const content = await readFile(file.path);
    if (!removeLocation(content)) return file;
    await writeFile(file.path, content);
    return { ...file, sha256: createHash('sha256').update(content).digest('hex') };
  });
  before = done.catch(() => undefined);
  return done;
}

/**
 * @param picture is changed; its length stays
 * @returns whether there was a place in it
 */
export function removeLocation(picture: Buffer): boolean {
  if (!PICTURE.test(picture.toString('latin1', 0, MARK_LENGTH))) return false;
  const found = [
    ...['II*\0', 'MM\0*'].map((mark) => removeEach(picture, mark, removeFromTiff)),
    removeEach(picture, 'exif:GPS', removeFromXmp),
  ].some(Boolean);
  if (found && picture[0] === 0x89) checkAnew(picture);
  return found;
}

function removeEach(
  picture: Buffer,
  mark: string,
  remove: (picture: Buffer, at: number) => boolean,
): boolean {
  let found = false;
  let at = picture.indexOf(mark);
  for (let seen = 0; at >= 0 && seen < MOST_MARKS; seen += 1) {
    found = remove(picture, at) || found;
    at = picture.indexOf(mark, at + 1);
  }
  return found;
}

/** Whoever sent it may have made anything look like a directory: nothing is believed that does not lie in the file. */
function removeFromTiff(picture: Buffer, start: number): boolean {
  const isLittle = picture[start] === 0x49;
  const [short, long] = isLittle
    ? [(at: number) => picture.readUInt16LE(at), (at: number) => picture.readUInt32LE(at)]
    : [(at: number) => picture.readUInt16BE(at), (at: number) => picture.readUInt32BE(at)];

  /** Places of the entries, or null where there is no directory. */
  const entriesAt = (at: number): number[] | null => {
    if (at + 2 > picture.length) return null;
    const count = short(at);
    if (count === 0 || count > MOST_ENTRIES || at + 2 + count * ENTRY_LENGTH > picture.length) return null;
    const entries = Array.from({ length: count }, (_, index) => at + 2 + index * ENTRY_LENGTH);
    return entries.every((entry) => VALUE_SIZES[short(entry + 2)] !== undefined) ? entries : null;
  };

  if (start + 8 > picture.length) return false;
  const main = start + long(start + 4);
  const entries = entriesAt(main);
  const pointer = entries?.find((entry) => short(entry) === GPS_DIRECTORY);
  if (entries === null || pointer === undefined) return false;
  const directory = start + long(pointer + 8);
  for (const entry of entriesAt(directory) ?? []) {
    const size = (VALUE_SIZES[short(entry + 2)] ?? 0) * long(entry + 4);
    const value = size > 4 ? start + long(entry + 8) : entry + 8;
    if (size <= LONGEST_VALUE && value + size <= picture.length) picture.fill(0, value, value + size);
    picture.fill(0, entry, entry + ENTRY_LENGTH);
  }
  // The others move up, with the offset of the next directory behind them.
  const end = main + 2 + entries.length * ENTRY_LENGTH;
  const behind = Math.min(end + 4, picture.length);
  picture.copyWithin(pointer, pointer + ENTRY_LENGTH, behind);
  picture.fill(0, behind - ENTRY_LENGTH, behind);
  if (isLittle) picture.writeUInt16LE(entries.length - 1, main);
  else picture.writeUInt16BE(entries.length - 1, main);
  return true;
}

/** `exif:GPSLatitude="48,51.48N"`, or `<exif:GPSLatitude>48,51.48N</exif:GPSLatitude>`: spaces are as good as nothing between. */
function removeFromXmp(picture: Buffer, at: number): boolean {
  const text = picture.toString('latin1', at - 1, at + 1024);
  const property = /^<(exif:GPS\w+)(?: [^>]*)?(?:\/>|>[^]*?<\/\1>)/u.exec(text);
  const attribute = /^[^<\w](exif:GPS\w+\s*=\s*(?:"[^"]*"|'[^']*'))/u.exec(text);
  if (property !== null) picture.fill(' ', at - 1, at - 1 + property[0].length);
  else if (attribute !== null) picture.fill(' ', at, at + (attribute[1]?.length ?? 0));
  return property !== null || attribute !== null;
}

/** Chunks of a PNG carry a sum of their bytes. */
function checkAnew(png: Buffer): void {
  for (let at = 8; at + 12 <= png.length;) {
    const end = at + 8 + png.readUInt32BE(at);
    if (end + 4 > png.length) return;
    if (['eXIf', 'iTXt', 'tEXt'].includes(png.toString('latin1', at + 4, at + 8)))
      png.writeUInt32BE(crc32(png.subarray(at + 4, end)), end);
    at = end + 4;
  }
}
