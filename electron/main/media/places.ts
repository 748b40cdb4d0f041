/** Where files of others may be written: names that lead nowhere else, places that are free, and room for them. */
import { access, statfs } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { MagpieError } from '#protocol/errors';

/** What others call their files must not lead out of the folder, hide, or mean a device. */
export function safeName(name: string): string {
  const plain = name
    .replaceAll(/[\p{Cc}\p{Cf}\p{Surrogate}<>:"/\\|?*]/gu, '_')
    .replace(/^\.+/u, '')
    .replace(/[. ]+$/u, '');
  const isDevice = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/iu.test(plain);
  const end = extname(plain).slice(0, 20);
  const stem = plain.slice(0, plain.length - extname(plain).length).slice(0, 120);
  return `${isDevice ? '_' : ''}${stem === '' ? 'file' : stem}${end}`;
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
