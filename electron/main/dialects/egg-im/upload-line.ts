/** One request that takes bytes up, watched: for a line that is dead, and for how far it is. */
import { Readable } from 'node:stream';
import { MagpieError } from '#protocol/errors';
import type { UploadOrder } from '../chat-dialect.ts';
import type { Network } from '../../network/network.ts';
import { unreachable } from '../../network/problems.ts';
import type { AuthenticatedCall } from './people.ts';

/** Nothing went out for so long: the line is dead, milliseconds. */
const STALL = 30_000;

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
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(), STALL);
      yield chunk;
      bytes += chunk.byteLength;
      sending.onBytes(bytes);
    }
  }
  const body = Readable.from(watched(), { objectMode: false, highWaterMark: 256 * 1024 });
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
