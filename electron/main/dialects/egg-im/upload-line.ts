/** One request that takes bytes up, watched: for a line that is dead, and for how far it is. */
import { Readable } from 'node:stream';
import { MagpieError } from '#protocol/errors';
import type { UploadOrder } from '../chat-dialect.ts';
import type { Network } from '../../network/network.ts';
import { unreachable } from '../../network/problems.ts';
import type { AuthenticatedCall } from './people.ts';

/**
 * Nothing went out for so long: the line is dead, milliseconds. Less than the patience of our server (20 s): whoever sends notices
 * first, and goes on over another line.
 */
const STALL = 18_000;
/** The server has everything and has not answered for so long, milliseconds: it may have to look at all of the file. */
const NO_ANSWER = 30_000;
/** Bytes that go out at once: few enough for the slowest line that the server bears to take them within {@link STALL}. */
const SLICE = 32 * 1024;

export interface Access {
  origin: string;
  token: string;
  fetch: Network['fetch'];
  ask: AuthenticatedCall;
  signal: AbortSignal;
}

/** Folder of the address by what the file is, as the reference client names them. */
export function folderOf(mime: string): string {
  const kind = mime.split('/', 1)[0];
  if (kind === 'image') return 'chatImgs';
  if (kind === 'video') return 'chatVideos';
  return kind === 'audio' ? 'chatAudios' : 'chatFiles';
}

export interface Sending {
  url: string;
  method: 'PUT' | 'POST';
  headers: Record<string, string>;
  body: AsyncIterable<Uint8Array>;
  onBytes(bytes: number): void;
}

export async function send(order: UploadOrder, access: Access, sending: Sending) {
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
