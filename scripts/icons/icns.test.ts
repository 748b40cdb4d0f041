import { expect, it } from 'vitest';
import { icnsWidths, packIcns } from './icns.ts';

it('packs every picture with its type and length', () => {
  const pictures = new Map(icnsWidths.map((width) => [width, Buffer.from(`png of ${width}`)]));
  const file = packIcns(pictures);
  expect(file.toString('ascii', 0, 4)).toBe('icns');
  expect(file.readUInt32BE(4)).toBe(file.length);
  const types: string[] = [];
  for (let at = 8; at < file.length; at += file.readUInt32BE(at + 4))
    types.push(file.toString('ascii', at, at + 4));
  expect(types).toEqual([
    'icp4',
    'icp5',
    'ic11',
    'icp6',
    'ic12',
    'ic07',
    'ic08',
    'ic13',
    'ic09',
    'ic14',
    'ic10',
  ]);
});

it('refuses an incomplete set', () => {
  expect(() => packIcns(new Map([[16, Buffer.alloc(1)]]))).toThrow('32 pixels');
});
