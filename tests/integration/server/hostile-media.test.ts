/** Bombs, files of two natures, headers made up by chance, and places in photos: the documented answer, and nothing more on the disk. */
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gzipBomb, PIXEL_BOMBS, zipBomb } from '../../helpers/files/bombs.ts';
import { CAMERA, sidewaysPhoto } from '../../helpers/files/photo.ts';
import { png } from '../../helpers/files/samples.ts';
import { testServer, type TestServer } from './harness.ts';
import { storedFiles } from './stored-files.ts';

const FORM = '/api/chat/uploadStreamSingleToServerDiy/chatFiles';
const picture = png(1, 1, [0, 0, 0]);

async function withAnna(options: Parameters<typeof testServer>[0] = {}) {
  const server = await testServer(options);
  const anna = await server.client.register('anna01');
  /** E40. */
  const form = async (name: string, content: Uint8Array) => {
    const { status, body } = await server.client.call('POST', FORM, {
      token: anna.token,
      file: { field: 'file', name, content },
    });
    return { status, data: (body as { data: string & { url: string } }).data };
  };
  /** In pieces: any name, any content. */
  const pieces = async (name: string, content: Uint8Array) => {
    const id = randomUUID();
    const sha256 = createHash('sha256').update(content).digest('hex');
    const json = { id, name, size: content.length, sha256, folder: 'chatFiles' };
    await server.client.data('POST', '/api/chat/uploads', { token: anna.token, json });
    const { status, body } = await server.client.call('PUT', `/api/chat/uploads/${id}?offset=0`, {
      token: anna.token,
      raw: content,
    });
    return { status, data: (body as { data: string & { url: string } }).data };
  };
  const load = (url: string) => fetch(server.origin + url, { headers: { token: anna.token } });
  return { server, anna, form, pieces, load };
}
const half = ({ directory }: TestServer) =>
  storedFiles({ directory }).filter((name) => name.startsWith('incoming'));
const bytesOnDisk = (server: TestServer) =>
  storedFiles(server).reduce((sum, name) => sum + statSync(join(server.directory, 'files', name)).size, 0);

describe('a picture of billions of pixels is refused by either way', () => {
  test.each(PIXEL_BOMBS)('%s', async (name, content) => {
    const { server, form, pieces } = await withAnna();
    const refused = { status: 400, data: '图片尺寸过大，无法上传' };
    expect(await pieces(name, content)).toEqual(refused);
    expect(await pieces('named as nothing', content)).toEqual(refused);
    expect(await form(name, content)).toEqual(
      // E40 knows no such name.
      name.endsWith('.avif') ? { status: 400, data: `Invalid filename: ${name}` } : refused,
    );
    expect(storedFiles(server)).toEqual([]);
  });
});

test('archives are never unpacked: a bomb is what it weighs, and is handed out as bytes', async () => {
  const bombs: [string, Buffer][] = [
    ['a.zip', zipBomb('nothing.txt')],
    // Whoever asks what an archive is looks into these.
    ['a.docx', zipBomb('[Content_Types].xml')],
    ['b.zip', zipBomb('mimetype')],
    ['a.gz', gzipBomb()],
  ];
  const { server, form, load } = await withAnna();
  for (const [name, content] of bombs) {
    const { status, data } = await form(name, content);
    expect(status, name).toBe(200);
    const answer = await load(data.url);
    expect(answer.headers.get('content-type'), name).toBe('application/octet-stream');
    expect(answer.headers.get('content-encoding'), name).toBeNull();
    expect(Buffer.from(await answer.arrayBuffer()).equals(content), name).toBe(true);
  }
  expect(bytesOnDisk(server)).toBe(bombs.reduce((sum, [, { length }]) => sum + length, 0));
});

