/** Names that people give to files, and the addresses that files get. */
import { randomInt } from 'node:crypto';
import { extname } from 'node:path';
import type { FilePlace } from '../storage/records.ts';

/** Extensions that E40 and E41 take (section 5.6). Files in pieces may have any. */
export const FORM_EXTENSIONS = new Set(
  (
    'jpg jpeg png gif bmp wbmp webp tif psd svg js jsx json css less html htm xml zip gz tgz gzip mp3 mp4 avi ' +
    'xls xlsx txt doc docx pdf'
  ).split(' '),
);

/** Folder of E41 in addresses: what lies there is in the object storage, where there is one beside the disk. */
export const IMAGES = 'images';

/** Where the content of a file with this address lies. */
export function placeOf(path: string): FilePlace {
  return path.startsWith(`${IMAGES}/`) ? 'object-storage' : 'server';
}

/** Place of a folder of E40; underscores make nested ones. Undefined for anything but a plain name (quirk Q32). */
export function folderPlace(folder: string): string | undefined {
  return /^[A-Za-z0-9-]+(_[A-Za-z0-9-]+)*$/.test(folder) && folder.length <= 100
    ? folderPath(folder)
    : undefined;
}

export function folderPath(folder: string): string {
  return `public/uploads/Diy/${folder.replaceAll('_', '/')}`;
}

/** Lower case, without the dot. */
export function extensionOf(name: string): string {
  return extname(name).slice(1).toLowerCase();
}

/** For the end of an address: any extension that is made of plain letters and digits. */
export function addressExtension(name: string): string {
  const extension = extensionOf(name);
  return /^[a-z0-9]{1,10}$/.test(extension) ? `.${extension}` : '';
}

/** Without characters that SQLite or a header would stumble over, and no longer than file systems allow. */
export function storableName(name: string): string {
  return [...name.replace(/[\p{Cc}\p{Surrogate}]/gu, '\u{fffd}')].slice(0, 255).join('');
}

/** Up to eight digits as documented, or all of a secret. */
export function digits(secret: string | undefined): string {
  return secret === undefined ? String(randomInt(100_000_000)) : BigInt(`0x${secret}`).toString();
}

export function dayOf(time: number): string {
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
}

/** Whatever host it names: the sender may reach us under another one. */
export function pathOfUrl(url: string): string | undefined {
  return /^(?:https?:\/\/[^/]+)?\/((?:public\/uploads|images)\/[^?#]+)/.exec(url)?.[1];
}
