/** Files in a real S3-compatible storage: the same answers as with a disk, and nothing left behind. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { verifyBackup } from '../../../server/backup/verify-backup.ts';
import { s3BlobStore } from '../../../server/files/s3-blob-store.ts';
import { FFMPEG, pixelBomb, png, video } from '../../helpers/files/samples.ts';
import {
  BUCKET,
  objectStorageFront,
  startObjectStorage,
  STORAGE_KEYS,
  type ObjectStorage,
} from '../../helpers/object-storage.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import type { PlainAccount } from '../../helpers/plain-egg-im/plain-client.ts';
import { query, testServer, temporaryDirectory, type TestServer } from './harness.ts';
import { storedFiles } from './stored-files.ts';

const DAY = 24 * 60 * 60_000;
let storage: ObjectStorage;

beforeAll(async () => {
  for (const [name, value] of Object.entries(STORAGE_KEYS)) vi.stubEnv(name, value);
  storage = await startObjectStorage();
});
afterAll(async () => {
  await storage.stop();
  vi.unstubAllEnvs();
});

const inStorage = (prefix: string) => ({
  storage: 's3' as const,
  s3Endpoint: storage.origin,
  s3Bucket: BUCKET,
  s3Prefix: prefix,
  s3PathStyle: true,
});
const keysOf = (prefix: string) => storage.keys().filter((key) => key.startsWith(prefix));
const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

test('a file in pieces goes to the storage under its hash, comes back whole and in ranges, and to nobody else', async () => {
  const server = await testServer(inStorage('one/'));
  const [anna, bert] = await server.client.registerAll('anna01', 'bert01');
  const content = randomBytes(3_000_000);
  const id = randomUUID();
  const json = { id, name: 'a.bin', size: content.length, sha256: sha256(content), folder: 'chatFiles' };
  await server.client.data('POST', '/api/chat/uploads', { token: anna.token, json });
  const put = (offset: number, end: number) =>
    server.client.data('PUT', `/api/chat/uploads/${id}?offset=${offset}`, {
      token: anna.token,
      raw: content.subarray(offset, end),
    });
  expect(await put(0, 1_000_000)).toEqual({ offset: 1_000_000, url: null });
  const { url } = (await put(1_000_000, content.length)) as { url: string };
  expect(keysOf('one/')).toEqual([`one/${sha256(content)}`]);
  expect(storedFiles(server), 'nothing stays on the disk of the server').toEqual([]);

  const load = (headers: Record<string, string>) => fetch(server.origin + url, { headers });
  const whole = await load({ token: anna.token });
  expect(Buffer.from(await whole.arrayBuffer()).equals(content)).toBe(true);
  const part = await load({ token: anna.token, range: 'bytes=999990-1000009' });
  expect([part.status, part.headers.get('content-range')]).toEqual([
    206,
    `bytes 999990-1000009/${content.length}`,
  ]);
  expect(Buffer.from(await part.arrayBuffer()).equals(content.subarray(999_990, 1_000_010))).toBe(true);
  expect((await load({ token: bert.token })).status).toBe(404);
  expect((await load({})).status).toBe(404);
});

test('E40, E41 and E42 work alike, and equal content is stored once', async () => {
  const server = await testServer({ ...inStorage('two/'), ffmpeg: FFMPEG });
  const anna = await server.client.register('anna01');
  const picture = png(20, 10, [9, 9, 9]);
  const form = (path: string, field: string, name: string, content: Uint8Array) =>
    server.client.data('POST', path, { token: anna.token, file: { field, name, content } });
  const path = '/api/chat/uploadStreamSingleToServerDiy/chatImgs';
  const first = (await form(path, 'file', 'a.png', picture)) as { url: string };
  const [second] = (await form('/api/chat/uploadAliyun', 'img', 'b.png', picture)) as { url: string }[];
  expect(keysOf('two/')).toEqual([`two/${sha256(picture)}`]);
  for (const url of [server.origin + first.url, second?.url ?? '']) {
    const answer = await fetch(url, { headers: { token: anna.token } });
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await answer.arrayBuffer()).equals(picture)).toBe(true);
  }
  const film = (await form(path, 'file', 'a.mp4', await video())) as { url: string };
  const cover = (await server.client.data('POST', '/api/chat/getVideoScreenshot', {
    token: anna.token,
    json: { videoUrl: film.url, time: 500, width: 32, format: 'png' },
  })) as { base64: string };
  expect(cover.base64).toMatch(/^data:image\/png;base64,/);
  expect(storedFiles(server)).toEqual([]);
});

test('what is refused never reaches the storage; what nothing uses goes from it', async () => {
  let now = Date.now();
  const directory = temporaryDirectory();
  const server = await testServer({ ...inStorage('three/'), dataDirectory: directory }, { now: () => now });
  const anna = await server.client.register('anna01');
  const upload = (name: string, content: Uint8Array) =>
    server.client.call('POST', '/api/chat/uploadStreamSingleToServerDiy/chatImgs', {
      token: anna.token,
      file: { field: 'file', name, content },
    });
  expect((await upload('a.png', pixelBomb(60_000, 60_000))).status).toBe(400);
  expect((await upload('a.png', Buffer.from('<script>'))).status).toBe(400);
  expect(keysOf('three/')).toEqual([]);
  expect((await upload('a.png', png(1, 1, [1, 2, 3]))).status).toBe(200);
  expect(keysOf('three/')).toHaveLength(1);
  now += 2 * DAY;
  await server.stop();
  await testServer({ ...inStorage('three/'), dataDirectory: directory }, { now: () => now });
  await expect.poll(() => keysOf('three/')).toEqual([]);
  expect(query(directory, 'select count(*) as n from file')).toEqual([{ n: 0 }]);
});

test('a storage that cannot be reached loses nothing: the sender hears of it and comes again', async () => {
  const own = await startObjectStorage();
  const directory = temporaryDirectory();
  const server = await testServer({
    ...inStorage('four/'),
    s3Endpoint: own.origin,
    dataDirectory: directory,
  });
  const anna = await server.client.register('anna01');
  await own.stop();
  const { status } = await server.client.call('POST', '/api/chat/uploadStreamSingleToServerDiy/chatImgs', {
    token: anna.token,
    file: { field: 'file', name: 'a.png', content: png(1, 1, [1, 2, 3]) },
  });
  expect(status).toBe(503);
  expect(storedFiles(server)).toEqual([]);
  expect(query(directory, 'select count(*) as n from file')).toEqual([{ n: 0 }]);
});

test('with signed addresses the storage hands out the bytes, to those whom the server let in, for a while', async () => {
  const server = await testServer({ ...inStorage('signed/'), s3SignedSeconds: 60 });
  const [anna, bert] = await server.client.registerAll('anna01', 'bert01');
  const content = Buffer.from('%PDF-1.4\nwhat only Anna may read');
  const url = await server.client.upload(anna, 'chatFiles', '报告 1.pdf', content);
  const load = (headers: Record<string, string>, method = 'GET') =>
    fetch(server.origin + url, { headers, method, redirect: 'manual' });

  expect((await load({})).status).toBe(404);
  expect((await load({ token: bert.token })).status).toBe(404);
  const head = await load({ token: anna.token }, 'HEAD');
  expect([head.status, head.headers.get('content-length')]).toEqual([200, String(content.length)]);

  const led = await load({ token: anna.token });
  expect([led.status, led.headers.get('cache-control')]).toEqual([302, 'no-store']);
  const signed = new URL(led.headers.get('location') ?? '');
  expect(signed.origin).toBe(storage.origin);
  expect(signed.searchParams.get('X-Amz-Expires')).toBe('60');
  const answer = await fetch(signed, { headers: { range: 'bytes=0-3' } });
  expect([answer.status, await answer.text()]).toEqual([206, '%PDF']);
  expect(answer.headers.get('content-type')).toBe('application/pdf');
  expect(answer.headers.get('content-disposition')).toContain(encodeURIComponent('报告 1.pdf'));

  const forged = new URL(signed);
  forged.searchParams.set('X-Amz-Signature', '0'.repeat(64));
  expect((await fetch(forged)).status).toBe(403);
});

describe('a file larger than one part', () => {
  const folder = temporaryFolder('parts');
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const PART = 5 * 1024 * 1024;
  const storeAt = (origin: string) =>
    s3BlobStore({
      endpoint: origin,
      region: 'us-east-1',
      bucket: BUCKET,
      prefix: 'parts/',
      pathStyle: true,
      signedSeconds: 0,
      workFolder: folder,
      partBytes: PART,
    });
  /** Two parts and a bit. */
  const content = randomBytes(2 * PART + 12_345);
  const localFile = async () => {
    const path = join(folder, randomUUID());
    await writeFile(path, content);
    return path;
  };

  test('goes in parts, and is one object with the same bytes', async () => {
    const store = storeAt(storage.origin);
    const path = await localFile();
    await store.put(sha256(content), path);
    expect(keysOf('parts/')).toEqual([`parts/${sha256(content)}`]);
    expect((await buffer(await store.read(sha256(content)))).equals(content)).toBe(true);
    const range = { start: PART - 10, end: PART + 10 };
    const around = await buffer(await store.read(sha256(content), range));
    expect(around.equals(content.subarray(PART - 10, PART + 11))).toBe(true);
    store.close();
  });

  test('of which a part is lost is sent again; of which one is refused leaves nothing there and stays here', async () => {
    const front = await objectStorageFront(storage);
    const store = storeAt(front.origin);
    try {
      await store.remove(sha256(content));
      const path = await localFile();
      front.calls = [];
      front.failing = (call) => (call.endsWith('partNumber+uploadId 2') ? 403 : null);
      await expect(store.put(sha256(content), path)).rejects.toThrow();
      expect(front.calls.at(-1)).toBe('DELETE uploadId');
      expect(keysOf('parts/')).toEqual([]);
      expect(await readdir(folder)).toContain(basename(path));

      front.calls = [];
      front.failing = (call, time) => (call.endsWith('partNumber+uploadId 2') && time === 1 ? 503 : null);
      await store.put(sha256(content), path);
      expect(front.calls.filter((call) => call.endsWith(' 2')).length).toBeGreaterThanOrEqual(2);
      expect((await buffer(await store.read(sha256(content)))).equals(content)).toBe(true);
      // Its row may still fail: whoever stored it discards it.
      expect(await readdir(folder)).toContain(basename(path));
    } finally {
      store.close();
      front.stop();
    }
  });
});

