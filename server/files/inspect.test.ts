import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { avif, AVIF_SIZE } from '../../tests/helpers/files/avif.ts';
import { sidewaysPhoto } from '../../tests/helpers/files/photo.ts';
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

/** A piece that belongs to an application, as long as one can be. */
const OF_A_CAMERA = Buffer.concat([Buffer.from([0xff, 0xe1, 0xff, 0xff]), Buffer.alloc(0xfffd, 7)]);

async function seen(content: Buffer, extension: string | null, pixelLimit = 1_000_000) {
  const path = join(folder, 'photo');
  await writeFile(path, content);
  return inspectFile(path, extension, pixelLimit);
}

test('a photo is one however much its camera says before the picture', async () => {
  const photo = await sidewaysPhoto(32, 16);
  const facts = { mime: 'image/jpeg' };
  expect(await seen(photo, 'jpg')).toMatchObject({ ok: true, facts });
  const told = [photo.subarray(0, 2), ...Array.from({ length: 40 }, () => OF_A_CAMERA), photo.subarray(2)];
  const large = Buffer.concat(told);
  expect(large.length).toBeGreaterThan(2 * 1024 * 1024);
  for (const extension of ['jpg', null]) {
    const verdict = await seen(large, extension);
    expect(verdict).toMatchObject({ ok: true, facts });
    expect(verdict.ok && (verdict.facts.width ?? 0) * (verdict.facts.height ?? 0)).toBe(32 * 16);
    // A bomb does not get past by talking much.
    expect(await seen(large, extension, 32 * 16 - 1)).toEqual({ ok: false, reason: 'too-many-pixels' });
  }
});

test('one that only talks, or ends before its frame, is none', async () => {
  const photo = await sidewaysPhoto(32, 16);
  const endless = Buffer.concat([photo.subarray(0, 2), ...Array.from({ length: 40 }, () => OF_A_CAMERA)]);
  expect(await seen(endless, 'jpg')).toEqual({ ok: false, reason: 'mismatch' });
  expect(await seen(endless, null)).toMatchObject({ ok: true, facts: { mime: 'application/octet-stream' } });
});
