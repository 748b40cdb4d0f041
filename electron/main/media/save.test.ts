import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { accountMedia } from '../../../tests/helpers/account-media.ts';
import { STAGE_PREFIX, type MediaFile } from '#protocol/model/message';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-save-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const createMedia = () => accountMedia({ folder: join(folder, 'account'), isOnline: () => false });
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