describe('beside the disk, where senders choose', () => {
  const both = (prefix: string) => ({ ...inStorage(prefix), storage: 'both' as const });
  const form = (
    server: TestServer,
    { token }: PlainAccount,
    path: string,
    file: [string, string, Uint8Array],
  ) => {
    const [field, name, content] = file;
    return server.client.data('POST', path, { token, file: { field, name, content } });
  };
  const E40 = '/api/chat/uploadStreamSingleToServerDiy/chatImgs';
  const E41 = '/api/chat/uploadAliyun';
  const picture = png(20, 10, [7, 7, 7]);
  const imageKeys = () => keysOf('images/');

  test('E40 goes to the disk and E41 to the bucket; both are read alike, and nothing stays of either', async () => {
    let now = Date.now();
    const directory = temporaryDirectory();
    const server = await testServer({ ...both('both/'), dataDirectory: directory }, { now: () => now });
    const [anna, bert] = await server.client.registerAll('anna01', 'bert01');
    const { url } = (await form(server, anna, E40, ['file', 'a.png', picture])) as { url: string };
    expect([storedFiles(server).length, keysOf('both/')]).toEqual([1, []]);
    const other = png(10, 20, [8, 8, 8]);
    const [stored] = (await form(server, anna, E41, ['img', 'b.png', other])) as { url: string }[];
    expect(stored?.url).toMatch(new RegExp(`^${server.origin}/images/\\d{8}/\\d+_[0-9a-f]{12}\\.png$`, 'u'));
    expect([storedFiles(server).length, keysOf('both/')]).toEqual([1, [`both/${sha256(other)}`]]);
    for (const [address, content] of [
      [server.origin + url, picture],
      [stored?.url ?? '', other],
    ] as const) {
      const answer = await fetch(address, { headers: { token: anna.token } });
      expect(Buffer.from(await answer.arrayBuffer()).equals(content)).toBe(true);
      expect((await fetch(address, { headers: { token: bert.token } })).status).toBe(404);
    }
    now += 2 * DAY;
    await server.stop();
    const again = await testServer({ ...both('both/'), dataDirectory: directory }, { now: () => now });
    await expect.poll(() => [storedFiles(again).length, keysOf('both/').length]).toEqual([0, 0]);
  });

  test('files in pieces name their place, and may change it while the storage is away', async () => {
    const own = await startObjectStorage();
    const server = await testServer({ ...both('pieces/'), s3Endpoint: own.origin });
    const anna = await server.client.register('anna01');
    const content = randomBytes(300_000);
    const begin = (id: string, place: string) =>
      server.client.call('POST', '/api/chat/uploads', {
        token: anna.token,
        json: {
          ...{ id, name: 'a.bin', size: content.length, sha256: sha256(content) },
          ...{ folder: 'chatFiles', place },
        },
      });
    const put = (id: string) =>
      server.client.call('PUT', `/api/chat/uploads/${id}?offset=0`, { token: anna.token, raw: content });
    const [first, second] = [randomUUID(), randomUUID()];
    await begin(first, 'object-storage');
    expect((await put(first)).body).toMatchObject({
      data: { url: expect.stringMatching(/^\/images\/\d{8}\//u) as string },
    });
    expect(own.keys()).toEqual([`pieces/${sha256(content)}`]);
    // The same content for the other place is not taken for being there.
    expect((await begin(second, 'server')).body).toMatchObject({ data: { offset: 0, url: null } });
    await server.client.call('DELETE', `/api/chat/uploads/${second}`, { token: anna.token });
    await server.client.call('DELETE', `/api/chat/uploads/${first}`, { token: anna.token });
    expect(own.keys()).toEqual([]);

    await own.stop();
    const third = randomUUID();
    await begin(third, 'object-storage');
    expect((await put(third)).status).toBe(503);
    expect((await begin(third, 'server')).body).toMatchObject({
      data: { offset: content.length, url: expect.stringMatching(/^\/public\/uploads\//u) as string },
    });
  });

  test('with a public address E41 names the bucket, where everybody loads it until nothing uses it any more', async () => {
    let now = Date.now();
    const directory = temporaryDirectory();
    const s3Public = `${storage.origin}/${BUCKET}`;
    const setting = { ...both('open/'), s3Public, dataDirectory: directory };
    const server = await testServer(setting, { now: () => now });
    const [anna, bert] = await server.client.registerAll('anna01', 'bert01');
    const [stored] = (await form(server, anna, E41, ['img', 'b.png', picture])) as {
      url: string;
      path: string;
    }[];
    const { url = '', path = '' } = stored ?? {};
    // Its random part is all that keeps strangers out.
    expect(path).toMatch(/^images\/\d{8}\/\d+_[0-9a-f]{32}\.png$/u);
    expect(url).toBe(`${s3Public}/${path}`);
    const open = await fetch(url);
    expect([open.status, open.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(Buffer.from(await open.arrayBuffer()).equals(picture)).toBe(true);
    // What a browser would run is bytes there as well.
    const page = Buffer.from('<script>alert(1)</script>');
    const [html] = (await form(server, anna, E41, ['img', 'a.html', page])) as { url: string }[];
    const bytes = await fetch(html?.url ?? '');
    expect(bytes.headers.get('content-type')).toBe('application/octet-stream');
    expect(bytes.headers.get('content-disposition')).toMatch(/^attachment/u);

    // Apps of ours ask the server; covers are where the film is, and the token does not go there.
    expect((await fetch(`${server.origin}/${path}`, { headers: { token: bert.token } })).status).toBe(200);
    const cover = await fetch(
      `${server.origin}/${path}?token=${bert.token}&x-oss-process=video/snapshot,t_20`,
      {
        redirect: 'manual',
      },
    );
    expect([cover.status, cover.headers.get('location')]).toEqual([
      302,
      `${url}?x-oss-process=video%2Fsnapshot%2Ct_20`,
    ]);

    await server.client.sendContent(anna, bert.id, 'image', { data: url, dataType: 'image', otherData: {} });
    now += 2 * DAY;
    await server.stop();
    await testServer(setting, { now: () => now });
    await expect.poll(imageKeys).toEqual([path]);
    expect(keysOf('open/')).toEqual([`open/${sha256(picture)}`]);
  });

  test('a backup has what lies on the disk, and misses nothing of what does not', async () => {
    const server = await testServer(both('backup/'));
    const anna = await server.client.register('anna01');
    await form(server, anna, E40, ['file', 'a.png', picture]);
    await form(server, anna, E41, ['img', 'b.png', png(3, 3, [3, 3, 3])]);
    const made = await server.backups.make({ place: join(temporaryDirectory(), 'place') });
    expect(await verifyBackup(made.path)).toMatchObject({ sound: true, problems: [], missing: 0 });
    expect(made.manifest.files.filter(({ path }) => path.startsWith('files/content/'))).toHaveLength(1);
  });

  test('the capabilities say so', async () => {
    const offered = async (server: TestServer) => {
      const answer = (await server.client.data('GET', '/api/capabilities')) as {
        extensions: { uploads: { object_storage: boolean } };
      };
      return answer.extensions.uploads.object_storage;
    };
    expect(await offered(await testServer(both('said/')))).toBe(true);
    expect(await offered(await testServer())).toBe(false);
  });
});