test('what is two things at once is the one that its beginning says, or bytes, and runs nowhere', async () => {
  const script = Buffer.from('<!doctype html><script>alert(1)</script>');
  const archive = zipBomb('Evil.class').subarray(0, 5000);
  const photo = await sidewaysPhoto(16, 16);
  const { server, form, load } = await withAnna();
  const accepted: [string, Buffer, string][] = [
    ['a.png', Buffer.concat([picture, script]), 'image/png'],
    ['a.jpg', Buffer.concat([photo, archive]), 'image/jpeg'],
    ['script.gif', Buffer.from('GIF89a/*\x01\x00\x01\x00*/=1;alert(1)//'), 'image/gif'],
    ['a.pdf', Buffer.concat([Buffer.from('%PDF-1.4\n'), script]), 'application/pdf'],
    [
      'a.zip',
      Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(26), script]),
      'application/octet-stream',
    ],
    [
      'a.html',
      Buffer.concat([script, picture.subarray(0, 8).filter((byte) => byte > 31)]),
      'application/octet-stream',
    ],
  ];
  for (const [name, content, type] of accepted) {
    const { status, data } = await form(name, content);
    expect(status, name).toBe(200);
    const { headers } = await load(data.url);
    expect(headers.get('content-type'), name).toBe(type);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(headers.get('content-disposition')).toMatch(
      type === 'application/octet-stream' ? /^attachment;/u : /^inline;/u,
    );
  }
  const stored = storedFiles(server).length;
  for (const [name, content] of [
    ['a.jpg', Buffer.concat([script, photo])],
    ['a.png', Buffer.concat([archive, picture])],
    ['a.gif', Buffer.concat([Buffer.from('%PDF-1.4\n'), picture])],
    ['a.zip', Buffer.concat([photo, archive])],
    ['a.txt', Buffer.concat([picture, script])],
  ] as const) {
    expect(await form(name, content), name).toEqual({ status: 400, data: `Invalid filename: ${name}` });
  }
  expect(storedFiles(server)).toHaveLength(stored);
});

describe('a photo that tells where it was taken', () => {
  /** What follows the Exif of the photo: its seconds of latitude are 29/1. */
  const PLACE = Buffer.from('0000001d00000001', 'hex');

  test('loses that on its way in, on the disk and for whoever loads it; all else stays', async () => {
    const { server, form, load } = await withAnna();
    const photo = await sidewaysPhoto(32, 16);
    expect(photo.includes(PLACE)).toBe(true);
    const { status, data } = await form('a.jpg', photo);
    expect(status).toBe(200);
    const loaded = Buffer.from(await (await load(data.url)).arrayBuffer());
    const [name = ''] = storedFiles(server);
    expect(storedFiles(server)).toHaveLength(1);
    expect(readFileSync(join(server.directory, 'files', name)).equals(loaded)).toBe(true);
    expect(loaded).toHaveLength(photo.length);
    expect(loaded.includes(PLACE)).toBe(false);
    expect(loaded.includes(CAMERA)).toBe(true);
  });

  test('keeps it where the operator says so', async () => {
    const { form, load } = await withAnna({ pictureLocations: 'keep' });
    const photo = await sidewaysPhoto(32, 16);
    const { data } = await form('a.jpg', photo);
    expect(Buffer.from(await (await load(data.url)).arrayBuffer()).equals(photo)).toBe(true);
  });
});

