/** Files as one form: to a plain server (E40), or to the object storage behind it (E41). A cut starts over. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { MagpieError } from '#protocol/errors';
import type { UploadOrder } from '../chat-dialect.ts';
import { payloadOf } from './http-client.ts';
import { storedAddress } from './media-addresses.ts';
import { folderOf, send, type Access } from './upload-line.ts';

const wireStored = z.array(z.looseObject({ url: z.string().min(1).max(2_000) })).min(1);

/** E40. Returns the absolute address. */
export async function uploadAsForm(order: UploadOrder, access: Access): Promise<string> {
  // Such a server cannot be asked whether it still has a file, and is not known to forget any.
  if (order.earlier !== null) return order.earlier;
  const payload = await post(order, access, {
    path: `/api/chat/uploadStreamSingleToServerDiy/${folderOf(order.mime)}`,
    field: 'file',
  });
  const url = typeof payload === 'object' && payload !== null && 'url' in payload ? payload.url : null;
  if (typeof url !== 'string' || url === '') throw new MagpieError('bad-answer', 'no address of the file');
  return /^https?:\/\//u.test(url) ? url : access.origin + url;
}

/**
 * E41. Returns the absolute address.
 * @throws {MagpieError} also `storage-refused`, which is final like `refused`: another place may take the file
 */
export async function uploadToStorage(order: UploadOrder, access: Access): Promise<string> {
  if (order.earlier !== null) return order.earlier;
  const payload = await post(order, access, {
    path: '/api/chat/uploadAliyun',
    field: 'img',
    text: { imageClassId: '0' },
  }).catch((thrown: unknown) => {
    throw storageFailure(thrown);
  });
  const [stored] = wireStored.safeParse(payload).data ?? [];
  const url = stored === undefined ? null : storedAddress(stored.url, access);
  if (url === null) throw new MagpieError('bad-answer', 'no address of the file');
  return url;
}

/** What the form itself is refused for is no better in another place. */
const OF_THE_FILE = /^(Invalid filename|Request file too large|Can't found upload file)/u;
const PREFIX = /^上传失败[:：]\s*/u;

function storageFailure(thrown: unknown): unknown {
  if (!(thrown instanceof MagpieError)) return thrown;
  const { serverText, ...details } = thrown.details ?? {};
  // Plain servers answer 200 and "fail" to a call that they do not know.
  const isUnknown = thrown.code === 'bad-answer' && (details.status === 200 || details.status === 404);
  if (thrown.code !== 'refused' && !isUnknown) return thrown;
  const reason = isUnknown ? '' : (serverText ?? '').replace(PREFIX, '');
  const told = reason === '' ? details : { ...details, serverText: reason };
  return OF_THE_FILE.test(reason)
    ? new MagpieError('refused', thrown.message, told, { cause: thrown })
    : new MagpieError('storage-refused', 'the object storage did not take it', told, { cause: thrown });
}

async function post(
  order: UploadOrder,
  access: Access,
  form: { path: string; field: string; text?: Record<string, string> },
): Promise<unknown> {
  const { name, mime, size } = order;
  const boundary = `magpie-${randomBytes(12).toString('hex')}`;
  const quoted = name.replaceAll('"', '%22').replaceAll(/[\r\n]/gu, ' ');
  const part = (field: string) => `--${boundary}\r\nContent-Disposition: form-data; name="${field}"`;
  const texts = Object.entries(form.text ?? {}).map(([field, text]) => `${part(field)}\r\n\r\n${text}\r\n`);
  const head = Buffer.from(
    `${texts.join('')}${part(form.field)}; filename="${quoted}"\r\n` +
      `Content-Type: ${/^[\w.+-]+\/[\w.+-]+$/u.test(mime) ? mime : 'application/octet-stream'}\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const source = await order.read(0);
  async function* framed(): AsyncGenerator<Buffer> {
    yield head;
    for await (const chunk of source) yield chunk as Buffer;
    yield tail;
  }
  const answer = await send(order, access, {
    url: access.origin + form.path,
    method: 'POST',
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': String(head.length + size + tail.length),
    },
    body: framed(),
    onBytes: (bytes) => order.onProgress(Math.max(0, Math.min(size, bytes - head.length))),
  });
  return payloadOf(answer);
}
