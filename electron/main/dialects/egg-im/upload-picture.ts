/** Small pictures in one request (E40): avatars, and what comes with a complaint. */
import { z } from 'zod';
import { MagpieError } from '#protocol/errors';
import type { Network } from '../../network/network.ts';
import { unreachable } from '../../network/problems.ts';
import type { Picture } from '../people-dialect.ts';
import { payloadOf } from './http-client.ts';

const wireUploaded = z.object({ url: z.string().min(1).max(1_000) });

/** Small pictures only: a minute is long for them. */
const UPLOAD_TIMEOUT = 60_000;

export interface UploadPlace {
  origin: string;
  token: string;
  signal: AbortSignal;
  fetch: Network['fetch'];
  /** Folder on the server, as the protocol names it. */
  folder: 'avatars' | 'chatImgs';
}

/** Gives the address under which the server keeps it. */
export async function uploadPicture(
  { origin, token, signal, fetch, folder }: UploadPlace,
  { bytes, type }: Picture,
): Promise<string> {
  const { FormData } = await import('undici');
  const form = new FormData();
  form.append('file', new Blob([bytes], { type }), type === 'image/png' ? 'picture.png' : 'picture.jpg');
  let status: number;
  let json: unknown;
  try {
    const response = await fetch(`${origin}/api/chat/uploadStreamSingleToServerDiy/${folder}`, {
      method: 'POST',
      headers: { token },
      body: form,
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(UPLOAD_TIMEOUT)]),
    });
    status = response.status;
    json = await response.json().catch(() => undefined);
  } catch (thrown) {
    throw unreachable('the picture was not stored', thrown);
  }
  const uploaded = wireUploaded.safeParse(payloadOf({ status, json, retryAfter: null }));
  if (!uploaded.success) throw new MagpieError('bad-answer', 'the answer has no address of the picture');
  return uploaded.data.url;
}
