/** What people send to the object storage beside a server of ours, as both apps meet it. */
import { rm } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { STAGE_PREFIX, type ImageContent } from '#protocol/model/message';
import { createEggImDialect } from '../../../electron/main/dialects/egg-im/egg-im-dialect.ts';
import { systemClock } from '../../../electron/main/support/clock.ts';
import { accountMedia } from '../../helpers/account-media.ts';
import { png } from '../../helpers/files/samples.ts';
import {
  BUCKET,
  startObjectStorage,
  STORAGE_KEYS,
  type ObjectStorage,
} from '../../helpers/object-storage.ts';
import type { PlainAccount } from '../../helpers/plain-egg-im/plain-client.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { testNetwork } from '../../helpers/test-network.ts';
import { testServer } from '../server/harness.ts';

const ID = '00000000-0000-4000-8000-000000000001';
const PICTURE = png(8, 6, [1, 2, 3]);
const folder = temporaryFolder('behind-ours');
let storage: ObjectStorage;

beforeAll(async () => {
  for (const [name, value] of Object.entries(STORAGE_KEYS)) vi.stubEnv(name, value);
  storage = await startObjectStorage();
});
afterAll(async () => {
  await storage.stop();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

test.each([
  ['open to all', true],
  ['read by the server alone', false],
])('a bucket %s: the picture goes there in pieces, and its receiver sees it', async (name, isOpen) => {
  const bucket = `${storage.origin}/${BUCKET}`;
  const { client, origin } = await testServer({
    ...{
      storage: 'both',
      s3Endpoint: storage.origin,
      s3Bucket: BUCKET,
      s3Prefix: `${name}/`,
      s3PathStyle: true,
    },
    ...(isOpen ? { s3Public: bucket } : {}),
  });
  const [anna, bert] = await client.registerFriends('anna01', 'bert01');
  const appOf = async ({ id, token }: PlainAccount) => {
    const account = { origin, accountId: id, token, deviceId: 'd', extensions: true };
    const dialect = createEggImDialect(account, testNetwork());
    expect(dialect.choosesPlace, 'nobody was asked yet').toBe(false);
    await dialect.abilities();
    expect(dialect.choosesPlace).toBe(true);
    const uploadPlace = () => 'object-storage' as const;
    return accountMedia({ folder: `${folder}/${name}-${id}`, dialect, clock: systemClock, uploadPlace });
  };
  const [sender, receiver] = [await appOf(anna), await appOf(bert)];
  try {
    await sender.stageBytes({ id: ID, name: 'a.png', mime: 'image/png', bytes: PICTURE });
    const file = { url: STAGE_PREFIX + ID, name: 'a.png', size: PICTURE.length, mime: 'image/png' };
    const picture: ImageContent = {
      kind: 'image',
      text: '',
      file,
      thumb: '',
      preview: '',
      width: 8,
      height: 6,
    };
    const { content } = await sender.files.ready(picture);
    expect(content.file.url.startsWith(`${isOpen ? bucket : origin}/images/`)).toBe(true);
    expect(storage.keys().filter((key) => key.startsWith(`${name}/`))).toHaveLength(1);

    await sender.files.send({ clientMessageId: ID, conversationId: `single:${bert.id}`, content });
    const opened = await receiver.open(content.file.url);
    expect(opened.kind === 'local' ? await buffer(await opened.read()) : opened.kind).toEqual(PICTURE);
  } finally {
    sender.stop();
    receiver.stop();
  }
});
