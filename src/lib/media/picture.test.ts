import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { drawSticker } from './picture.ts';

beforeEach(() => {
  vi.stubGlobal('createImageBitmap', async () => ({ width: 1024, height: 512, close: () => undefined }));
  vi.stubGlobal(
    'OffscreenCanvas',
    class {
      getContext = () => ({ drawImage: () => undefined });
      convertToBlob = async ({ type }: { type: string }) => new Blob(['drawn'], { type });
    },
  );
});
afterEach(() => void vi.unstubAllGlobals());

const picture = (name: string, type: string, content: string) => new File([content], name, { type });

it.each([
  ['a.gif', 'image/gif', 'GIF89a'],
  ['a.webp', 'image/webp', 'RIFF....WEBPVP8X....ANIM....ANMF'],
  ['a.png', 'image/png', '.PNG....IHDR....acTL....IDAT'],
  ['a.png', 'image/apng', '.PNG....IHDR....acTL....IDAT'],
  ['a.avif', 'image/avif', '\0\0\0\x1cftypavis\0\0\0\0avifavismsf1....meta'],
  ['b.avif', 'image/avif', '\0\0\0\x1cftypavif\0\0\0\0mif1avismsf1....meta'],
])('a sticker out of an animation moves: %s as %s', async (name, type, content) => {
  const moving = picture(name, type, content);
  expect(await drawSticker(moving)).toEqual({ file: moving, width: 512, height: 256 });
});

it.each([
  ['a.webp', 'image/webp', 'RIFF....WEBPVP8 ....'],
  ['a.png', 'image/png', '.PNG....IHDR....IDAT'],
  ['a.jpg', 'image/jpeg', '....ANIM....acTL'],
  ['a.avif', 'image/avif', '\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf....avis'],
])('a sticker out of a picture that stands still is drawn small: %s as %s', async (name, type, content) => {
  const { file } = await drawSticker(picture(name, type, content));
  expect(file).toMatchObject({ name: 'a.png', type: 'image/png' });
  expect(await file.text()).toBe('drawn');
});
