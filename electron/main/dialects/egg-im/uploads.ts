/** Files to a server of ours, in pieces, and what it makes of films. Plain servers take {@link uploadAsForm}. */
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { MagpieError } from '#protocol/errors';
import { UPLOADS_PATH, wireUploadState, type WireUploadState } from '#protocol/wire/uploads';
import type { UploadOrder } from '../chat-dialect.ts';
import { payloadOf } from './http-client.ts';
import { folderOf, send, type Access } from './upload-line.ts';

/** Bytes of one piece: a cut costs at most what of it was under way. */
const PIECE = 8 * 1024 * 1024;
/** Returns the absolute address. */
export async function uploadInPieces(order: UploadOrder, access: Access): Promise<string> {
  const { id, name, size, sha256, mime, place } = order;
  const begin = async (): Promise<WireUploadState> =>
    stateOf(
      await access.ask('POST', UPLOADS_PATH, { id, name, size, sha256, folder: folderOf(mime), place }),
    );
  let state = await begin();
  order.onProgress(state.offset);
  while (state.url === null) {
    const { offset } = state;
    const end = Math.min(size, offset + PIECE);
    const answer = await send(order, access, {
      url: `${access.origin}${UPLOADS_PATH}/${id}?offset=${offset}`,
      method: 'PUT',
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(end - offset) },
      body: limited(await order.read(offset), end - offset),
      onBytes: (bytes) => order.onProgress(Math.min(end, offset + bytes)),
    });
    // Somebody else's offset: another try of ours got further than we knew.
    state = answer.status === 409 ? await begin() : stateOf(payloadOf(answer));
  }
  order.onProgress(size);
  // Absolute where everybody can load it from its object storage.
  return new URL(state.url, access.origin).href;
}

/** A moment of a film that is rarely black, milliseconds, and the width of what is shown of it, pixels. */
const COVER = { time: 20, width: 260 };
const wireCover = z.object({ url: z.string().min(1).max(1_000), base64: z.string() });

/** E42: a picture out of a film that the server has. */
export async function coverOf(
  videoUrl: string,
  { origin, ask }: Pick<Access, 'origin' | 'ask'>,
): Promise<{ url: string; width: number; height: number } | null> {
  const answer = await ask('POST', '/api/chat/getVideoScreenshot', { videoUrl, ...COVER, format: 'jpg' });
  const made = wireCover.safeParse(answer);
  if (!made.success) return null;
  const { url, base64 } = made.data;
  const picture = Buffer.from(base64.slice(base64.indexOf(',') + 1), 'base64');
  // The start has no use for it.
  const { imageSize } = await import('image-size');
  try {
    const { width, height } = imageSize(picture);
    return { url: new URL(url, origin).href, width, height };
  } catch {
    return null;
  }
}

/** At most `bytes` of a stream, which is ended then. */
async function* limited(source: Readable, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const chunk of source) {
    const piece = chunk as Buffer;
    yield piece.length <= left ? piece : piece.subarray(0, left);
    left -= piece.length;
    if (left <= 0) break;
  }
}

function stateOf(payload: unknown): WireUploadState {
  const parsed = wireUploadState.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new MagpieError('bad-answer', 'no state of an upload');
}
