import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { STAGE_PREFIX, type MediaFile } from '#protocol/model/message';
import { SAMPLE_KEY } from '../../../tests/helpers/history/temporary-history.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { silentLogger } from '../support/logger.ts';
import { testNetwork } from '../../../tests/helpers/test-network.ts';
import { createAccountMedia } from './account-media.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-save-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const unused = () => Promise.reject(new Error('not asked for'));
const createMedia = () =>
  createAccountMedia({
    folder: join(folder, 'account'),
    secret: SAMPLE_KEY,
    dialect: {
      ...{ upload: unused, giveUpUpload: unused, cover: unused, accessTo: () => null, sendMedia: unused },
      network: testNetwork(),
    },
    clock: createFakeClock(),
    logger: silentLogger,
    isOnline: () => false,
    cacheLimit: () => 1_000_000_000,
    onProgress: () => undefined,
  });
const idOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

test('files of one name that are saved at the same time get a name each, and keep their content', async () => {
  const media = createMedia();
  const contents = Array.from({ length: 6 }, (_, number) => String(number).repeat(200_000));
  const files: MediaFile[] = [];
  for (const [number, content] of contents.entries()) {
    const bytes = Buffer.from(content);
    await media.stageBytes({ id: idOf(number), name: 'image.png', mime: 'image/png', bytes });
    const url = `${STAGE_PREFIX}${idOf(number)}`;
    files.push({ url, name: 'image.png', size: bytes.length, mime: 'image/png' });
  }
  const downloads = join(folder, 'downloads');
  const paths = await Promise.all(
    files.map((file, number) => media.save(file, idOf(number), { folder: downloads })),
  );
  expect(new Set(paths).size).toBe(contents.length);
  expect(await Promise.all(paths.map((path) => readFile(path, 'utf8')))).toEqual(contents);
  expect((await readdir(downloads)).filter((name) => name.endsWith('.part'))).toEqual([]);
  media.stop();
});
