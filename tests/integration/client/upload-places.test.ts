/** Files to the object storage behind a plain server: the address, the cover of a film, what is refused, and who receives them. */
import { rm } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { imageSize } from 'image-size';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { STAGE_PREFIX, type MediaContent, type VideoContent } from '#protocol/model/message';
import type { UploadKind } from '#protocol/model/settings';
import { createEggImDialect } from '../../../electron/main/dialects/egg-im/egg-im-dialect.ts';
import type { AccountMedia } from '../../../electron/main/media/account-media.ts';
import { systemClock } from '../../../electron/main/support/clock.ts';
import { accountMedia } from '../../helpers/account-media.ts';
import { png, video } from '../../helpers/files/samples.ts';
import { Bucket } from '../../helpers/plain-egg-im/bucket.ts';
import { PlainClient, type PlainAccount } from '../../helpers/plain-egg-im/plain-client.ts';
import { STORAGE_PATH } from '../../helpers/plain-egg-im/plain-files.ts';
import { PlainServer } from '../../helpers/plain-egg-im/plain-server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { testNetwork } from '../../helpers/test-network.ts';

const FILM = '00000000-0000-4000-8000-000000000001';
const POSTER = '00000000-0000-4000-8000-000000000002';
const PICTURE = png(8, 6, [1, 2, 3]);
const folder = temporaryFolder('places');
let bucket: Bucket;
let plain: PlainServer;
const open: AccountMedia[] = [];

beforeEach(async () => {
  bucket = await Bucket.start();
  plain = await PlainServer.start();
  plain.bucket = bucket;
});
afterEach(async () => {
  for (const media of open.splice(0)) media.stop();
  await Promise.all([plain.stop(), bucket.stop()]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The files of somebody as the app has them. */
function filesOf({ id, token }: PlainAccount, inStorage: UploadKind[] = []) {
  const { origin } = plain;
  const dialect = createEggImDialect(
    { origin, accountId: id, token, deviceId: 'd', extensions: false },
    testNetwork(),
  );
  const media = accountMedia({
    folder: `${folder}/${new URL(origin).port}-${id}`,
    dialect,
    clock: systemClock,
    uploadPlace: (kind) => (inStorage.includes(kind) ? 'object-storage' : 'server'),
  });
  open.push(media);
  return media;
}

async function people(inStorage: UploadKind[] = []) {
  const [anna, bert] = await new PlainClient(plain.origin).registerAll('anna01', 'bert01');
  return { anna: filesOf(anna, inStorage), bert: filesOf(bert) };
}

const staged = (id: string, name: string, mime: string, size: number) => ({
  url: STAGE_PREFIX + id,
  ...{ name, mime, size },
});
async function pictureOf(media: AccountMedia): Promise<MediaContent> {
  await media.stageBytes({ id: FILM, name: 'a.png', mime: 'image/png', bytes: PICTURE });
  const file = staged(FILM, 'a.png', 'image/png', PICTURE.length);
  return { kind: 'image', text: '', file, thumb: '', preview: '', width: 8, height: 6 };
}
/** With the picture that the window made of it. */
async function filmOf(media: AccountMedia): Promise<VideoContent> {
  const film = await video();
  await media.stageBytes({ id: FILM, name: 'film.mp4', mime: 'video/mp4', bytes: film });
  await media.stageBytes({ id: POSTER, name: 'film.png', mime: 'image/png', bytes: PICTURE });
  return {
    ...{ kind: 'video', text: '', preview: '', width: 0, height: 0, duration: 2000 },
    file: staged(FILM, 'film.mp4', 'video/mp4', film.length),
    poster: STAGE_PREFIX + POSTER,
  };
}
async function seen(media: AccountMedia, address: string) {
  const opened = await media.open(address);
  return opened.kind === 'local' ? buffer(await opened.read()) : opened.kind;
}

test('the choice decides which host the address names, and the receiver sees either without a word to the storage', async () => {
  const places: UploadKind[] = [];
  const { anna, bert } = await people(places);
  const first = (await anna.files.ready(await pictureOf(anna))).content;
  expect(new URL(first.file.url).origin).toBe(plain.origin);
  await anna.discard([FILM]);
  places.push('image');
  const second = (await anna.files.ready(await pictureOf(anna))).content;
  expect(new URL(second.file.url).origin).toBe(bucket.origin);
  expect(bucket.keys).toEqual([expect.stringMatching(/^images\/20250417\/\d+_7\.png$/u)]);

  for (const { file } of [first, second]) expect(await seen(bert, file.url)).toEqual(PICTURE);
  expect(bucket.asked.length).toBeGreaterThan(0);
  expect(bucket.asked.every(({ token }) => !token)).toBe(true);
  expect(await bert.state('https://elsewhere.example/a.png')).toBe('refused');
});

test('the cover of a film is asked of the storage once, named in the message, and shown to the receiver', async () => {
  const { anna, bert } = await people(['video']);
  const { content } = await anna.files.ready(await filmOf(anna));
  const { file, poster, width, height } = content as VideoContent;
  expect(poster).toBe(`${file.url}?x-oss-process=video/snapshot,t_20,m_fast,w_260,f_png`);
  expect([width, height]).toEqual([260, 196]);
  // The picture that the window made stayed at home, and the sender need not load theirs.
  expect(bucket.keys).toHaveLength(1);
  expect(plain.calls.filter((path) => path.includes('/upload'))).toEqual([STORAGE_PATH]);
  expect(await seen(anna, poster)).toBeInstanceOf(Buffer);
  expect(bucket.asked).toHaveLength(1);

  const shown = await seen(bert, poster);
  expect(imageSize(shown as Buffer)).toMatchObject({ type: 'png', width: 260, height: 196 });
});

test('where the storage makes none, the picture of the window goes up as ever', async () => {
  bucket.drawsFilms = false;
  const { anna, bert } = await people(['video']);
  const { content } = await anna.files.ready(await filmOf(anna));
  const { file, poster } = content as VideoContent;
  expect(new URL(file.url).origin).toBe(bucket.origin);
  expect(poster.startsWith(`${plain.origin}/public/`)).toBe(true);
  expect(await seen(bert, poster)).toEqual(PICTURE);
});

test('a server without a storage says no with its reason; sent to the server instead, the same file goes', async () => {
  plain.bucket = null;
  const places: UploadKind[] = ['image'];
  const { anna } = await people(places);
  const picture = await pictureOf(anna);
  await expect(anna.files.ready(picture)).rejects.toMatchObject({
    code: 'storage-refused',
    details: { serverText: 'require accessKeyId, accessKeySecret' },
  });
  places.pop();
  const { content } = await anna.files.ready(picture);
  expect(new URL(content.file.url).origin).toBe(plain.origin);
});

test('what no place would take is refused as by the server', async () => {
  const { anna } = await people(['file']);
  await anna.stageBytes({ id: FILM, name: 'a.rar', mime: 'application/vnd.rar', bytes: PICTURE });
  const file = staged(FILM, 'a.rar', 'application/vnd.rar', PICTURE.length);
  await expect(anna.files.ready({ kind: 'file', text: '', file })).rejects.toMatchObject({
    code: 'refused',
    details: { serverText: 'Invalid filename: a.rar' },
  });
});
