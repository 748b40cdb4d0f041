/** Between an upload and its message lies more time than the server keeps what is in no message. */
import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { STAGE_PREFIX, type FileContent, type VideoContent } from '#protocol/model/message';
import { createEggImDialect } from '../../../electron/main/dialects/egg-im/egg-im-dialect.ts';
import { inProcessHistory } from '../../../electron/main/history/in-process.ts';
import { silentLogger } from '../../../electron/main/support/logger.ts';
import { accountMedia } from '../../helpers/account-media.ts';
import { createOutbox } from '../../../electron/main/messaging/outbox.ts';
import { systemClock } from '../../../electron/main/support/clock.ts';
import { FFMPEG, video } from '../../helpers/files/samples.ts';
import { temporaryHistory } from '../../helpers/history/temporary-history.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { testNetwork } from '../../helpers/test-network.ts';
import { testServer } from '../server/harness.ts';

const ID = '00000000-0000-4000-8000-000000000001';
const DAY = 24 * 60 * 60_000;
const folder = temporaryFolder('waiting-uploads');
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Anna's app and its server, both at the same time of day. */
async function world(name: string) {
  const time = { server: Date.now(), app: Date.now() };
  const clocks = { now: () => time.server };
  let server = await testServer({ ffmpeg: FFMPEG }, clocks);
  const { client, origin, directory } = server;
  const [anna, bert] = await client.registerFriends('anna01', 'bert01');
  const { token, id: accountId } = anna;
  const dialect = createEggImDialect(
    { origin, accountId, token, deviceId: 'd', extensions: true },
    testNetwork(),
  );
  await dialect.abilities();
  const own = join(folder, name);
  const app = () =>
    accountMedia({
      folder: own,
      dialect,
      clock: { ...systemClock, now: () => time.app },
    });
  const load = async (url: string) => {
    const answer = await fetch(url, { headers: { token: bert.token } });
    return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
  };
  /** The server tidies up at its start. */
  const sweep = async (url: string) => {
    await server.stop();
    time.server += 2 * DAY;
    const port = Number(new URL(origin).port);
    server = await testServer({ ffmpeg: FFMPEG, dataDirectory: directory, port }, clocks);
    const isThere = async () => (await fetch(url, { headers: { token } })).status;
    await expect.poll(isThere).toBe(404);
  };
  const waiting = () => readdir(join(own, 'media', 'outgoing'));
  return { time, dialect, app, load, sweep, waiting, conversationId: `single:${bert.id}` };
}

function paper(bytes: Buffer): FileContent {
  const file = {
    url: STAGE_PREFIX + ID,
    name: 'a.bin',
    size: bytes.length,
    mime: 'application/octet-stream',
  };
  return { kind: 'file', text: '', file };
}

test('sent again two days after it was refused, also after a restart: its file is uploaded again and arrives', async () => {
  const { time, app, load, sweep, waiting, conversationId } = await world('refused');
  const bytes = randomBytes(50_000);
  const before = app();
  await before.stageBytes({ id: ID, name: 'a.bin', mime: 'application/octet-stream', bytes });
  const { content: refused } = await before.files.ready(paper(bytes));
  before.stop();
  await sweep(refused.file.url);
  time.app += 2 * DAY;

  const media = app();
  await media.start([refused]);
  const shown = await media.open(refused.file.url);
  expect(shown.kind === 'local' && (await buffer(await shown.read())).equals(bytes), 'it is seen').toBe(true);
  const { content: ready } = await media.files.ready(refused);
  const sent = await media.files.send({ clientMessageId: ID, conversationId, content: ready });
  expect(sent.kind).toBe('acknowledged');
  const arrived = await load(ready.file.url);
  expect(arrived.bytes.equals(bytes)).toBe(true);
  await media.files.sent(refused, ready);
  expect(await waiting()).toEqual([]);
  media.stop();
});

test('a film that waited has its picture again, too', async () => {
  const { time, app, load, sweep, conversationId } = await world('film');
  const bytes = await video();
  const media = app();
  await media.stageBytes({ id: ID, name: 'film.mp4', mime: 'video/mp4', bytes });
  const film: VideoContent = {
    ...{ kind: 'video', text: '', poster: '', preview: '', width: 0, height: 0, duration: 0 },
    file: { url: STAGE_PREFIX + ID, name: 'film.mp4', size: bytes.length, mime: 'video/mp4' },
  };
  const first = (await media.files.ready(film)).content as VideoContent;
  expect(((await media.files.ready(first)).content as VideoContent).poster, 'not made twice').toBe(
    first.poster,
  );
  await sweep(first.file.url);
  time.app += 2 * DAY;
  const second = (await media.files.ready(first)).content as VideoContent;
  await media.files.send({ clientMessageId: ID, conversationId, content: second });
  media.stop();
  expect([(await load(second.file.url)).status, (await load(second.poster)).status]).toEqual([200, 200]);
});

test('the server forgets a file between its upload and the send: the outbox hears of it and brings it again', async () => {
  const { dialect, app, load, sweep, waiting, conversationId } = await world('outbox');
  const bytes = randomBytes(20_000);
  const media = app();
  await media.stageBytes({ id: ID, name: 'a.bin', mime: 'application/octet-stream', bytes });
  const history = inProcessHistory(temporaryHistory().engine);
  const facts = { id: conversationId, kind: 'single' as const, name: 'B', avatars: [], link: null };
  await history.ensureConversation({ facts, now: 1 });
  const sender = { id: 1, name: 'A', avatar: '' };
  await history.enqueue({ clientMessageId: ID, conversationId, content: paper(bytes), sender, now: 1 });
  const addresses: string[] = [];
  const outbox = createOutbox({
    history,
    dialect,
    files: {
      ...media.files,
      async send(message, signal) {
        addresses.push(message.content.file.url);
        if (addresses.length === 1) await sweep(message.content.file.url);
        return media.files.send(message, signal);
      },
    },
    logger: silentLogger,
    clock: systemClock,
    onChanges: () => undefined,
    onSessionEnded: () => expect.unreachable(),
  });
  await outbox.start();
  await expect.poll(async () => (await history.message(ID))?.status, { timeout: 30_000 }).toBe('sent');
  await outbox.stop();
  media.stop();
  const { content } = (await history.message(ID)) ?? {};
  const url = content?.kind === 'file' ? content.file.url : '';
  expect([addresses.length, addresses.at(-1)]).toEqual([2, url]);
  expect((await load(url)).bytes.equals(bytes)).toBe(true);
  expect(await waiting(), 'nothing of it stays here').toEqual([]);
});
