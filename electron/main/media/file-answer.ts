/** What the window gets when it asks for a file of a message, as HTTP has it (RFC 9110). */
import { Readable } from 'node:stream';
import type { Response as FetchResponse } from 'undici';
import { wantedBytes } from '#protocol/wire/byte-range';
import { mayPass } from '../network/problems.ts';
import type { AccountMedia, Opened } from './account-media.ts';
import { patientBody } from './patient-body.ts';
import { requestFile, type FileNetwork } from './file-request.ts';

/** What the window may draw or play. SVG is left out: it is a document, not a picture. */
const SHOWN = /^(image\/(png|apng|jpeg|gif|webp|avif|bmp)|video\/[\w.+-]+|audio\/[\w.+-]+)$/u;

const HEADERS = {
  'accept-ranges': 'bytes',
  // Main keeps what it may keep; the window must ask again when somebody else is signed in.
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
};

export async function answerFile(
  request: Request,
  address: string,
  media: Pick<AccountMedia, 'open'>,
  network: FileNetwork,
): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } });
  const file = await media.open(address);
  switch (file.kind) {
    case 'local':
      return answerLocal(request, file);
    case 'remote':
      return answerRemote(request, file, network);
    case 'refused':
      return new Response(null, { status: 403 });
    case 'gone':
      return new Response(null, { status: 404 });
    case 'unreachable':
      return new Response(null, { status: 502 });
  }
}

async function answerLocal(
  { method, headers: asked }: Request,
  { size, mime, read }: Extract<Opened, { kind: 'local' }>,
): Promise<Response> {
  if (!SHOWN.test(mime)) return new Response(null, { status: 415 });
  const headers = { ...HEADERS, 'content-type': mime };
  // Ranges are for `GET` alone.
  const wanted = method === 'GET' ? wantedBytes(asked.get('range'), size) : 'all';
  if (wanted === 'unsatisfiable') return unsatisfiable(`bytes */${size}`);
  if (wanted === 'all') {
    const body = method === 'GET' ? toWeb(await read()) : null;
    return new Response(body, { headers: { ...headers, 'content-length': String(size) } });
  }
  return new Response(toWeb(await read(wanted)), {
    status: 206,
    headers: {
      ...headers,
      'content-range': `bytes ${wanted.start}-${wanted.end}/${size}`,
      'content-length': String(wanted.end - wanted.start + 1),
    },
  });
}

/** The server knows ranges as well as we do: what it answers is passed on, as far as the window may see it. */
async function answerRemote(
  request: Request,
  file: Extract<Opened, { kind: 'remote' }>,
  network: FileNetwork,
): Promise<Response> {
  const range = request.method === 'GET' ? request.headers.get('range') : null;
  const answer = await requestFile(network, file, {
    method: request.method === 'HEAD' ? 'HEAD' : 'GET',
    ...(range === null ? {} : { range }),
    signal: request.signal,
  });
  const type = (answer.headers.get('content-type') ?? '').split(';', 1)[0] ?? '';
  if (answer.ok && SHOWN.test(type)) {
    const isHead = request.method === 'HEAD' || answer.body === null;
    return new Response(isHead ? null : patientBody(answer.body as ReadableStream<Uint8Array>), {
      status: answer.status,
      headers: { ...HEADERS, 'content-type': type, ...passed(answer, ['content-range', 'content-length']) },
    });
  }
  await answer.body?.cancel();
  if (answer.status === 416) return unsatisfiable(answer.headers.get('content-range'));
  return new Response(null, { status: statusOf(answer, type) });
}

function statusOf({ ok, status }: FetchResponse, type: string): number {
  // Plain servers answer 200 and JSON for what they do not have (quirk Q34).
  if (ok) return type === 'application/json' ? 404 : 415;
  if (status === 401 || status === 403) return 403;
  return mayPass(status) ? 502 : 404;
}

function unsatisfiable(contentRange: string | null): Response {
  const headers = contentRange === null ? HEADERS : { ...HEADERS, 'content-range': contentRange };
  return new Response(null, { status: 416, headers });
}

function passed({ headers }: FetchResponse, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value] as const];
    }),
  );
}

function toWeb(body: Readable): ReadableStream {
  return Readable.toWeb(body) as ReadableStream;
}
