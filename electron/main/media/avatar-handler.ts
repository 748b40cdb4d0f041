import { net, protocol } from 'electron';
import { MEDIA_SCHEME, remoteOf } from './media-url.ts';

const SIZE_LIMIT = 5 * 1024 * 1024;
const TIMEOUT = 15_000;
/** SVG is left out: it is a document, not a picture. */
const PICTURE = /^image\/(png|jpeg|gif|webp|avif|bmp)\b/u;

/** Answers the window's requests for avatars: the chosen server's own pictures, checked and bounded. */
export function handleAvatars(serverOrigin: () => string | null): void {
  protocol.handle(MEDIA_SCHEME, async (request) => {
    const remote = remoteOf(request.url, serverOrigin());
    if (remote === null) return new Response(null, { status: 403 });
    try {
      const answer = await net.fetch(remote, {
        credentials: 'omit',
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT),
        bypassCustomProtocolHandlers: true,
      });
      const type = answer.headers.get('content-type') ?? '';
      if (!answer.ok || !PICTURE.test(type) || answer.body === null)
        return new Response(null, { status: 404 });
      const picture = await readLimited(answer.body as ReadableStream<Uint8Array>);
      if (picture === null) return new Response(null, { status: 413 });
      return new Response(picture, {
        headers: {
          'content-type': type,
          'cache-control': 'private, max-age=86400',
          'content-security-policy': "default-src 'none'; sandbox",
          'x-content-type-options': 'nosniff',
        },
      });
    } catch {
      return new Response(null, { status: 502 });
    }
  });
}

async function readLimited(body: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer> | null> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body as unknown as AsyncIterable<Uint8Array>) {
    size += part.byteLength;
    if (size > SIZE_LIMIT) return null;
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}
