/** E40 to E42 as documented, who may download, and uploads in pieces. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
import type { PlainAccount, PlainClient } from '../../helpers/plain-egg-im/plain-client.ts';
import { FFMPEG, png, video } from '../../helpers/files/samples.ts';
import { query, temporaryDirectory, testServer } from './harness.ts';
import { storedFiles } from './stored-files.ts';

const RED = [200, 20, 20] as const;
const DAY = /20\d{6}/.source;

interface State {
  offset: number;
  url: string | null;
}

async function load(client: PlainClient, url: string, headers: Record<string, string> = {}) {
  const response = await fetch(client.origin + url, { headers });
  return {
    status: response.status,
    headers: response.headers,
    bytes: Buffer.from(await response.arrayBuffer()),
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function begin(
  client: PlainClient,
  account: PlainAccount,
  content: Uint8Array,
  id: string,
  name = 'any.bin',
) {
  const json = { id, name, size: content.length, sha256: sha256(content), folder: 'chatFiles' };
  return client.data('POST', '/api/chat/uploads', { token: account.token, json }) as Promise<State>;
}

function append(client: PlainClient, account: PlainAccount, id: string, offset: number, piece: Uint8Array) {
  const path = `/api/chat/uploads/${id}?offset=${offset}`;
  const headers = { 'content-type': 'application/octet-stream' };
  return client.data('PUT', path, { token: account.token, raw: piece, headers }) as Promise<State>;
}

test('E40 answers as recorded and stores under no name of the sender', async () => {
  const server = await testServer();
  const { client } = server;
  const anna = await client.register('anna01');
  const call = (folder: string, field: string, name: string, options: object = {}) =>
    client.call('POST', `/api/chat/uploadStreamSingleToServerDiy/${folder}`, {
      token: anna.token,
      file: { field, name, content: png(1, 1, RED), ...options },
    });
  const address = (folder: string, extension: string) =>
    new RegExp(
      `^\\{"msg":"ok","data":\\{"url":"/public/uploads/Diy/${folder}/${DAY}/\\d{13}_\\d{1,8}\\.${extension}"\\}\\}$`,
    );
  expect((await call('chatImgs', 'file', 'a.PNG')).text).toMatch(address('chatImgs', 'png'));
  expect((await call('u1_avatars', 'file', 'a.jpg')).text).toMatch(address('u1/avatars', 'jpg'));
  expect((await call('chatImgs', 'whatever', 'a.png')).text).toMatch(address('chatImgs', 'png'));
  expect((await call('chatImgs', 'file', 'a.png', { fields: { x: '1' } })).text).toMatch(
    address('chatImgs', 'png'),
  );
  const inQuery = await client.call(
    'POST',
    `/api/chat/uploadStreamSingleToServerDiy/chatImgs?token=${anna.token}`,
    {
      file: { field: 'file', name: 'a.png', content: png(1, 1, RED) },
    },
  );
  expect(inQuery.status).toBe(200);
  const refused: [Promise<{ status: number; text: string }>, number, string][] = [
    [call('chatImgs', 'file', 'a.exe'), 400, 'Invalid filename: a.exe'],
    [call('chatImgs', 'file', 'noext'), 400, 'Invalid filename: noext'],
    [call('..%2F..%2Fx', 'file', 'a.png'), 404, '404 错误'],
    [call('%2e%2e', 'file', 'a.png'), 404, '404 错误'],
    [
      client.call('POST', '/api/chat/uploadStreamSingleToServerDiy/chatImgs', {
        token: anna.token,
        json: {},
      }),
      400,
      'Content-Type must be multipart/*',
    ],
    [
      client.call('POST', '/api/chat/uploadStreamSingleToServerDiy/chatImgs', {
        file: { field: 'file', name: 'a.png', content: png(1, 1, RED), fields: { token: anna.token } },
      }),
      400,
      '您没有权限访问即时通讯接口',
    ],
  ];
  for (const [answer, status, data] of refused) {
    const { status: actual, text } = await answer;
    expect([actual, text]).toEqual([status, JSON.stringify({ msg: 'fail', data })]);
  }
  const noFile = new FormData();
  noFile.set('x', '1');
  const response = await fetch(`${client.origin}/api/chat/uploadStreamSingleToServerDiy/chatImgs`, {
    method: 'POST',
    headers: { token: anna.token },
    body: noFile,
  });
  expect([response.status, await response.json()]).toEqual([
    400,
    { msg: 'fail', data: "Can't found upload file" },
  ]);
  expect(await client.upload(anna, 'chatImgs', 'empty.png', Buffer.alloc(0))).toMatch(/\.png$/);
  // The same content five times and the empty one: two contents, named by nobody but us.
  expect(storedFiles(server).map((name) => /^content[\\/][0-9a-f]{2}[\\/][0-9a-f]{64}$/.test(name))).toEqual([
    true,
    true,
  ]);
});

test('E40 takes 50 MiB and answers 413 to one byte more', async () => {
  const server = await testServer();
  const anna = await server.client.register('anna01');
  const content = Buffer.alloc(50 * 1024 * 1024);
  expect(await server.client.upload(anna, 'chatVideos', 'big.mp4', content)).toMatch(/\.mp4$/);
  const tooLarge = Buffer.alloc(content.length + 1);
  await expect(server.client.upload(anna, 'chatVideos', 'big.mp4', tooLarge)).rejects.toThrow(
    '413 Request file too large, please check multipart config',
  );
  expect(storedFiles(server)).toHaveLength(1);
});

test('E41 answers as recorded', async () => {
  const { client } = await testServer();
  const anna = await client.register('anna01');
  const call = (field: string, name: string, query = '') =>
    client.call('POST', `/api/chat/uploadAliyun${query}`, {
      token: anna.token,
      file: { field, name, content: png(1, 1, RED), fields: { imageClassId: '3' } },
    });
  const { status, text, body } = await call('img', 'a.png');
  const path = `images/${DAY}/\\d{13}_[0-9a-f]{12}\\.png`;
  expect(status).toBe(200);
  expect(text).toMatch(
    new RegExp(
      `^\\{"msg":"ok","data":\\[\\{"url":"${client.origin}/${path}","path":"${path}","image_class_id":0,"create_time":\\d{10}\\}\\]\\}$`,
    ),
  );
  const [{ path: stored }] = (body as { data: [{ path: string }] }).data;
  expect((await load(client, `/${stored}`, { token: anna.token })).bytes).toEqual(png(1, 1, RED));
  expect(((await call('img', 'a.png', '?imageClassId=3')).body as { data: unknown[] }).data[0]).toMatchObject(
    {
      image_class_id: 3,
    },
  );
  expect((await call('file', 'a.png')).body).toEqual({
    msg: 'fail',
    data: "上传失败: Expected field 'img', but got 'file'",
  });
  expect((await call('img', 'a.exe')).body).toEqual({
    msg: 'fail',
    data: '上传失败: Invalid filename: a.exe',
  });
});

test('E42 makes a cover of an own video, and of nothing else', async () => {
  const { client } = await testServer({ ffmpeg: FFMPEG });
  const [anna, bert] = await client.registerAll('anna01', 'bert01');
  const url = await client.upload(anna, 'chatVideos', 'v.mp4', await video());
  const call = (json: object, account = anna) =>
    client.call('POST', '/api/chat/getVideoScreenshot', { token: account.token, json });
  const videoUrl = `${client.origin}${url}`;
  const { status, body } = await call({ videoUrl, time: 20, width: 260, format: 'png' });
  expect(status).toBe(200);
  const { data } = body as { data: Record<string, string> };
  expect(Object.keys(data)).toEqual(['base64', 'url', 'format', 'time', 'width']);
  expect(data).toMatchObject({ format: 'png', time: 20, width: 260 });
  expect(data['url']).toMatch(
    /^\/public\/uploads\/Diy\/VideoScreenshot\/screenshot_\d{13}_[0-9a-z]{6}\.png$/,
  );
  const image = PNG.sync.read(
    Buffer.from((data['base64'] ?? '').replace('data:image/png;base64,', ''), 'base64'),
  );
  expect([image.width, image.height]).toEqual([260, 196]);
  expect((await load(client, data['url'] ?? '', { token: anna.token })).headers.get('content-type')).toBe(
    'image/png',
  );
  expect((await call({ videoUrl, time: 20, format: 'jpg' })).body).toMatchObject({
    data: {
      format: 'jpg',
      width: '原始宽度',
      base64: expect.stringMatching(/^data:image\/jpg;base64,/) as string,
    },
  });
  const form = `videoUrl=${encodeURIComponent(videoUrl)}&time=20&width=260`;
  const byForm = await client.call('POST', '/api/chat/getVideoScreenshot', { token: anna.token, form });
  expect(byForm.body).toMatchObject({ data: { time: '20', width: '260', format: 'png' } });
  const refused: [object, string][] = [
    [{ videoUrl, time: 99_999, width: 260 }, '截图生成失败'],
    [{ time: 20 }, '视频地址不能为空'],
    [{ videoUrl, time: -1 }, '时间点参数无效'],
    [{ videoUrl }, '时间点参数无效'],
    [{ videoUrl, time: 20, width: 4000 }, '图片宽度应在1-3840之间'],
    [
      { videoUrl: `${client.origin}/public/none.mp4`, time: 20 },
      '截图处理失败: video: No such file or directory\n',
    ],
    [{ videoUrl: 'http://127.0.0.1:1/x.mp4', time: 20 }, '截图处理失败: video: No such file or directory\n'],
    [{ videoUrl: 'file:///etc/passwd', time: 20 }, '截图处理失败: video: No such file or directory\n'],
  ];
  for (const [json, text] of refused) {
    expect((await call(json)).body, JSON.stringify(json)).toEqual({ msg: 'fail', data: text });
  }
  expect((await call({ videoUrl, time: 20 }, bert)).status).toBe(400);
});

// Windows runs no scripts of this kind.
test.skipIf(process.platform === 'win32')(
  'E42 is made for an account once at a time, and not for one that is full',
  async () => {
    const folder = temporaryDirectory();
    const [ffmpeg, started, go] = ['ffmpeg', 'started', 'go'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await writeFile(join(folder, 'cover.png'), png(4, 3, RED));
    const script = `#!/bin/sh
[ "$1" = -version ] && exit 0
echo x >> '${started}'
until [ -e '${go}' ]; do sleep 0.02; done
cat '${join(folder, 'cover.png')}'
`;
    await writeFile(ffmpeg, script, { mode: 0o700 });
    const { client } = await testServer({ ffmpeg, quotaMib: 1 });
    const [anna, bert] = await client.registerAll('anna01', 'bert01');
    const cover = async (account: PlainAccount, name: string, content?: Uint8Array) => {
      const videoUrl = await client.upload(account, 'chatVideos', name, content ?? (await video()));
      return () =>
        client.call('POST', '/api/chat/getVideoScreenshot', {
          token: account.token,
          json: { videoUrl, time: 20, format: 'png' },
        });
    };
    const ask = await cover(anna, 'v.mp4');
    const first = ask();
    await expect.poll(() => existsSync(started)).toBe(true);
    const second = await ask();
    expect([second.status, second.body]).toEqual([429, { msg: 'fail', data: '请求过于频繁，请稍后再试' }]);
    await writeFile(go, '');
    expect((await first).status).toBe(200);
    expect((await ask()).status).toBe(200);
    expect(await readFile(started, 'utf8'), 'the same picture again').toBe('x\n');

    const film = await video();
    const full = await cover(bert, 'v.mp4', film);
    await client.upload(bert, 'chatFiles', 'a.txt', Buffer.alloc(1024 * 1024 - film.length, 'a'));
    expect((await full()).body).toEqual({ msg: 'fail', data: '存储空间不足，无法上传' });
  },
);

test('a file is private until it is in a message, and then open to its conversation only', async () => {
  const { client } = await testServer();
  const [anna, bert, cora] = await client.registerAll('anna01', 'bert01', 'cora01');
  await client.befriend(anna, bert);
  await client.befriend(cora, bert);
  const content = png(3, 2, RED);
  const url = await client.upload(anna, 'chatImgs', 'a.png', content);
  const seenBy = async (account?: PlainAccount) =>
    (await load(client, url, account === undefined ? {} : { token: account.token })).status;
  expect([await seenBy(anna), await seenBy(bert), await seenBy()]).toEqual([200, 404, 404]);
  // Knowing the address is not enough to pass it on to oneself or to others.
  await client.sendImage(cora, bert.id, url);
  expect([await seenBy(bert), await seenBy(cora)]).toEqual([404, 404]);

  const message = await client.sendImage(anna, bert.id, url);
  expect([await seenBy(bert), await seenBy(cora), await seenBy()]).toEqual([200, 404, 404]);
  const { headers, bytes } = await load(client, `${url}?token=${bert.token}`);
  expect(bytes).toEqual(content);
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'image/png',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': 'private, max-age=31536000, immutable',
  });
  // Who may read may forward.
  await client.sendImage(bert, cora.id, url);
  expect(await seenBy(cora)).toBe(200);
  await client.data('POST', '/api/chat/revokeMessage', {
    token: anna.token,
    json: { id: message['id'], to_id: bert.id, chatType: 'single', create_time: message['create_time'] },
  });
  const another = await client.upload(anna, 'chatImgs', 'a.png', png(9, 9, RED));
  const second = await client.sendImage(anna, bert.id, another);
  expect((await load(client, another, { token: bert.token })).status).toBe(200);
  await client.data('POST', '/api/chat/revokeMessage', {
    token: anna.token,
    json: { id: second['id'], to_id: bert.id, chatType: 'single', create_time: second['create_time'] },
  });
  expect((await load(client, another, { token: bert.token })).status).toBe(404);
});

test('an avatar is as public as the profile that shows it', async () => {
  const { client } = await testServer();
  const [anna, bert] = await client.registerAll('anna01', 'bert01');
  const url = await client.upload(anna, 'avatars', 'a.png', png(1, 1, RED));
  const wear = (account: PlainAccount, fieldValue: string) =>
    client.data('POST', '/api/chat/updateUserinfo', {
      token: account.token,
      json: { fieldname: 'avatar', fieldValue },
    });
  await wear(bert, url);
  expect((await load(client, url)).status, 'somebody else’s file').toBe(404);
  await wear(anna, url);
  expect((await load(client, url)).status).toBe(200);
  await wear(anna, '/public/chat/user.png');
  expect((await load(client, url)).status).toBe(404);
});

test('with --files links the address alone is the key, and what came before stays private', async () => {
  const before = await testServer();
  const anna = await before.client.register('anna01');
  const old = await before.client.upload(anna, 'chatImgs', 'a.png', png(1, 1, RED));
  await before.stop();
  const { client } = await testServer({ dataDirectory: before.directory, files: 'links' });
  const url = await client.upload(anna, 'chatImgs', 'a.png', png(1, 1, RED));
  expect(url).toMatch(/_\d{30,}\.png$/);
  expect((await load(client, url)).status).toBe(200);
  expect((await load(client, old)).status).toBe(404);
});

test('ranges, conditions and HEAD', async () => {
  const { client } = await testServer();
  const anna = await client.register('anna01');
  const content = randomBytes(10_000);
  const url = await client.upload(anna, 'chatFiles', 'notes.txt', Buffer.from(content.toString('hex')));
  const text = content.toString('hex');
  const get = (headers: Record<string, string>) => load(client, url, { token: anna.token, ...headers });
  const part = await get({ range: 'bytes=100-199' });
  expect([part.status, part.headers.get('content-range'), part.bytes.toString()]).toEqual([
    206,
    'bytes 100-199/20000',
    text.slice(100, 200),
  ]);
  expect((await get({ range: 'bytes=-5' })).bytes.toString()).toBe(text.slice(-5));
  expect((await get({ range: 'bytes=19990-' })).bytes.toString()).toBe(text.slice(19_990));
  expect((await get({ range: 'bytes=20000-' })).status).toBe(416);
  expect((await get({ range: 'pages=1' })).status).toBe(200);
  const tag = part.headers.get('etag') ?? '';
  expect((await get({ 'if-none-match': tag })).status).toBe(304);
  expect((await get({ range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200);
  expect((await get({ range: 'bytes=0-1', 'if-range': tag })).status).toBe(206);
  const head = await fetch(client.origin + url, { method: 'HEAD', headers: { token: anna.token } });
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '20000', '']);
  expect(part.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''notes.txt");
});

test('an upload in pieces goes on after a cut and a restart, and may repeat every call', async () => {
  const first = await testServer();
  let { client } = first;
  const anna = await client.register('anna01');
  const content = randomBytes(300_000);
  const id = randomUUID();
  expect(await begin(client, anna, content, id, '报告 final.tar.gz')).toEqual({ offset: 0, url: null });
  expect(await append(client, anna, id, 0, content.subarray(0, 100_000))).toEqual({
    offset: 100_000,
    url: null,
  });
  await expect(append(client, anna, id, 0, content.subarray(0, 100_000))).rejects.toThrow(
    '409 offset 100000',
  );
  await expect(append(client, anna, id, 150_000, content.subarray(150_000))).rejects.toThrow(
    '409 offset 100000',
  );
  await first.stop();
  const second = await testServer({ dataDirectory: first.directory });
  client = second.client;
  expect(await begin(client, anna, content, id)).toEqual({ offset: 100_000, url: null });
  const done = await append(client, anna, id, 100_000, content.subarray(100_000));
  expect(done).toEqual({
    offset: 300_000,
    url: expect.stringMatching(/^\/public\/uploads\/Diy\/chatFiles\/.*\.gz$/) as string,
  });
  expect(await append(client, anna, id, 100_000, content.subarray(100_000))).toEqual(done);
  expect(await begin(client, anna, content, id)).toEqual(done);
  const { bytes, headers } = await load(client, done.url ?? '', { token: anna.token });
  expect(bytes.equals(content)).toBe(true);
  expect(headers.get('content-disposition')).toBe(
    `attachment; filename*=UTF-8''${encodeURIComponent('报告 final.tar.gz')}`,
  );
  // The same content again is there at once, but only for the account that uploaded it.
  expect((await begin(client, anna, content, randomUUID())).offset).toBe(300_000);
  const bert = await client.register('bert01');
  expect(await begin(client, bert, content, randomUUID())).toEqual({ offset: 0, url: null });
  expect(storedFiles(second)).toHaveLength(1);
});

test('pieces are checked against the hash, the size and the owner', async () => {
  const server = await testServer();
  const { client } = server;
  const [anna, bert] = await client.registerAll('anna01', 'bert01');
  const content = randomBytes(1000);
  const id = randomUUID();
  await begin(client, anna, content, id);
  await expect(append(client, anna, id, 0, randomBytes(1000))).rejects.toThrow('400 文件内容校验失败');
  await expect(append(client, anna, id, 0, content)).rejects.toThrow('404 上传不存在或者已过期');
  await begin(client, anna, content, id);
  await expect(append(client, anna, id, 0, randomBytes(1001))).rejects.toThrow('413');
  await expect(append(client, bert, id, 0, content)).rejects.toThrow('404');
  await expect(begin(client, anna, randomBytes(1000), id)).rejects.toThrow('400 上传编号已被使用');
  await client.data('DELETE', `/api/chat/uploads/${id}`, { token: anna.token });
  expect(storedFiles(server)).toEqual([]);
  const empty = await begin(client, anna, Buffer.alloc(0), randomUUID());
  expect(empty).toEqual({ offset: 0, url: expect.any(String) as string });
});

test('giving up a finished upload that was not sent leaves nothing', async () => {
  const server = await testServer();
  const { client } = server;
  const anna = await client.register('anna01');
  const id = randomUUID();
  const content = randomBytes(500);
  await begin(client, anna, content, id);
  const { url } = await append(client, anna, id, 0, content);
  await client.data('DELETE', `/api/chat/uploads/${id}`, { token: anna.token });
  expect((await load(client, url ?? '', { token: anna.token })).status).toBe(404);
  expect(storedFiles(server)).toEqual([]);
});

test('files that nothing uses go after a day; used ones and their content stay', async () => {
  let clock = Date.now();
  const first = await testServer({}, { now: () => clock });
  const { client } = first;
  const [anna, bert] = await client.registerFriends('anna01', 'bert01');
  const used = await client.upload(anna, 'chatImgs', 'a.png', png(2, 2, RED));
  await client.sendImage(anna, bert.id, used);
  const orphan = await client.upload(anna, 'chatImgs', 'b.png', png(5, 5, RED));
  const sameContent = await client.upload(bert, 'chatImgs', 'c.png', png(2, 2, RED));
  const id = randomUUID();
  await begin(client, anna, randomBytes(50), id);
  await append(client, anna, id, 0, randomBytes(20));
  expect(storedFiles(first)).toHaveLength(3);
  await first.stop();
  clock += 25 * 60 * 60_000;
  const second = await testServer({ dataDirectory: first.directory }, { now: () => clock });
  await expect.poll(async () => (await load(second.client, orphan, { token: anna.token })).status).toBe(404);
  await expect
    .poll(async () => (await load(second.client, sameContent, { token: bert.token })).status)
    .toBe(404);
  expect((await load(second.client, used, { token: bert.token })).bytes).toEqual(png(2, 2, RED));
  expect(storedFiles(second)).toHaveLength(2);
  await second.stop();
  clock += 7 * 24 * 60 * 60_000;
  const third = await testServer({ dataDirectory: first.directory }, { now: () => clock });
  await expect.poll(() => storedFiles(third)).toHaveLength(1);
  expect(query(first.directory, 'SELECT count(*) AS count FROM upload')).toEqual([{ count: 0 }]);
});
