import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { testNetwork } from '../../../tests/helpers/test-network.ts';
import type { Opened } from './account-media.ts';
import { answerFile } from './file-answer.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const ask = (file: Opened, headers: Record<string, string> = {}, method = 'GET') =>
  answerFile(
    new Request('http://window.test/', { method, headers }),
    'address',
    { open: () => Promise.resolve(file) },
    testNetwork(),
  );
const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

describe('a file that is here', () => {
  const content = randomBytes(1000);
  let reads = 0;
  const here = (mime = 'video/mp4', bytes = content): Opened => ({
    kind: 'local',
    size: bytes.length,
    mime,
    read: (range) => {
      reads += 1;
      return Promise.resolve(
        Readable.from([bytes.subarray(range?.start ?? 0, (range?.end ?? Infinity) + 1)]),
      );
    },
  });

  test('comes whole, and says that parts can be had', async () => {
    const answer = await ask(here());
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '1000']);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'accept-ranges': 'bytes',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; sandbox",
      'content-type': 'video/mp4',
      'x-content-type-options': 'nosniff',
    });
    expect((await bytesOf(answer)).equals(content)).toBe(true);
  });

  test('comes in the part that was asked for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(999), fc.option(fc.nat(2000)), async (start, more) => {
        const end = more === null ? '' : String(start + more);
        const answer = await ask(here(), { range: `bytes=${start}-${end}` });
        const last = Math.min(999, start + (more ?? Infinity));
        expect(answer.status).toBe(206);
        expect(answer.headers.get('content-range')).toBe(`bytes ${start}-${last}/1000`);
        expect(answer.headers.get('content-length')).toBe(String(last - start + 1));
        expect((await bytesOf(answer)).equals(content.subarray(start, last + 1))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('tells how long it is to whoever asks for what lies behind its end', async () => {
    for (const [range, file, size] of [
      ['bytes=1000-', here(), 1000],
      ['bytes=-0', here(), 1000],
      ['bytes=0-', here('audio/ogg', Buffer.alloc(0)), 0],
    ] as const) {
      const answer = await ask(file, { range });
      expect([answer.status, answer.headers.get('content-range')], range).toEqual([416, `bytes */${size}`]);
      expect((await bytesOf(answer)).length).toBe(0);
    }
  });

  test('comes whole where the range is none', async () => {
    for (const range of ['bytes=5-2', 'bytes=a-b', 'pages=1-2', 'bytes=0-1,5-6', 'bytes', 'bytes=-']) {
      const answer = await ask(here(), { range });
      expect([answer.status, answer.headers.get('content-range')], range).toEqual([200, null]);
      expect((await bytesOf(answer)).equals(content)).toBe(true);
    }
  });

  test('is not read for somebody who asks about it only', async () => {
    reads = 0;
    const answer = await ask(here(), { range: 'bytes=0-1' }, 'HEAD');
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '1000']);
    expect([(await bytesOf(answer)).length, reads]).toEqual([0, 0]);
  });

  test('is no picture when it could be a document', async () => {
    for (const mime of ['image/svg+xml', 'text/html', 'application/pdf', ''])
      expect((await ask(here(mime))).status, mime).toBe(415);
  });

  test('is not changed by anybody', async () => {
    const answer = await ask(here(), {}, 'PUT');
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});

test.each([
  ['refused', 403],
  ['gone', 404],
  ['unreachable', 502],
] as const)('a file that is %s: %i', async (kind, status) => {
  expect((await ask({ kind })).status).toBe(status);
  expect((await ask({ kind }, {}, 'HEAD')).status).toBe(status);
});

describe('a file that stays on the server', () => {
  async function remote(answer: (request: IncomingMessage, response: ServerResponse) => void) {
    const asked: (string | undefined)[][] = [];
    const server = createServer((request, response) => {
      asked.push([request.method, request.headers.range, request.headers['token'] as string | undefined]);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/film`;
    const file: Opened = { kind: 'remote', url, headers: { token: 'secret' } };
    return { file, asked };
  }

  test('comes from there, range and all', async () => {
    const { file, asked } = await remote((_request, response) =>
      response
        .writeHead(206, {
          'content-type': 'video/mp4; codecs="avc1"',
          'content-range': 'bytes 2-4/10',
          'content-length': '3',
          'set-cookie': 'a=b',
        })
        .end('cde'),
    );
    const answer = await ask(file, { range: 'bytes=2-4' });
    expect([answer.status, await answer.text()]).toEqual([206, 'cde']);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-range': 'bytes 2-4/10',
      'content-type': 'video/mp4',
      'content-length': '3',
      'x-content-type-options': 'nosniff',
    });
    expect(answer.headers.has('set-cookie')).toBe(false);
    expect(asked).toEqual([['GET', 'bytes=2-4', 'secret']]);
  });

  test('is asked about without its bytes', async () => {
    const { file, asked } = await remote((_request, response) =>
      response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': '1000000' }).end(),
    );
    const answer = await ask(file, { range: 'bytes=2-4' }, 'HEAD');
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '1000000']);
    expect(asked).toEqual([['HEAD', undefined, 'secret']]);
  });

  test.each([
    [416, 416],
    [401, 403],
    [403, 403],
    [404, 404],
    [410, 404],
    [429, 502],
    [500, 502],
    [503, 502],
    [408, 502],
  ])('the server says %i, the window hears %i', async (said, heard) => {
    const { file } = await remote((_request, response) =>
      response.writeHead(said, { 'content-range': 'bytes */10', 'content-type': 'video/mp4' }).end('secret'),
    );
    const answer = await ask(file, { range: 'bytes=20-' });
    expect([answer.status, await answer.text()]).toEqual([heard, '']);
    expect(answer.headers.get('content-range')).toBe(heard === 416 ? 'bytes */10' : null);
  });

  test('is not shown when it is something else', async () => {
    for (const [type, status] of [
      ['text/html', 415],
      ['application/json', 404],
    ] as const) {
      const { file } = await remote((_request, response) =>
        response.writeHead(200, { 'content-type': type }).end('{}'),
      );
      expect((await ask(file)).status, type).toBe(status);
    }
  });
});
