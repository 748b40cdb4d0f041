import encode from 'qr';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatCode } from '#protocol/link';
import { codePicture, readCode } from './codes.ts';

/** Pixels of a code, `scale` to a module, somewhere on a grey ground. */
function photographed(text: string, scale: number, left: number, top: number) {
  const modules = encode(text, 'raw', { border: 4 });
  const edge = modules.length * scale;
  const [width, height] = [edge + left + 40, edge + top + 25];
  const data = new Uint8ClampedArray(width * height * 4).fill(200);
  for (let y = 0; y < edge; y += 1) {
    for (let x = 0; x < edge; x += 1) {
      const dark = modules[Math.floor(y / scale)]?.[Math.floor(x / scale)] === true;
      const at = ((y + top) * width + x + left) * 4;
      data.fill(dark ? 0 : 255, at, at + 3);
      data[at + 3] = 255;
    }
  }
  return { data, width, height };
}

it('what a code says is read back from a picture of it, wherever it lies', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(name, fc.integer({ min: 3, max: 6 }), fc.nat(80), fc.nat(80), (name, scale, left, top) => {
      const text = formatCode({ kind: 'person', id: 7, name, server: 'http://192.168.1.20:7001' });
      expect(readCode(photographed(text, scale, left, top))).toBe(text);
    }),
    { numRuns: 12 },
  );
});

it('a picture without a code says nothing, and a code is a picture', () => {
  expect(readCode({ data: new Uint8ClampedArray(64 * 64 * 4).fill(255), width: 64, height: 64 })).toBeNull();
  expect(codePicture('magpie')).toMatch(/^data:image\/svg\+xml/u);
});
