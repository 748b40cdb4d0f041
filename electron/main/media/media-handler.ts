import { Readable } from 'node:stream';
import { protocol } from 'electron';
import parseRange from 'range-parser';
import type { AccountMedia } from './account-media.ts';
import { answerAvatar, type PictureSources } from './avatar-handler.ts';
import { requestFile, type FileNetwork } from './file-request.ts';
import { addressOf, MEDIA_SCHEME } from './media-url.ts';

/** What the window may draw or play. SVG is left out: it is a document, not a picture. */
const SHOWN = /^(image\/(png|apng|jpeg|gif|webp|avif|bmp)|video\/[\w.+-]+|audio\/[\w.+-]+)$/u;

const HEADERS = {
  'accept-ranges': 'bytes',
  // Main keeps what it may keep; the window must ask again when somebody else is signed in.
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
};

/** Answers the window's requests for avatars and for files of messages. */
export function handleMedia(
  options: PictureSources & {
    /** Of the accounts of this app. */
    serverOrigins(): string[];
    /** Of the signed-in account; rejects when nobody is. */
    media(): Promise<AccountMedia>;
    /** Nothing that somebody sent goes to the window. */
    locked(): boolean;
  },
): void {
  protocol.handle(MEDIA_SCHEME, async (request) => {
    if (options.locked()) return new Response(null, { status: 403 });
    const address = addressOf(request.url);
    if (address === null) return answerAvatar(request.url, options.serverOrigins(), options);
    try {
      return await answerFile(request, address, await options.media(), options.network);
    } catch {
      return new Response(null, { status: 502 });
    }
  });
}

async function answerFile(
  request: Request,
  address: string,
  media: AccountMedia,
  network: FileNetwork,
): Promise<Response> {
  const file = await media.open(address);
  switch (file.kind) {
    case 'local': {
      if (!SHOWN.test(file.mime)) return new Response(null, { status: 415 });
      const range = rangeOf(request, file.size);
      const headers = { ...HEADERS, 'content-type': file.mime };
      if (range === null || file.size === 0) {
        const body = Readable.toWeb(await file.read()) as ReadableStream;
        return new Response(body, { headers: { ...headers, 'content-length': String(file.size) } });
      }
      const body = Readable.toWeb(await file.read(range)) as ReadableStream;
      return new Response(body, {
        status: 206,
        headers: {
          ...headers,
          'content-range': `bytes ${range.start}-${range.end}/${file.size}`,
          'content-length': String(range.end - range.start + 1),
        },
      });
    }
    case 'remote': {
      const wanted = request.headers.get('range');
      const answer = await requestFile(network, file, {
        ...(wanted === null ? {} : { range: wanted }),
        signal: request.signal,
      });
      const type = (answer.headers.get('content-type') ?? '').split(';', 1)[0] ?? '';
      if (!answer.ok || !SHOWN.test(type)) return new Response(null, { status: answer.ok ? 415 : 404 });
      const passed = ['content-range', 'content-length'].flatMap((name) => {
        const value = answer.headers.get(name);
        return value === null ? [] : [[name, value] as const];
      });
      return new Response(answer.body as ReadableStream | null, {
        status: answer.status,
        headers: { ...HEADERS, 'content-type': type, ...Object.fromEntries(passed) },
      });
    }
    case 'refused':
      return new Response(null, { status: 403 });
    case 'gone':
      return new Response(null, { status: 404 });
    case 'unreachable':
      return new Response(null, { status: 502 });
  }
}

/** One range; anything else gets the whole file. */
function rangeOf(request: Request, size: number): { start: number; end: number } | null {
  const header = request.headers.get('range');
  if (header === null) return null;
  const ranges = parseRange(size, header, { combine: true });
  return ranges === -1 || ranges === -2 ? null : (ranges[0] ?? null);
}
