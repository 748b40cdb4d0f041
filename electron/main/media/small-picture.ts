/** Small pictures, asked for once: checked and bounded. */
import type { FileAccess } from '../dialects/chat-dialect.ts';
import { requestFile, type FileNetwork } from './file-request.ts';

export const PICTURE_LIMIT = 5 * 1024 * 1024;
const TIMEOUT = 15_000;
/** SVG is left out: it is a document, not a picture. */
const PICTURE = /^image\/(png|jpeg|gif|webp|avif|bmp)\b/u;

export const isPicture = (type: string): boolean => PICTURE.test(type);

/** Null when it is not there, no picture, or too large. */
export async function fetchPicture(
  access: FileAccess,
  network: FileNetwork,
  signal?: AbortSignal,
): Promise<{ type: string; bytes: Uint8Array<ArrayBuffer> } | null> {
  const timeout = AbortSignal.timeout(TIMEOUT);
  const answer = await requestFile(network, access, {
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  });
  const type = answer.headers.get('content-type') ?? '';
  if (!answer.ok || !isPicture(type) || answer.body === null) {
    await answer.body?.cancel();
    return null;
  }
  const bytes = await readLimited(answer.body);
  return bytes === null ? null : { type, bytes };
}

async function readLimited(body: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer> | null> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.byteLength;
    if (size > PICTURE_LIMIT) return null;
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}
