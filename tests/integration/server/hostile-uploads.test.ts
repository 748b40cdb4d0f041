/** Uploads that mean harm: refused with the documented answer, and nothing of them stays on the disk. */
import { randomBytes, randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pixelBomb, png, video } from '../../helpers/files/samples.ts';
import type { PlainAccount } from '../../helpers/plain-egg-im/plain-client.ts';
import { query, testServer, type TestServer } from './harness.ts';
import { storedFiles } from './stored-files.ts';

const UPLOAD = '/api/chat/uploadStreamSingleToServerDiy/chatImgs';
const picture = png(1, 1, [0, 0, 0]);
const exe = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(60), Buffer.from('PE\0\0'), randomBytes(300)]);
const html = Buffer.from('<!doctype html><script>alert(1)</script>');

async function upload({ client }: TestServer, account: PlainAccount, name: string, content: Uint8Array) {
  const { status, body } = await client.call('POST', UPLOAD, {
    token: account.token,
    file: { field: 'file', name, content },
  });
  return { status, data: (body as { data: unknown }).data as string & { url: string } };
}

test('content that is not what the name says is refused', async () => {
  const server = await testServer();
  const anna = await server.client.register('anna01');
  const wrong: [string, Uint8Array][] = [
    ['a.png', html],
    ['a.png', exe],
    ['a.jpg', await video()],
    ['a.gif', gzipSync('x')],
    ['a.png', Buffer.from('89504e470d0a1a0a', 'hex')],
    ['a.jpg', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(50)])],
    ['a.mp4', picture],
    ['a.mp4', exe],
    ['a.zip', html],
    ['a.pdf', picture],
    ['a.docx', exe],
    ['a.txt', exe],
    ['a.json', picture],
    ['a.svg', exe],
  ];
  for (const [name, content] of wrong) {
    expect(await upload(server, anna, name, content), name).toEqual({
      status: 400,
      data: `Invalid filename: ${name}`,
    });
  }
  expect(storedFiles(server)).toEqual([]);
});

test('what could run in a browser is only ever handed out as bytes', async () => {
  const server = await testServer();
  const anna = await server.client.register('anna01');
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
  // A picture to one reader and a page to another: it stays a picture, and nobody may guess.
  const polyglot = Buffer.concat([picture, html]);
  for (const [name, content, type] of [
    ['a.html', html, 'application/octet-stream'],
    ['a.svg', svg, 'application/octet-stream'],
    ['a.xml', svg, 'application/octet-stream'],
    ['a.js', Buffer.from('alert(1)'), 'application/octet-stream'],
    ['a.png', polyglot, 'image/png'],
  ] as const) {
    const { data } = await upload(server, anna, name, content);
    const response = await fetch(server.origin + data.url, { headers: { token: anna.token } });
    expect(response.headers.get('content-type'), name).toBe(type);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(response.headers.get('content-disposition')?.split(';')[0]).toBe(
      type === 'image/png' ? 'inline' : 'attachment',
    );
  }
});

test('names are never paths', async () => {
  const server = await testServer();
  const anna = await server.client.register('anna01');
  for (const name of [
    '../../evil.png',
    '..\\..\\evil.png',
    '/etc/cron.d/evil.png',
    'C:\\evil.png',
    'a\0b.png',
    '.png.png',
  ]) {
    const { status, data } = await upload(server, anna, name, picture);
    expect(status, name).toBe(200);
    expect(data.url, name).toMatch(/^\/public\/uploads\/Diy\/chatImgs\/\d{8}\/\d{13}_\d{1,8}\.png$/);
  }
  expect(storedFiles(server)).toHaveLength(1);
  for (const path of [
    '/public/uploads/../../magpie.db',
    '/public/uploads/..%2f..%2fmagpie.db',
    '/public/uploads/%2e%2e/%2e%2e/token-secret',
    '/images/..%2f..%2ftoken-secret',
    '/public/uploads/',
  ]) {
    const { status } = await server.client.call('GET', path, { token: anna.token });
    expect(status, path).toBe(404);
  }
});

test('a picture of too many pixels is refused before anybody draws it', async () => {
  const server = await testServer();
  const anna = await server.client.register('anna01');
  expect(await upload(server, anna, 'a.png', pixelBomb(60_000, 60_000))).toEqual({
    status: 400,
    data: '图片尺寸过大，无法上传',
  });
  const bomb = pixelBomb(60_000, 60_000);
  const id = randomUUID();
  const { createHash } = await import('node:crypto');
  const sha256 = createHash('sha256').update(bomb).digest('hex');
  const json = { id, name: 'a.png', size: bomb.length, sha256, folder: 'chatImgs' };
  await server.client.data('POST', '/api/chat/uploads', { token: anna.token, json });
  const piece = { token: anna.token, raw: bomb };
  await expect(server.client.data('PUT', `/api/chat/uploads/${id}?offset=0`, piece)).rejects.toThrow(
    '400 图片尺寸过大，无法上传',
  );
  expect(storedFiles(server)).toEqual([]);
});

