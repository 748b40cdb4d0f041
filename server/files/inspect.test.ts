import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { avif, AVIF_SIZE } from '../../tests/helpers/files/avif.ts';
import { png } from '../../tests/helpers/files/samples.ts';
import { temporaryFolder } from '../../tests/helpers/temporary-folder.ts';
import { inspectFile } from './inspect.ts';

const folder = temporaryFolder('inspect');
afterAll(() => rm(folder, { recursive: true, force: true }));

const PIXELS = AVIF_SIZE.width * AVIF_SIZE.height;
const pictures = {
  avif: { mime: 'image/avif', content: avif() },
  png: { mime: 'image/png', content: png(64, 48, [1, 2, 3]) },
};

test.each(Object.entries(pictures))(
  '%s is a picture of its size, and none with too many pixels',
  async (ending, one) => {
    const path = join(folder, `a.${ending}`);
    await writeFile(path, one.content);
    const facts = { mime: one.mime, ...AVIF_SIZE };
    expect(await inspectFile(path, ending, PIXELS)).toEqual({ ok: true, facts });
    expect(await inspectFile(path, null, PIXELS), 'under a name that promises nothing').toEqual({
      ok: true,
      facts,
    });
    expect(await inspectFile(path, ending, PIXELS - 1)).toEqual({ ok: false, reason: 'too-many-pixels' });
    expect(await inspectFile(path, 'mp4', PIXELS)).toEqual({ ok: false, reason: 'mismatch' });
  },
);

test('text that is called a picture is refused', async () => {
  const path = join(folder, 'text.avif');
  await writeFile(path, 'no picture');
  expect(await inspectFile(path, 'avif', PIXELS)).toEqual({ ok: false, reason: 'mismatch' });
});
