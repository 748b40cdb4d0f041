/** Where files of others may be written: names that lead nowhere else, places that are free, and room for them. */
import { access, statfs } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { MagpieError } from '#protocol/errors';

/**
 * Most file systems take 255 bytes in a name, counted in UTF-8. This leaves room for what is put before and behind it:
 * numbers, ` (2)` and `.part`.
 */
const NAME_BYTES = 200;
const ENDING_BYTES = 32;
/** Characters; Windows counts those, of the whole path. */
const STEM_LENGTH = 120;

/** The beginning of a text that fits, with every character whole. */
function beginning(text: string, bytes: number, length = Infinity): string {
  let [end, size] = [0, 0];
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > bytes || end + character.length > length) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** Windows drops dots and spaces at the end of a name: what stands before them would be the ending. */
const trimmed = (name: string) => name.replace(/[.\s]+$/u, '');

/** Of words, what can be a name, or part of one, on every system; empty when nothing of them can. */
export function nameOf(words: string, bytes: number): string {
  const plain = words.replaceAll(/[\p{Cc}\p{Cf}\p{Surrogate}<>:"/\\|?*]/gu, '_').replace(/^[.\s]+/u, '');
  return trimmed(beginning(plain, bytes));
}

/** What others call their files must not lead out of the folder, hide, or mean a device; the ending stays. */
export function safeName(name: string): string {
  const plain = nameOf(name, Infinity);
  const isDevice = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/iu.test(plain);
  const end = trimmed(beginning(extname(plain), ENDING_BYTES));
  const whole = plain.slice(0, plain.length - extname(plain).length);
  const stem = beginning(whole, NAME_BYTES - ENDING_BYTES, STEM_LENGTH);
  return trimmed(`${isDevice ? '_' : ''}${stem === '' ? 'file' : stem}${end}`);
}

/** A path that no file has, put into `taken` at once: what is asked side by side gets names of its own. */
export async function freePath(folder: string, name: string, taken: Set<string>): Promise<string> {
  const end = extname(name);
  const stem = name.slice(0, name.length - end.length);
  for (let number = 0; ; number += 1) {
    const path = join(folder, number === 0 ? name : `${stem} (${number})${end}`);
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere || taken.has(path)) continue;
    taken.add(path);
    return path;
  }
}

export async function checkRoom(folder: string, size: number): Promise<void> {
  const room = await statfs(folder).catch(() => null);
  if (room !== null && room.bavail * room.bsize < size)
    throw new MagpieError('disk-full', 'no room for the file');
}
