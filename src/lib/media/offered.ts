/** What a browser offers of a picture, a link or a piece of a page that is dragged out of it. Nothing here is fetched. */

/** As the platform gives it; empty where there is nothing of it. */
export interface Offered {
  /** `text/uri-list` */
  addresses: string;
  html: string;
  /** `DownloadURL`: type, name and address of a file. */
  download: string;
  text: string;
}

export type Offer =
  | { kind: 'picture'; name: string; type: string; bytes: Uint8Array<ArrayBuffer> }
  /** @param isPicture the person took hold of a picture, and its address is all that is here */
  | { kind: 'words'; words: string; isPicture: boolean }
  | { kind: 'nothing' };

/** Longer data addresses would stop the window while they are read. Characters. */
const LONGEST_DATA = 64 * 1024 * 1024;

/** A picture that is inside its address is taken; of one elsewhere, only the address: this app asks no stranger for it. */
export function readOffer({ addresses, html, download, text }: Offered): Offer {
  const [, type = '', name = '', file = ''] = /^([^:]*):([^:]*):(.*)$/su.exec(download) ?? [];
  const fromFile = type.startsWith('image/') ? file : '';
  const link = firstAddress(addresses);
  const source = onlyPicture(html);
  for (const address of [fromFile, source, link]) {
    const picture = pictureInside(address, name);
    if (picture !== null) return picture;
  }
  const picture = [fromFile, source].find(isWebAddress);
  if (picture !== undefined) return { kind: 'words', words: picture, isPicture: true };
  const words = isWebAddress(link) ? link : isAddress(text.trim()) ? '' : text.trim();
  return words === '' ? { kind: 'nothing' } : { kind: 'words', words, isPicture: false };
}

/** Lines that begin with # are remarks. */
function firstAddress(list: string): string {
  return list.split(/\r?\n/u).find((line) => line !== '' && !line.startsWith('#')) ?? '';
}

/** The picture that a piece of a page is; empty where there are words as well, or more than one. */
function onlyPicture(html: string): string {
  const [first, ...more] = html.match(/<img\b[^>]*>/giu) ?? [];
  const words = html
    .replaceAll(/<!--.*?-->|<(style|script|title)\b.*?<\/\1>|<[^>]*>/gisu, '')
    .replaceAll('&nbsp;', ' ');
  if (first === undefined || more.length > 0 || words.trim() !== '') return '';
  const [, double, single, bare] = /\ssrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/iu.exec(first) ?? [];
  return (double ?? single ?? bare ?? '').replaceAll('&amp;', '&').trim();
}

function isAddress(text: string): boolean {
  return /^[a-z][\w+.-]*:\S*$/iu.test(text);
}
function isWebAddress(address: string): boolean {
  return /^https?:$/u.test(URL.canParse(address) ? new URL(address).protocol : '');
}

function pictureInside(address: string, name: string): Offer | null {
  if (address.length > LONGEST_DATA) return null;
  const [, type = '', base64, data = ''] =
    /^data:(image\/[\w.+-]+)[^,]*?(;base64)?,(.*)$/isu.exec(address) ?? [];
  if (type === '') return null;
  try {
    const plain = decodeURIComponent(data);
    const bytes =
      base64 === undefined
        ? new TextEncoder().encode(plain)
        : Uint8Array.from(atob(plain), (letter) => letter.charCodeAt(0));
    const ending = type.toLowerCase().slice('image/'.length).replace('jpeg', 'jpg').replace(/\+.*/u, '');
    return {
      kind: 'picture',
      name: name === '' ? `picture.${ending}` : name,
      type: type.toLowerCase(),
      bytes,
    };
  } catch {
    return null;
  }
}
