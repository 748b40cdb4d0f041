import type { AccountMedia } from './account-media.ts';
import { requestFile, type FileNetwork } from './file-request.ts';
import { remoteOf } from './media-url.ts';

const SIZE_LIMIT = 5 * 1024 * 1024;
const TIMEOUT = 15_000;
/** SVG is left out: it is a document, not a picture. */
const PICTURE = /^image\/(png|jpeg|gif|webp|avif|bmp)\b/u;

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
  if (media === null) return fetchPicture(remote, network);
  const found = await media.picture(remote, SIZE_LIMIT);
  return found === null || !PICTURE.test(found.type)
    ? null
    : { type: found.type, bytes: new Uint8Array(found.bytes) };
}

async function fetchPicture(
  remote: string,
  network: FileNetwork,
): Promise<{ type: string; bytes: Uint8Array<ArrayBuffer> } | null> {
  const answer = await requestFile(
    network,
    { url: remote, headers: {} },
    { signal: AbortSignal.timeout(TIMEOUT) },
  );
  const type = answer.headers.get('content-type') ?? '';
  if (!answer.ok || !PICTURE.test(type) || answer.body === null) return null;
  const bytes = await readLimited(answer.body);
  return bytes === null ? null : { type, bytes };
}

async function readLimited(body: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer> | null> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.byteLength;
    if (size > SIZE_LIMIT) return null;
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}
