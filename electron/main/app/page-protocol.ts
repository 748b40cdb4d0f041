/** Serves the built page under an origin of its own instead of `file://`, with the strict policy as a header. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { protocol } from 'electron';
import { MEDIA_SCHEME } from '../media/media-url.ts';
import { CONTENT_POLICY } from './content-policy.ts';
import { ERROR_PATH, fileOf, PAGE_SCHEME } from './page-path.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
  '.wav': 'audio/wav',
};

/** Must run before the app is ready. */
export function registerSchemes(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: PAGE_SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    },
    {
      scheme: MEDIA_SCHEME,
      // Without `stream` a film would have to be there as a whole before it begins.
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true },
    },
  ]);
}

/** `errorPage` gives the page that is shown when ours cannot be. */
export function servePage(folder: string, errorPage: () => string): void {
  const headers = {
    'content-security-policy': CONTENT_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
  };
  protocol.handle(PAGE_SCHEME, async (request) => {
    if (new URL(request.url).pathname === ERROR_PATH)
      return new Response(errorPage(), {
        headers: { ...headers, 'content-type': 'text/html; charset=utf-8' },
      });
    const file = fileOf(request.url, folder);
    if (file === null || request.method !== 'GET') return new Response(null, { status: 404 });
    try {
      return new Response(new Uint8Array(await readFile(file)), {
        headers: {
          'content-type': TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream',
          ...headers,
        },
      });
    } catch {
      return new Response(null, { status: 404 });
    }
  });
}
