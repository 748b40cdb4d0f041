import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { PNG } from 'pngjs';
import { expect, onTestFinished, test } from 'vitest';
import { CAMERA, exif, sidewaysPhoto, withLateExif } from '../../tests/helpers/files/photo.ts';
import { FFMPEG, png } from '../../tests/helpers/files/samples.ts';
import { removeLocation } from './picture-location.ts';

/** The seconds of the place in {@link exif}, as it stands there: 48° 51′ 29″. */
const PLACE = Buffer.from('000000300000000100000033000000010000001d00000001', 'hex');
const XMP = (name: string) => `<rdf:Description ${name}/>`;

/** Every pixel, as a decoder of its own sees them. */
async function pixels(picture: Buffer, name: string): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'magpie-location-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, name), picture);
  const input = ['-loglevel', 'error', '-noautorotate', '-i', join(folder, name)];
  await promisify(execFile)(FFMPEG, [...input, '-f', 'rawvideo', '-pix_fmt', 'rgb24', join(folder, 'raw')]);
  return readFile(join(folder, 'raw'));
}

test('a photo loses its place and nothing else', async () => {
  const photo = await sidewaysPhoto(32, 16);
  expect(photo.includes(PLACE)).toBe(true);
  const clean = Buffer.from(photo);
  expect(removeLocation(clean)).toBe(true);
  expect(clean).toHaveLength(photo.length);
  expect(clean.includes(PLACE)).toBe(false);
  expect(clean.includes(CAMERA)).toBe(true);
  // Orientation 6, as it was: tag, type, count, value.
  expect(clean.includes(Buffer.from('011200030000000100060000', 'hex'))).toBe(true);
  expect((await pixels(clean, 'a.jpg')).equals(await pixels(photo, 'a.jpg'))).toBe(true);
  const again = Buffer.from(clean);
  expect(removeLocation(again)).toBe(false);
  expect(again.equals(clean)).toBe(true);
});

test('wherever it stands: a smaller picture behind the first, PNG, and containers of boxes', async () => {
  const photo = await sidewaysPhoto(32, 16);
  const twice = Buffer.concat([photo, photo]);
  expect(removeLocation(twice)).toBe(true);
  expect(twice.includes(PLACE)).toBe(false);
  const picture = withLateExif(png(4, 4, [1, 2, 3]));
  expect(removeLocation(picture)).toBe(true);
  expect(picture.includes(PLACE)).toBe(false);
  // It reads on only where the sums are right.
  expect(PNG.sync.read(picture).data.subarray(0, 4)).toEqual(Buffer.from([1, 2, 3, 255]));
  for (const brand of ['heic', 'avif']) {
    const head = Buffer.from(`\0\0\0\x18ftyp${brand}\0\0\0\0mif1miaf`, 'latin1');
    const boxes = Buffer.concat([
      head,
      Buffer.alloc(100, 9),
      Buffer.from('\0\0\0\x06Exif\0\0', 'latin1'),
      exif(),
    ]);
    expect(removeLocation(boxes)).toBe(true);
    expect(boxes.includes(PLACE)).toBe(false);
  }
});

test.each([
  [XMP('exif:GPSLatitude="48,51.48N" tiff:Make="M"'), XMP(`${' '.repeat(28)} tiff:Make="M"`)],
  [XMP("a:b='c' exif:GPSLongitude='2,17.7E'"), XMP(`a:b='c' ${' '.repeat(27)}`)],
  ['<a><exif:GPSAltitude>35/1</exif:GPSAltitude><b/></a>', `<a>${' '.repeat(41)}<b/></a>`],
  ['<a>no exif:GPS here</a>', '<a>no exif:GPS here</a>'],
])('a description says no place: %s', (given, left) => {
  const head = Buffer.from('ffd8ffe1', 'hex');
  const picture = Buffer.concat([head, Buffer.from(given)]);
  expect(removeLocation(picture)).toBe(given !== left);
  expect(picture.subarray(4).toString()).toBe(left);
});

test('what only looks like it, or is no picture, is left as it is', async () => {
  const archive = Buffer.concat([Buffer.from('PK\x03\x04'), await sidewaysPhoto(32, 16)]);
  const before = Buffer.from(archive);
  expect(removeLocation(archive)).toBe(false);
  expect(archive.equals(before)).toBe(true);
});

test('whatever is made to look like directories, it ends, and the length stays', async () => {
  const photo = await sidewaysPhoto(32, 16);
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom('II*\0', 'MM\0*', 'exif:GPS', '<exif:GPSa>').map((text) => Buffer.from(text, 'latin1')),
    fc.constant(exif()),
    fc.nat(photo.length).map((end) => photo.subarray(0, end)),
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 30 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(255))),
      (pieces, faults) => {
        const picture = Buffer.concat([photo.subarray(0, 3), ...pieces]);
        for (const [at, value] of faults) picture[at % picture.length] = value;
        picture.set(photo.subarray(0, 3));
        const { length } = picture;
        removeLocation(picture);
        expect(picture).toHaveLength(length);
      },
    ),
  );
});
