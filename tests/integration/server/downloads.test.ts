/** What the server answers to whoever loads a file, whatever they write into the headers that speak of parts. */
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testServer } from './harness.ts';

const SIZE = 500;

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  bytes: Buffer;
}

/** Header values as they are: `fetch` would tidy them up. */
function load(url: string, headers: Record<string, string>, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers }, (response) => {
      buffer(response).then(
        (bytes) => resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes }),
        reject,
      );
    })
      .on('error', reject)
      .end();
  });
}

async function storedFile() {
  const server = await testServer();
  const [anna, bert] = await server.client.registerAll('anna01', 'bert01');
  const content = randomBytes(SIZE / 2).toString('hex');
  const address = await server.client.upload(anna, 'chatFiles', 'notes.txt', Buffer.from(content));
  return { server, anna, bert, content, url: server.origin + address };
}

test('whatever the range is, what comes is that part of the file, all of it, or nothing', async () => {
  const { anna, content, url } = await storedFile();
  const number = fc.oneof(
    fc.nat(SIZE * 2).map(String),
    fc.constantFrom('', '-1', '1e2', '0x1', '9'.repeat(400)),
  );
  const one = fc.tuple(number, number).map(([first, last]) => `${first}-${last}`);
  const range = fc.oneof(
    fc
      .tuple(fc.constantFrom('bytes', 'Bytes', 'pages', ''), fc.array(one, { maxLength: 4 }))
      .map(([unit, ranges]) => `${unit}=${ranges.join(',')}`),
    one.map((text) => `bytes=${text}`),
    // Any signs that may stand in a header.
    fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) }),
  );
  await fc.assert(
    fc.asyncProperty(range, async (text) => {
      const { status, headers, bytes } = await load(url, { token: anna.token, range: text });
      expect(headers['accept-ranges']).toBe('bytes');
      if (status === 200) {
        expect(bytes.toString()).toBe(content);
        return;
      }
      if (status === 416) {
        expect([headers['content-range'], bytes.length]).toEqual([`bytes */${SIZE}`, 0]);
        return;
      }
      expect(status).toBe(206);
      const [, start, end] = /^bytes (\d+)-(\d+)\/500$/u.exec(String(headers['content-range'])) ?? [];
      expect(bytes.toString()).toBe(content.slice(Number(start), Number(end) + 1));
      expect(bytes.length).toBeGreaterThan(0);
      expect(headers['content-length']).toBe(String(bytes.length));
    }),
    { numRuns: 400 },
  );
});

test('a part is what was asked for', async () => {
  const { anna, content, url } = await storedFile();
  await fc.assert(
    fc.asyncProperty(fc.nat(SIZE - 1), fc.nat(SIZE * 2), async (start, more) => {
      const end = start + more;
      const { status, bytes } = await load(url, { token: anna.token, range: `bytes=${start}-${end}` });
      expect([status, bytes.toString()]).toEqual([206, content.slice(start, end + 1)]);
    }),
    { numRuns: 60 },
  );
  const answer = async (range: string) => (await load(url, { token: anna.token, range })).status;
  expect(await answer(`bytes=-${SIZE + 1}`)).toBe(206);
  expect(await answer('bytes=-0')).toBe(416);
  // Not to be satisfied is one thing, no range another.
  expect(await answer('bytes=5-2')).toBe(200);
});

test('a question without the wish for bytes gets none, and no part', async () => {
  const { anna, url } = await storedFile();
  const { status, headers, bytes } = await load(url, { token: anna.token, range: 'bytes=0-1' }, 'HEAD');
  expect([status, headers['content-length'], headers['content-range'], bytes.length]).toEqual([
    200,
    String(SIZE),
    undefined,
    0,
  ]);
});

test('who has it already hears so; who has another version gets all of this one', async () => {
  const { anna, url } = await storedFile();
  const { token } = anna;
  const tag = String((await load(url, { token })).headers.etag);
  const status = async (headers: Record<string, string>) => (await load(url, { token, ...headers })).status;
  for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
    expect(await status({ 'if-none-match': known }), known).toBe(304);
  }
  for (const other of ['"other"', tag.replaceAll('"', ''), `${tag}x`, '', ',']) {
    expect(await status({ 'if-none-match': other }), other).toBe(200);
  }
  const range = 'bytes=0-1';
  expect(await status({ range, 'if-range': tag })).toBe(206);
  for (const other of [`W/${tag}`, '"other"', 'Sat, 01 Jan 2022 00:00:00 GMT', ''])
    expect(await status({ range, 'if-range': other }), other).toBe(200);
});

test('nobody learns by a range or a tag of a file that is not theirs', async () => {
  const { anna, bert, url } = await storedFile();
  const tag = String((await load(url, { token: anna.token })).headers.etag);
  const nothing = await load(`${url}x`, { token: bert.token });
  expect(nothing.status).toBe(404);
  const questions: Record<string, string>[] = [
    {},
    { range: 'bytes=0-1' },
    { range: 'bytes=999-' },
    { 'if-none-match': tag },
  ];
  const people: Record<string, string>[] = [{ token: bert.token }, { token: 'made up' }, {}];
  for (const headers of questions) {
    for (const who of people) {
      for (const method of ['GET', 'HEAD']) {
        const { status, headers: told } = await load(url, { ...who, ...headers }, method);
        expect(status).toBe(404);
        expect(told['content-length']).toBe(nothing.headers['content-length']);
        expect(told).not.toHaveProperty('etag');
        expect(told).not.toHaveProperty('content-range');
      }
    }
  }
});
