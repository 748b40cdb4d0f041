/** Files that everybody can load from the bucket: only what a server put there is ever taken away by it. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ServerConfig } from '../../../server/config.ts';
import { png } from '../../helpers/files/samples.ts';
import {
  BUCKET,
  objectStorageFront,
  startObjectStorage,
  STORAGE_KEYS,
  type ObjectStorage,
} from '../../helpers/object-storage.ts';
import type { PlainAccount } from '../../helpers/plain-egg-im/plain-client.ts';
import { storedFiles } from './stored-files.ts';
import { query, temporaryDirectory, testServer, type TestServer } from './harness.ts';

const DAY = 24 * 60 * 60_000;
const picture = png(20, 10, [7, 7, 7]);
let storage: ObjectStorage;

beforeAll(async () => {
  for (const [name, value] of Object.entries(STORAGE_KEYS)) vi.stubEnv(name, value);
  storage = await startObjectStorage();
});
afterAll(async () => {
  await storage.stop();
  vi.unstubAllEnvs();
});

const open = (prefix: string, origin = storage.origin): Partial<ServerConfig> => ({
  storage: 'both',
  s3Endpoint: origin,
  s3Bucket: BUCKET,
  s3Prefix: prefix,
  s3PathStyle: true,
  s3Public: `${storage.origin}/${BUCKET}`,
});

async function publish(server: TestServer, { token }: PlainAccount): Promise<{ url: string; path: string }> {
  const file = { field: 'img', name: 'a.png', content: picture };
  const [stored] = (await server.client.data('POST', '/api/chat/uploadAliyun', { token, file })) as {
    url: string;
    path: string;
  }[];
  if (stored === undefined) throw new Error('nothing was stored');
  return stored;
}

test('what others keep in the bucket stays, however old it is; what this server published and nothing uses goes', async () => {
  const theirs = ['images/20190101/1546300800000_0a1b2c3d4e5f.png', 'images/1.png'];
  const client = new S3Client({ endpoint: storage.origin, region: 'us-east-1', forcePathStyle: true });
  for (const Key of theirs)
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Buffer.from('of another system') }));
  client.destroy();

  let now = Date.now();
  const settings = ['one/', 'other/'].map((prefix) => ({
    ...open(prefix),
    dataDirectory: temporaryDirectory(),
  }));
  const servers = await Promise.all(
    settings.map(async (setting) => {
      const server = await testServer(setting, { now: () => now });
      const [anna, bert] = await server.client.registerAll('anna01', 'bert01');
      // Each in its own millisecond: addresses are then in the order of their making.
      const publishNext = async () => {
        now += 1;
        return publish(server, anna);
      };
      const { url, path: sent } = await publishNext();
      await server.client.sendContent(anna, bert.id, 'image', {
        data: url,
        dataType: 'image',
        otherData: {},
      });
      return { setting, server, sent, unused: (await publishNext()).path, publishNext };
    }),
  );
  const expected = [...theirs, ...servers.map(({ sent }) => sent)].sort();
  const images = () => storage.keys().filter((key) => key.startsWith('images/'));
  for (const { setting, server, publishNext } of servers) {
    // Cut short before it got its row. It is found as the last one.
    const cutShort = (await publishNext()).path;
    query(server.directory, 'DELETE FROM file WHERE path = ?', [cutShort]);
    for (const key of storage.keys()) await storage.date(key, now - 300 * DAY);
    await server.stop();
    now += 2 * DAY;
    await testServer(setting, { now: () => now });
    await expect.poll(images).not.toContain(cutShort);
    expect(images()).toEqual(expect.arrayContaining(expected));
  }
  await expect.poll(() => images().sort()).toEqual(expected);
  expect(images()).toEqual(expect.not.arrayContaining(servers.map(({ unused }) => unused)));
});

test('when a copy for everybody fails, what came is kept: the sender asks again and sends nothing again', async () => {
  const front = await objectStorageFront(storage);
  const server = await testServer(open('copies/', front.origin));
  const anna = await server.client.register('anna01');
  const { token } = anna;
  const content = randomBytes(300_000);
  const begin = (id: string, bytes: Buffer) =>
    server.client.call('POST', '/api/chat/uploads', {
      token,
      json: {
        ...{ id, name: 'a.bin', size: bytes.length, folder: 'chatFiles', place: 'object-storage' },
        sha256: createHash('sha256').update(bytes).digest('hex'),
      },
    });
  const whole = (bytes: Buffer) => ({
    data: { offset: bytes.length, url: expect.stringContaining('/images/') as string },
  });
  const [first, same, empty] = [randomUUID(), randomUUID(), randomUUID()];
  try {
    const copies = () => front.calls.filter((call) => call.endsWith('copy')).length;
    const refused = (call: string) => (call.endsWith('copy') ? 403 : null);
    await begin(first, content);
    front.failing = refused;
    const sent = await server.client.call('PUT', `/api/chat/uploads/${first}?offset=0`, {
      token,
      raw: content,
    });
    expect([sent.status, copies()]).toEqual([503, 1]);
    front.failing = () => null;
    expect((await begin(first, content)).body).toMatchObject(whole(content));

    // Known content needs no bytes at all, only the copy.
    front.failing = refused;
    expect((await begin(same, content)).status).toBe(503);
    front.failing = () => null;
    expect((await begin(same, content)).body).toMatchObject(whole(content));

    front.failing = refused;
    expect((await begin(empty, Buffer.alloc(0))).status).toBe(503);
    front.failing = () => null;
    expect((await begin(empty, Buffer.alloc(0))).body).toMatchObject(whole(Buffer.alloc(0)));
    expect(storedFiles(server), 'nothing of it stays on the disk').toEqual([]);
  } finally {
    front.stop();
  }
});

test('a backup names what the disk has lost, also of what would lie in the bucket by now', async () => {
  const directory = temporaryDirectory();
  const disk = await testServer({ dataDirectory: directory });
  const anna = await disk.client.register('anna01');
  await publish(disk, anna);
  const place = join(temporaryDirectory(), 'place');
  const former = await disk.backups.make({ place });
  await disk.stop();
  const [kept] = former.manifest.files.filter(({ path }) => path.startsWith('files/content/'));
  if (kept === undefined) throw new Error('the backup has no content');

  const both = await testServer({ ...open('after/'), dataDirectory: directory });
  const missing = async (where: string) => (await both.backups.make({ place: where })).manifest.missing;
  // Wrong bytes on the disk, and nothing to compare with.
  writeFileSync(join(directory, kept.path), 'rotten');
  expect(await missing(join(temporaryDirectory(), 'place'))).toEqual([kept.sha256]);
  // Lost from the disk and from the backup that had it; the next one has not forgotten that.
  rmSync(join(directory, kept.path));
  writeFileSync(join(former.path, kept.path), 'rotten');
  expect(await missing(place)).toEqual([kept.sha256]);
  expect(await missing(place)).toEqual([kept.sha256]);
});
