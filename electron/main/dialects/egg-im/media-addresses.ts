/** Where files of messages may be loaded from (section 12 of the protocol), and what their addresses tell. */
import type { FileAccess } from '../chat-dialect.ts';

export interface Home {
  origin: string;
  /** One of ours: what it keeps in an object storage it hands out itself, too. */
  extensions: boolean;
}

/** The form of addresses that E41 gives, behind whatever the bucket is called. */
const STORED = /\/images\/\d{8}\/[^/]+$/u;

/** A picture out of a film, made by an object storage: 20 ms after the start, the nearest key frame, 260 pixels wide. */
const SNAPSHOT = 'x-oss-process=video/snapshot,t_20,m_fast,w_260,f_png';

/** Plain http is for the server's own host, where the line to the server is no better. */
function secured(url: URL, home: URL): URL {
  const isLocal = url.hostname === home.hostname && home.protocol === 'http:';
  if (url.protocol === 'http:' && !isLocal) url.protocol = 'https:';
  return url;
}

function webAddress(address: string): URL | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : null;
}

/** What E41 answered, as it goes into messages; null for what is no address. */
export function storedAddress(answered: string, { origin }: Pick<Home, 'origin'>): string | null {
  if (!URL.canParse(answered, origin)) return null;
  const url = webAddress(new URL(answered, origin).href);
  return url === null ? null : secured(url, new URL(origin)).href;
}

/**
 * The server's own files, also those that were sent under another of its names: the path decides then. On a plain server also what lies in
 * the object storage behind it, which is another host: the token goes to nobody but the server.
 */
export function accessTo(
  address: string,
  { origin, extensions, token }: Home & { token: string },
): FileAccess | null {
  const url = webAddress(address);
  if (url === null) return null;
  const { pathname, search } = url;
  const ours = (path: string): FileAccess => ({ url: origin + path + search, headers: { token } });
  if (url.origin === origin || pathname.startsWith('/public/')) return ours(pathname);
  const [stored] = STORED.exec(pathname) ?? [];
  if (stored === undefined || url.username !== '' || url.password !== '') return null;
  if (extensions) return ours(stored);
  const home = new URL(origin);
  const { href, hostname } = secured(url, home);
  return { url: href, headers: {}, ...(hostname === home.hostname ? {} : { outside: true }) };
}

/** Where a storage on another host than the server gives a picture out of a film; null for films that lie elsewhere. */
export function snapshotAddress(film: string, { origin }: Pick<Home, 'origin'>): string | null {
  const url = webAddress(film);
  const isStored = url !== null && url.origin !== origin && url.search === '' && STORED.test(url.pathname);
  return isStored ? `${url.origin}${url.pathname}?${SNAPSHOT}` : null;
}
