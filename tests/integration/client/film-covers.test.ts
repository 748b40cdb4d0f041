/** A film that the window made no picture of gets one from the server (E42), where that can. */
import { rm } from 'node:fs/promises';
import { imageSize } from 'image-size';
import { afterAll, expect, test } from 'vitest';
import { STAGE_PREFIX, type VideoContent } from '#protocol/model/message';
import { createEggImDialect } from '../../../electron/main/dialects/egg-im/egg-im-dialect.ts';
import { accountMedia } from '../../helpers/account-media.ts';
import { systemClock } from '../../../electron/main/support/clock.ts';
import { FFMPEG, video } from '../../helpers/files/samples.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { testNetwork } from '../../helpers/test-network.ts';
import { testServer } from '../server/harness.ts';

const ID = '00000000-0000-4000-8000-000000000001';
const folder = temporaryFolder('covers');
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What the outbox sends of a film without a picture, and how its receiver loads files. */
async function sentBy(ffmpeg: string, extensions: boolean, bytes: Buffer) {
  const { client, origin } = await testServer({ ffmpeg });
  const [anna, bert] = await client.registerFriends('anna01', 'bert01');
  const { token, id: accountId } = anna;
  const dialect = createEggImDialect({ origin, accountId, token, deviceId: 'd', extensions }, testNetwork());
  await dialect.abilities();
  const media = accountMedia({
    folder: `${folder}/${accountId}-${ffmpeg.length}-${extensions}`,
    dialect,
    clock: systemClock,
  });
  await media.stageBytes({ id: ID, name: 'film.mp4', mime: 'video/mp4', bytes });
  const film: VideoContent = {
    ...{ kind: 'video', text: '', poster: '', preview: '', width: 0, height: 0, duration: 0 },
    file: { url: STAGE_PREFIX + ID, name: 'film.mp4', size: bytes.length, mime: 'video/mp4' },
  };
  const content = (await media.files.ready(film)).content as VideoContent;
  await media.files.send({ clientMessageId: ID, conversationId: `single:${bert.id}`, content });
  media.stop();
  const load = (url: string) => fetch(url, { headers: { token: bert.token } });
  return { content, load };
}

test.each([true, false])(
  'the picture goes with the film, and its receiver sees it (extensions: %s)',
  async (extensions) => {
    const { content, load } = await sentBy(FFMPEG, extensions, await video());
    const picture = await load(content.poster);
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    const size = imageSize(Buffer.from(await picture.arrayBuffer()));
    // As wide as it was asked for, and as the film is shaped.
    expect([size.width, size.height]).toEqual([260, 196]);
    expect([content.width, content.height]).toEqual([260, 196]);
    expect((await load(content.file.url)).headers.get('content-type')).toBe('video/mp4');
  },
);

test('without ffmpeg, or for what is no film inside, it goes without', async () => {
  const without = await sentBy('/nowhere/ffmpeg', true, await video());
  expect(without.content).toMatchObject({ kind: 'video', poster: '', width: 0 });
  expect((await without.load(without.content.file.url)).status).toBe(200);
  const broken = (await video()).subarray(0, 2000);
  expect((await sentBy(FFMPEG, true, broken)).content).toMatchObject({ kind: 'video', poster: '' });
});
