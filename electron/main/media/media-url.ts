/** Pictures and files reach the window only through this scheme, which main answers for files of the servers of its accounts alone. */
export const MEDIA_SCHEME = 'magpie-media';

/** The address under which the window may ask for an avatar; empty stays empty. */
export function avatarUrl(remote: string): string {
  return remote === '' ? '' : `${MEDIA_SCHEME}://avatar/?url=${encodeURIComponent(remote)}`;
}

/** The address under which the window may ask for a file of a message, sent or staged; empty stays empty. */
export function fileUrl(address: string): string {
  return address === '' ? '' : `${MEDIA_SCHEME}://file/?url=${encodeURIComponent(address)}`;
}

/** The avatar behind a request of the window, or null when it is not one of these servers' own files. */
export function remoteOf(requested: string, serverOrigins: readonly string[]): string | null {
  try {
    const url = new URL(requested);
    if (url.protocol !== `${MEDIA_SCHEME}:` || url.hostname !== 'avatar') return null;
    const remote = new URL(url.searchParams.get('url') ?? '');
    if (!serverOrigins.includes(remote.origin) || remote.username !== '' || remote.password !== '')
      return null;
    return remote.href;
  } catch {
    return null;
  }
}

/** The file behind a request of the window; null when it asks for something else. */
export function addressOf(requested: string): string | null {
  if (!URL.canParse(requested)) return null;
  const url = new URL(requested);
  if (url.protocol !== `${MEDIA_SCHEME}:` || url.hostname !== 'file') return null;
  const address = url.searchParams.get('url') ?? '';
  return address === '' ? null : address;
}
