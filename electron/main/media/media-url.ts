/** Pictures reach the window only through this scheme, which main answers for the chosen server's files alone. */
export const MEDIA_SCHEME = 'magpie-media';

/** The address under which the window may ask for a picture; empty stays empty. */
export function avatarUrl(remote: string): string {
  return remote === '' ? '' : `${MEDIA_SCHEME}://avatar/?url=${encodeURIComponent(remote)}`;
}

/** The picture behind a request of the window, or null when it is not one of the server's own files. */
export function remoteOf(requested: string, serverOrigin: string | null): string | null {
  if (serverOrigin === null) return null;
  try {
    const url = new URL(requested);
    if (url.protocol !== `${MEDIA_SCHEME}:` || url.hostname !== 'avatar') return null;
    const remote = new URL(url.searchParams.get('url') ?? '');
    if (remote.origin !== serverOrigin || remote.username !== '' || remote.password !== '') return null;
    return remote.href;
  } catch {
    return null;
  }
}
