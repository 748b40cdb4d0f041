import type { AccountMedia } from './account-media.ts';
import type { FileNetwork } from './file-request.ts';
import { remoteOf } from './media-url.ts';
import { fetchPicture, isPicture, PICTURE_LIMIT } from './small-picture.ts';

/** Answers a request for an avatar: pictures of the servers of this app's accounts, checked and bounded. */
export async function answerAvatar(
  requested: string,
  serverOrigins: readonly string[],
  sources: PictureSources,
): Promise<Response> {
  const remote = remoteOf(requested, serverOrigins);
  if (remote === null) return new Response(null, { status: 403 });
  try {
    const picture = await loadPicture(remote, sources);
    if (picture === null) return new Response(null, { status: 404 });
    return new Response(picture.bytes, {
      headers: {
        'content-type': picture.type,
        'cache-control': 'private, max-age=86400',
        'content-security-policy': "default-src 'none'; sandbox",
        'x-content-type-options': 'nosniff',
      },
    });
  } catch {
    return new Response(null, { status: 502 });
  }
}

/** Where pictures come from. */
export interface PictureSources {
  network: FileNetwork;
  /** Of an account that is signed in to that server: its cache has most of them, also without a connection. */
  mediaOf(origin: string): Promise<AccountMedia | null>;
}

/** A picture of one of our servers; null when it is not there, no picture, or too large. */
export async function loadPicture(
  remote: string,
  { network, mediaOf }: PictureSources,
): Promise<{ type: string; bytes: Uint8Array<ArrayBuffer> } | null> {
  const media = await mediaOf(new URL(remote).origin);
  if (media === null) return fetchPicture({ url: remote, headers: {} }, network);
  const found = await media.picture(remote, PICTURE_LIMIT);
  return found === null || !isPicture(found.type)
    ? null
    : { type: found.type, bytes: new Uint8Array(found.bytes) };
}