test('whatever a file is called, the header that hands it out is one line and says just that', async () => {
  const { pieces, load } = await withAnna();
  const sign = fc.constantFrom(
    ...['"', "'", ';', '%', '\\', '/', '\r', '\n', '\0', '\u202e', '\ud800', '*', '=', ' '],
    ...['a', '.', '报', '😀', '../', '%0d%0a', 'filename', '\u0085'],
  );
  await fc.assert(
    fc.asyncProperty(fc.array(sign, { minLength: 1, maxLength: 30 }), async (signs) => {
      const name = signs.join('');
      const { status, data } = await pieces(name, Buffer.from(name));
      expect(status).toBe(200);
      expect(data.url).toMatch(/^\/public\/uploads\/Diy\/chatFiles\/\d{8}\/\d+_\d+(\.[a-z0-9]{1,10})?$/);
      const header = (await load(data.url)).headers.get('content-disposition') ?? '';
      const [, told = ''] =
        /^(?:attachment|inline); filename\*=UTF-8''([\w!#$&+.^`|~%-]*)$/u.exec(header) ?? [];
      const clean = [...name.replaceAll(/[\p{Cc}\p{Surrogate}]/gu, '\ufffd')].slice(0, 255).join('');
      expect(decodeURIComponent(told)).toBe(clean);
    }),
    { numRuns: 80 },
  );
});

test('whatever stands in the head of a part, the answer is below 500 and the address is ours', async () => {
  const { server, anna } = await withAnna();
  const piece = fc.constantFrom(
    ...['form-data', 'attachment', '; name="file"', '; name=file', '; name=', "; name*=UTF-8''f"],
    ...['; filename="a.png"', '; filename=a.png', '; filename="../../a.png"', '; filename="a\\".png"'],
    ...[
      "; filename*=UTF-8''a%2epng",
      "; filename*=UTF-8''%ff%fe.png",
      "; filename*=x''a.png",
      '; filename*0="a"',
    ],
    ...[
      '; filename="C:\\a.png"',
      '; filename="a.png',
      '; filename=""',
      ';',
      '"',
      '\\',
      '\0',
      'é',
      '\r\n ',
      ' ',
    ],
  );
  const other = fc.constantFrom(
    '',
    'Content-Type: text/html\r\n',
    'Content-Transfer-Encoding: base64\r\n',
    'X: \0\r\n',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), other, async (pieces, header) => {
      const head = `--b\r\nContent-Disposition: ${pieces.join('')}\r\n${header}\r\n`;
      const { status, body } = await server.client.call('POST', FORM, {
        token: anna.token,
        raw: Buffer.concat([Buffer.from(head, 'latin1'), picture, Buffer.from('\r\n--b--\r\n')]),
        headers: { 'content-type': 'multipart/form-data; boundary=b' },
      });
      expect(status).toBeLessThan(500);
      if (status !== 200) return;
      const { url } = (body as { data: { url: string } }).data;
      expect(url).toMatch(/^\/public\/uploads\/Diy\/chatFiles\/\d{8}\/\d+_\d+\.png$/);
    }),
    { numRuns: 300 },
  );
  expect(half(server)).toEqual([]);
});

test('a body that is shorter or longer than it says leaves nothing behind', async () => {
  const { server, anna, form } = await withAnna();
  const head = (length: string) =>
    `POST ${FORM} HTTP/1.1\r\nHost: x\r\nConnection: close\r\ntoken: ${anna.token}\r\n` +
    `Content-Type: multipart/form-data; boundary=b\r\n${length}\r\n\r\n`;
  const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n';
  const body = (size: number) => `${part}${'x'.repeat(size)}\r\n--b--\r\n`;
  await fc.assert(
    fc.asyncProperty(fc.nat(20_000), fc.integer({ min: -20_000, max: 20_000 }), async (size, difference) => {
      const sent = body(size);
      const length = Math.max(0, sent.length + difference);
      const answer = await spoken(server, head(`Content-Length: ${length}`) + sent, length > sent.length);
      const status = Number(/^HTTP\/1\.1 (\d+)/u.exec(answer)?.[1] ?? 0);
      // Cut before its end, it may get no answer; what lies behind a whole one is no request.
      if (length === sent.length) expect(status).toBe(200);
      else expect(status).toBeLessThan(500);
      await expect.poll(() => half(server)).toEqual([]);
    }),
    { numRuns: 60 },
  );
  for (const length of [
    'Content-Length: -1',
    'Content-Length: 1e3',
    'Content-Length: 10\r\nContent-Length: 11',
    'Content-Length: 10\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding: chunked, identity',
    'Content-Length: 99999999999999999999',
  ]) {
    expect(await spoken(server, head(length) + body(10), false), length).toMatch(/^HTTP\/1\.1 4\d\d /u);
  }
  await expect.poll(() => half(server)).toEqual([]);
  // Those whose lines were cut take no places for good.
  await expect.poll(async () => (await form('a.txt', Buffer.from('well behaved'))).status).toBe(200);
});

/** Says it and gives all that is answered until the server ends the line. @param hangsUp the speaker ends it first */
function spoken({ origin }: TestServer, words: string, hangsUp: boolean): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    socket.on('data', (data) => (answer += data.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
    if (hangsUp) socket.end(words, 'latin1');
    else socket.write(words, 'latin1');
  });
}