test('the quota of an account holds for forms and pieces', async () => {
  const server = await testServer({ quotaMib: 1, fileLimitMib: 2 });
  const anna = await server.client.register('anna01');
  const half = Buffer.alloc(600 * 1024, 'a');
  expect((await upload(server, anna, 'a.txt', half)).status).toBe(200);
  expect(await upload(server, anna, 'b.txt', half)).toEqual({ status: 413, data: '存储空间不足，无法上传' });
  const begin = (size: number) =>
    server.client.data('POST', '/api/chat/uploads', {
      token: anna.token,
      json: { id: randomUUID(), name: 'a', size, sha256: 'a'.repeat(64), folder: 'chatFiles' },
    });
  await expect(begin(600 * 1024)).rejects.toThrow('413 存储空间不足');
  await expect(begin(3 * 1024 * 1024)).rejects.toThrow('413 Request file too large');
  expect(await begin(300 * 1024)).toEqual({ offset: 0, url: null });
  await expect(begin(300 * 1024), 'unfinished ones count').rejects.toThrow('413 存储空间不足');
  expect(storedFiles(server)).toHaveLength(1);
});

test('uploads that begin, or come, side by side share one quota', async () => {
  const server = await testServer({ quotaMib: 1 });
  const anna = await server.client.register('anna01');
  const begun = await Promise.all(
    Array.from({ length: 20 }, () =>
      server.client.call('POST', '/api/chat/uploads', {
        token: anna.token,
        json: { id: randomUUID(), name: 'a', size: 300 * 1024, sha256: 'a'.repeat(64), folder: 'chatFiles' },
      }),
    ),
  );
  expect(begun.map(({ status }) => status).sort()).toEqual([200, 200, 200, ...Array<number>(17).fill(413)]);
  const bert = await server.client.register('bert01');
  const whole = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      upload(server, bert, 'a.txt', Buffer.alloc(300 * 1024, `${index}`)),
    ),
  );
  expect(whole.map(({ status }) => status).sort()).toEqual([200, 200, 200, ...Array<number>(5).fill(413)]);
  const held = 'SELECT count(*) AS count FROM file UNION ALL SELECT count(*) FROM upload';
  expect(query(server.directory, held)).toEqual([{ count: 3 }, { count: 3 }]);
});

test('a body that comes too slowly, stops or is cut ends, and leaves nothing', async () => {
  const server = await testServer({ uploadStallSeconds: 0.6, requestSeconds: 0.6 });
  const anna = await server.client.register('anna01');
  const head = (path: string, type: string) =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\ntoken: ${anna.token}\r\nContent-Type: ${type}\r\nContent-Length: 900000\r\n\r\n`;
  const multipart = 'multipart/form-data; boundary=b';
  const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello';
  const stalled = await conversation(server, [head(UPLOAD, multipart) + part]);
  expect(stalled).toContain('408 Request Timeout');
  const dribbled = await conversation(server, [head(UPLOAD, multipart) + part], 'x');
  expect(dribbled).toContain('408 Request Timeout');
  const form = await conversation(server, [head('/api/chat/read', 'application/json') + '{'], ' ');
  expect(form).toContain('408 Request Timeout');
  const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
  socket.write(head(UPLOAD, multipart) + part + 'x'.repeat(100_000));
  await expect.poll(() => storedFiles(server).length).toBe(1);
  socket.destroy();
  await expect.poll(() => storedFiles(server)).toEqual([]);
});

test('no more uploads at once than the limit says', async () => {
  const server = await testServer({ uploadsPerAccount: 1 });
  const anna = await server.client.register('anna01');
  const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
  const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello';
  socket.write(
    `POST ${UPLOAD} HTTP/1.1\r\nHost: x\r\ntoken: ${anna.token}\r\nContent-Type: multipart/form-data; boundary=b\r\n` +
      `Content-Length: 900000\r\n\r\n${part}`,
  );
  await expect.poll(() => storedFiles(server).length).toBe(1);
  expect((await upload(server, anna, 'a.png', picture)).status).toBe(429);
  socket.destroy();
  await expect.poll(async () => (await upload(server, anna, 'a.png', picture)).status).toBe(200);
});

test('damaged multipart bodies get an answer below 500 and leave nothing', async () => {
  const server = await testServer();
  const anna = await server.client.register('anna01');
  const piece = fc.constantFrom(
    ...[
      '--b',
      '--b--',
      '\r\n',
      '\r\n\r\n',
      'Content-Disposition: form-data; name="file"; filename="a.png"',
      ';',
      '"',
      '\0',
    ],
    ...[
      "filename*=UTF-8''%00",
      'Content-Type: image/png',
      picture.toString('latin1'),
      'x'.repeat(5000),
      '=',
      '\n',
    ],
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 30 }),
      fc.constantFrom(
        'multipart/form-data; boundary=b',
        'multipart/form-data',
        'multipart/mixed; boundary="b',
        'multipart/x; boundary=',
      ),
      async (pieces, type) => {
        const { status } = await server.client.call('POST', UPLOAD, {
          token: anna.token,
          raw: Buffer.from(pieces.join(''), 'latin1'),
          headers: { 'content-type': type },
        });
        expect(status).toBeLessThan(500);
      },
    ),
    { numRuns: 300 },
  );
  // Some of them were good pictures after all; nothing is left half-way.
  expect(storedFiles(server).filter((name) => name.startsWith('incoming'))).toEqual([]);
  expect((await upload(server, anna, 'a.png', picture)).status).toBe(200);
});

/** Sends over a bare socket, then `drip` every 100 ms, and returns all that is answered until the server ends it. */
function conversation({ origin }: TestServer, pieces: string[], drip?: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    const timer = setInterval(() => drip !== undefined && socket.write(drip), 100);
    for (const piece of pieces) socket.write(piece);
    socket.on('data', (data) => (answer += data.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(timer);
      resolve(answer);
    });
  });
}
