/** Files to and from an `egg-im` server: in pieces where the server can, else as one form (E40). */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { MagpieError } from '#protocol/errors';
import { UPLOADS_PATH, wireUploadState, type WireUploadState } from '#protocol/wire/uploads';
import type { UploadOrder } from '../chat-dialect.ts';
import type { Network } from '../../network/network.ts';
import { unreachable } from '../../network/problems.ts';
import type { AuthenticatedCall } from './people.ts';
import { payloadOf } from './http-client.ts';

/** Bytes of one piece: a cut costs at most what of it was under way. */
const PIECE = 8 * 1024 * 1024;
/**
 * Nothing went out for so long: the line is dead, milliseconds. Less than the patience of our server (20 s): whoever sends notices
 * first, and goes on over another line.
 */
const STALL = 18_000;
/** The server has everything and has not answered for so long, milliseconds: it may have to look at all of the file. */
const NO_ANSWER = 30_000;
/** Bytes that go out at once: few enough for the slowest line that the server bears to take them within {@link STALL}. */
const SLICE = 32 * 1024;

interface Access {
  origin: string;
  token: string;
  fetch: Network['fetch'];
  ask: AuthenticatedCall;
  signal: AbortSignal;
}

/** Folder of the address by what the file is, as the reference client names them. */
function folderOf(mime: string): string {
  const kind = mime.split('/', 1)[0];
  if (kind === 'image') return 'chatImgs';
  if (kind === 'video') return 'chatVideos';
  return kind === 'audio' ? 'chatAudios' : 'chatFiles';
}

/** Returns the absolute address. */
export async function uploadInPieces(order: UploadOrder, access: Access): Promise<string> {
  const { id, name, size, sha256, mime } = order;
  const begin = async (): Promise<WireUploadState> =>
    stateOf(await access.ask('POST', UPLOADS_PATH, { id, name, size, sha256, folder: folderOf(mime) }));
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
  return access.origin + state.url;
}

/** E40. A cut starts over, so it is for servers that cannot do better. */
export async function uploadAsForm(order: UploadOrder, access: Access): Promise<string> {
  // Such a server cannot be asked whether it still has a file, and is not known to forget any.
  if (order.earlier !== null) return order.earlier;
  const { name, mime, size } = order;
  const boundary = `magpie-${randomBytes(12).toString('hex')}`;
  const quoted = name.replaceAll('"', '%22').replaceAll(/[\r\n]/gu, ' ');
  const head = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${quoted}"\r\n` +
      `Content-Type: ${/^[\w.+-]+\/[\w.+-]+$/u.test(mime) ? mime : 'application/octet-stream'}\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const source = await order.read(0);
  const answer = await send(order, access, {
    url: `${access.origin}/api/chat/uploadStreamSingleToServerDiy/${folderOf(mime)}`,
    method: 'POST',
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': String(head.length + size + tail.length),
    },
    body: framed(head, source, tail),
    onBytes: (bytes) => order.onProgress(Math.max(0, Math.min(size, bytes - head.length))),
  });
  const payload = payloadOf(answer);
  const url = typeof payload === 'object' && payload !== null && 'url' in payload ? payload.url : null;
  if (typeof url !== 'string' || url === '') throw new MagpieError('bad-answer', 'no address of the file');
  return /^https?:\/\//u.test(url) ? url : access.origin + url;
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

interface Sending {
  url: string;
  method: 'PUT' | 'POST';
  headers: Record<string, string>;
  body: AsyncIterable<Uint8Array>;
  onBytes(bytes: number): void;
}

async function send(order: UploadOrder, access: Access, sending: Sending) {
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(), STALL);
  let bytes = 0;
  async function* watched(): AsyncGenerator<Uint8Array> {
    for await (const chunk of sending.body) {
      for (let start = 0; start < chunk.byteLength; start += SLICE) {
        timer.refresh();
        yield chunk.subarray(start, start + SLICE);
      }
      bytes += chunk.byteLength;
      sending.onBytes(bytes);
    }
    clearTimeout(timer);
    timer = setTimeout(() => stalled.abort(), NO_ANSWER);
  }
  const body = Readable.from(watched(), { objectMode: false, highWaterMark: SLICE });
  try {
    const response = await access.fetch(sending.url, {
      method: sending.method,
      headers: { accept: 'application/json', token: access.token, ...sending.headers },
      redirect: 'error',
      body,
      duplex: 'half',
      signal: AbortSignal.any([order.signal, access.signal, stalled.signal]),
    });
    const text = await response.text();
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
    return { status: response.status, json, retryAfter: retryAfter >= 0 ? retryAfter : null };
  } catch (thrown) {
    // A file that went while it was read fails the request; that is what the person has to hear.
    for (let error: unknown = thrown; error instanceof Error; error = error.cause) {
      if (error instanceof MagpieError) throw error;
    }
    throw unreachable('the upload was cut', thrown);
  } finally {
    clearTimeout(timer);
    body.destroy();
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

async function* framed(head: Buffer, source: Readable, tail: Buffer): AsyncGenerator<Uint8Array> {
  yield head;
  for await (const chunk of source) yield chunk as Buffer;
  yield tail;
}

function stateOf(payload: unknown): WireUploadState {
  const parsed = wireUploadState.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new MagpieError('bad-answer', 'no state of an upload');
}
