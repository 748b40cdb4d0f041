/** Small files that claim to be huge, or become it for whoever unpacks them. */
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { box, bytes, text, u32 } from './boxes.ts';
import { pixelBomb } from './samples.ts';

/** Bytes of what an archive holds: more would only make the test slow. */
const UNPACKED = 64 * 1024 * 1024;

/** Both ways of 65,535 pixels: what GIF and JPEG can say at most. */
const SIDE = 0xffff;

/** A screen of `screen` × `screen` pixels with one frame of `frame` × `frame`. */
function gif(screen: number, frame: number): Buffer {
  const sides = (side: number) => Buffer.from([side & 0xff, side >> 8, side & 0xff, side >> 8]);
  return Buffer.concat([
    ...[text('GIF89a'), sides(screen), bytes('800000 000000ffffff')],
    ...[bytes('2c00000000'), sides(frame), bytes('00 02 02 4c01 00 3b')],
  ]);
}

function riff(...chunks: [type: string, data: Buffer][]): Buffer {
  const body = Buffer.concat([
    text('WEBP'),
    ...chunks.flatMap(([type, data]) => [
      text(type),
      u32(data.length, 'LE'),
      data,
      Buffer.alloc(data.length % 2),
    ]),
  ]);
  return Buffer.concat([text('RIFF'), u32(body.length, 'LE'), body]);
}

function jpeg(): Buffer {
  return Buffer.concat([
    bytes('ffd8 ffe0 0010 4a46494600 0101 00 0001 0001 00 00'),
    bytes('ffc0 0011 08 ffff ffff 03 012200 021101 031101'),
    bytes('ffda 000c 03 0100 0211 0311 00 3f 00'),
    Buffer.alloc(20),
    bytes('ffd9'),
  ]);
}

function avif(): Buffer {
  const none = Buffer.alloc(4);
  const size = box('ispe', none, u32(SIDE, 'BE'), u32(SIDE, 'BE'));
  return Buffer.concat([
    box('ftyp', text('avif'), none, text('avifmif1')),
    box(
      'meta',
      none,
      box('hdlr', none, none, text('pict'), Buffer.alloc(13)),
      box('pitm', none, bytes('0001')),
      box('iprp', box('ipco', size), box('ipma', none, bytes('00000001 0001 01 81'))),
    ),
    box('mdat', Buffer.alloc(20)),
  ]);
}

/** Pictures of more than four billion pixels, by the name that they would have. */
export const PIXEL_BOMBS: readonly (readonly [name: string, content: Buffer])[] = [
  ['a.png', pixelBomb(SIDE, SIDE)],
  ['screen.gif', gif(SIDE, 1)],
  // Readers make the screen as large as the first frame.
  ['frame.gif', gif(1, SIDE)],
  ['a.jpg', jpeg()],
  ['extended.webp', riff(['VP8X', bytes('10000000 feff00 feff00')], ['VP8L', bytes('2f00000000')])],
  ['lossless.webp', riff(['VP8L', Buffer.concat([bytes('2f ffffff0f'), Buffer.alloc(20)])])],
  ['lossy.webp', riff(['VP8 ', Buffer.concat([bytes('300100 9d012a ff3f ff3f'), Buffer.alloc(20)])])],
  ['a.avif', avif()],
];

/** A thousand times its size of nothing, under this name in an archive. */
export function zipBomb(name: string): Buffer {
  const content = Buffer.alloc(UNPACKED);
  const packed = deflateRawSync(content, { level: 9 });
  const file = text(name);
  const facts = Buffer.concat([
    bytes('0800 0000 0000'),
    u32(crc32(content), 'LE'),
    u32(packed.length, 'LE'),
    u32(content.length, 'LE'),
    Buffer.from([file.length, 0, 0, 0]),
  ]);
  const local = Buffer.concat([text('PK\x03\x04'), bytes('1400 0000'), facts, file, packed]);
  const central = Buffer.concat([
    text('PK\x01\x02'),
    ...[bytes('1400 1400 0000'), facts, Buffer.alloc(14), file],
  ]);
  const counts = bytes('0000 0000 0100 0100');
  const end = [text('PK\x05\x06'), counts, u32(central.length, 'LE'), u32(local.length, 'LE'), bytes('0000')];
  return Buffer.concat([local, central, ...end]);
}

export function gzipBomb(): Buffer {
  return gzipSync(Buffer.alloc(UNPACKED), { level: 9 });
}
