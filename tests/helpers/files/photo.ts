/** A photo as cameras write it: JPEG with the place where it was taken, lying on its side. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { FFMPEG } from './samples.ts';

/** Something that stands out in the bytes: a camera's name and a place. */
export const CAMERA = 'MagpieCam 9000';

/**
 * Stored as `width`×`height` with the orientation "turn right to see it upright": left half red, right half blue, so
 * upright it is `height`×`width` with red above blue.
 *
 * @param grain as real photos have it: decoding and encoding it is work
 */
export async function sidewaysPhoto(width: number, height: number, grain = false): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'magpie-photo-'));
  try {
    const path = join(folder, 'photo.jpg');
    const half = `${width / 2}x${height}`;
    await promisify(execFile)(FFMPEG, [
      ...['-loglevel', 'error', '-f', 'lavfi', '-i', `color=c=0xdc1e1e:size=${half}`],
      ...[
        '-f',
        'lavfi',
        '-i',
        `color=c=0x283cdc:size=${half}`,
        '-filter_complex',
        `hstack${grain ? ',noise=alls=12' : ''}`,
      ],
      ...['-frames:v', '1', '-q:v', '2', path],
    ]);
    return withExif(await readFile(path));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Puts the segment right behind the start of the picture, where the standard wants it. */
function withExif(jpeg: Buffer): Buffer {
  const tiff = exif();
  const length = Buffer.alloc(2);
  length.writeUInt16BE(tiff.length + 8);
  const segment = Buffer.concat([Buffer.from([0xff, 0xe1]), length, Buffer.from('Exif\0\0'), tiff]);
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
}

/** Puts what a camera wrote into the chunk before the end of a PNG, where only a reader of the whole file finds it. */
export function withLateExif(png: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from('eXIf'), exif()]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length - 4);
  check.writeUInt32BE(crc32(body));
  const end = png.lastIndexOf('IEND') - 4;
  return Buffer.concat([png.subarray(0, end), length, body, check, png.subarray(end)]);
}

/** Model, orientation 6 and a latitude of 48° 51′ 29″ N. */
export function exif(): Buffer {
  const name = Buffer.from(`${CAMERA}\0`, 'latin1');
  const main = 8;
  const gps = main + 2 + 3 * 12 + 4;
  const data = gps + 2 + 2 * 12 + 4;
  const out = Buffer.alloc(data + name.length + 24);
  out.write('MM\0*', 0, 'latin1');
  out.writeUInt32BE(main, 4);
  const entry = (at: number, tag: number, type: number, count: number, value: number, short = false) => {
    out.writeUInt16BE(tag, at);
    out.writeUInt16BE(type, at + 2);
    out.writeUInt32BE(count, at + 4);
    if (short) out.writeUInt16BE(value, at + 8);
    else out.writeUInt32BE(value, at + 8);
  };
  out.writeUInt16BE(3, main);
  entry(main + 2, 0x0110, 2, name.length, data);
  entry(main + 14, 0x0112, 3, 1, 6, true);
  entry(main + 26, 0x8825, 4, 1, gps);
  out.writeUInt16BE(2, gps);
  entry(gps + 2, 0x0001, 2, 2, 0);
  out.write('N\0', gps + 10, 'latin1');
  entry(gps + 14, 0x0002, 5, 3, data + name.length);
  name.copy(out, data);
  for (const [index, value] of [48, 1, 51, 1, 29, 1].entries())
    out.writeUInt32BE(value, data + name.length + index * 4);
  return out;
}
