import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CAMERA, sidewaysPhoto, withLateExif } from '../../../tests/helpers/files/photo.ts';
import { FFMPEG, png } from '../../../tests/helpers/files/samples.ts';
import { withoutMetadata } from './picture-metadata.ts';

/** A piece of a picture, and whether it may stay. */
interface Piece {
  bytes: Buffer;
  stays: boolean;
}

const SECRET = '48.8584 N 2.2945 E';
const content = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
const told = fc.oneof(content, fc.constant(Buffer.from(SECRET)));

function numbers(write: (buffer: Buffer) => void, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  write(buffer);
  return buffer;
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const size = numbers((buffer) => buffer.writeUInt32BE(data.length), 4);
  return Buffer.concat([size, body, numbers((buffer) => buffer.writeUInt32BE(crc32(body)), 4)]);
}
const pngPieces = fc.array(
  fc.oneof(
    fc
      .tuple(fc.constantFrom('IDAT', 'fdAT', 'fcTL', 'acTL', 'tRNS', 'iCCP', 'PLTE'), content)
      .map(([type, data]) => ({ bytes: pngChunk(type, data), stays: true })),
    fc
      .tuple(fc.constantFrom('eXIf', 'tEXt', 'zTXt', 'iTXt', 'tIME', 'meTa', 'caBX'), told)
      .map(([type, data]) => ({ bytes: pngChunk(type, data), stays: false })),
  ),
);
const pngOf = (pieces: Piece[]) =>
  Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    pngChunk('IHDR', Buffer.alloc(13)),
    ...pieces.map(({ bytes }) => bytes),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);

/** As GIF has anything of any length: pieces with their length before them, and an empty one. */
function gifPieces(data: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < data.length; at += 255) {
    const piece = data.subarray(at, at + 255);
    parts.push(Buffer.from([piece.length]), piece);
  }
  return Buffer.concat([...parts, Buffer.from([0])]);
}
const gifExtension = (label: number, first: Buffer, data = Buffer.alloc(0)) =>
  Buffer.concat([Buffer.from([0x21, label, first.length]), first, gifPieces(data)]);
const longContent = fc.uint8Array({ maxLength: 700 }).map((bytes) => Buffer.from(bytes));
const gifBlocks = fc.array(
  fc.oneof(
    fc.tuple(longContent, fc.boolean()).map(([data, hasColours]) => ({
      bytes: Buffer.concat([
        Buffer.from([0x2c, 0, 0, 0, 0, 2, 0, 2, 0, hasColours ? 0x81 : 0]),
        Buffer.alloc(hasColours ? 12 : 0, 0x3b),
        Buffer.from([2]),
        gifPieces(data),
      ]),
      stays: true,
    })),
    content.map((data) => ({ bytes: gifExtension(0xf9, Buffer.alloc(4), data), stays: true })),
    fc
      .constantFrom('NETSCAPE2.0', 'ANIMEXTS1.0')
      .map((name) => ({ bytes: gifExtension(0xff, Buffer.from(name), Buffer.from([1, 0, 0])), stays: true })),
    told.map((text) => ({
      bytes: Buffer.concat([Buffer.from([0x21, 0xfe]), gifPieces(text)]),
      stays: false,
    })),
    fc
      .tuple(fc.constantFrom('XMP DataXMP', 'MAGPIEAPP10', 'ICCRGBG1012'), told)
      .map(([name, data]) => ({ bytes: gifExtension(0xff, Buffer.from(name), data), stays: false })),
  ),
);
const gifOf = (pieces: Piece[]) =>
  Buffer.concat([
    Buffer.from('GIF89a'),
    Buffer.from([2, 0, 2, 0, 0x80, 0, 0]),
    // Colours that look like blocks.
    Buffer.from([0x21, 0xfe, 0x3b, 0x2c, 0x21, 0xff]),
    ...pieces.map(({ bytes }) => bytes),
    Buffer.from([0x3b]),
  ]);

function webpChunk(type: string, data: Buffer): Buffer {
  const size = numbers((buffer) => buffer.writeUInt32LE(data.length), 4);
  return Buffer.concat([Buffer.from(type), size, data, Buffer.alloc(data.length % 2)]);
}
const webpPieces = fc.array(
  fc.oneof(
    fc
      .tuple(fc.constantFrom('ANIM', 'ANMF', 'VP8 ', 'VP8L', 'ALPH', 'ICCP'), content)
      .map(([type, data]) => ({ bytes: webpChunk(type, data), stays: true })),
    fc
      .tuple(fc.constantFrom('EXIF', 'XMP ', 'NOTE'), told)
      .map(([type, data]) => ({ bytes: webpChunk(type, data), stays: false })),
  ),
);
/** @param tells flags of EXIF and XMP */
const webpOf = (pieces: Piece[], tells = 0x0c) => {
  const head = webpChunk('VP8X', Buffer.from([0x12 | tells, 0, 0, 0, 1, 0, 0, 1, 0, 0]));
  const body = Buffer.concat([Buffer.from('WEBP'), head, ...pieces.map(({ bytes }) => bytes)]);
  const size = numbers((buffer) => buffer.writeUInt32LE(body.length), 4);
  return Buffer.concat([Buffer.from('RIFF'), size, body]);
};

const jpegSegment = (kind: number, data: Buffer) =>
  Buffer.concat([
    Buffer.from([0xff, kind]),
    numbers((buffer) => buffer.writeUInt16BE(data.length + 2), 2),
    data,
  ]);
const jpegPieces = fc.array(
  fc.oneof(
    fc
      .tuple(fc.constantFrom(0xdb, 0xc0, 0xc4, 0xdd), content)
      .map(([kind, data]) => ({ bytes: jpegSegment(kind, data), stays: true })),
    fc
      .constantFrom([0xe0, 'JFIF\0'] as const, [0xe2, 'ICC_PROFILE\0'] as const, [0xee, 'Adobe'] as const)
      .map(([kind, name]) => ({ bytes: jpegSegment(kind, Buffer.from(`${name}12345`)), stays: true })),
    fc
      .tuple(fc.constantFrom(0xe1, 0xe2, 0xed, 0xef, 0xfe), told)
      .map(([kind, data]) => ({ bytes: jpegSegment(kind, data), stays: false })),
  ),
);
const jpegOf = (pieces: Piece[]) =>
  Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    ...pieces.map(({ bytes }) => bytes),
    jpegSegment(0xda, Buffer.alloc(6)),
    Buffer.from([1, 2, 0xff, 0, 3, 0xff, 0xd9]),
  ]);

const staying = (pieces: Piece[]) => pieces.filter(({ stays }) => stays);

describe('what tells something goes, all else stays to the byte', () => {
  const rest = fc.constantFrom(Buffer.alloc(0), Buffer.from(`<xmp>${SECRET}</xmp>`));
  const goes = (whole: Buffer, wanted: Buffer) => {
    const made = withoutMetadata(whole) ?? whole;
    expect(made.equals(wanted)).toBe(true);
    expect(withoutMetadata(made), 'nothing is left to take out').toBeNull();
  };
  test('PNG', () => {
    fc.assert(
      fc.property(pngPieces, rest, (pieces, behind) =>
        goes(Buffer.concat([pngOf(pieces), behind]), pngOf(staying(pieces))),
      ),
    );
  });
  test('GIF', () => {
    fc.assert(
      fc.property(gifBlocks, rest, (pieces, behind) =>
        goes(Buffer.concat([gifOf(pieces), behind]), gifOf(staying(pieces))),
      ),
    );
  });
  test('WebP', () => {
    fc.assert(
      fc.property(webpPieces, rest, (pieces, behind) => {
        const tells = staying(pieces).length === pieces.length ? 0 : 0x0c;
        goes(Buffer.concat([webpOf(pieces, tells), behind]), webpOf(staying(pieces), 0));
      }),
    );
  });
  test('JPEG', () => {
    fc.assert(fc.property(jpegPieces, (pieces) => goes(jpegOf(pieces), jpegOf(staying(pieces)))));
  });
});

test('whatever it is given, it comes to an end with something that is not larger', () => {
  const marks = ['89504e470d0a1a0a', '474946383961', '474946383761', 'ffd8ff', 'ffd8ffe1', ''];
  const start = fc.oneof(
    fc.constantFrom(...marks).map((mark) => Buffer.from(mark, 'hex')),
    fc.nat(0xffffffff).map((size) => {
      const number = numbers((buffer) => buffer.writeUInt32LE(size), 4);
      return Buffer.concat([Buffer.from('RIFF'), number, Buffer.from('WEBPVP8X')]);
    }),
  );
  const whole = fc.oneof(
    ...[pngPieces.map(pngOf), gifBlocks.map(gifOf), jpegPieces.map(jpegOf)],
    webpPieces.map((pieces) => webpOf(pieces)),
  );
  const damaged = fc
    .tuple(whole, fc.array(fc.tuple(fc.nat(5000), fc.nat(255)), { maxLength: 6 }), fc.nat(5000))
    .map(([picture, changes, length]) => {
      const bytes = Buffer.from(picture);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      return bytes.subarray(0, length);
    });
  const garbage = fc.tuple(start, fc.uint8Array({ maxLength: 3000 })).map((parts) => Buffer.concat(parts));
  fc.assert(
    fc.property(fc.oneof(garbage, damaged), (bytes) => {
      const before = Buffer.from(bytes);
      const made = withoutMetadata(bytes);
      expect(bytes.equals(before), 'what it was given stays as it was').toBe(true);
      expect(made === null || made.length < bytes.length).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

describe('real pictures', () => {
  const run = promisify(execFile);
  /** Every frame as somebody sees it. */
  async function framesOf(picture: Buffer, kind: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'magpie-frames-'));
    try {
      const path = join(folder, `a.${kind}`);
      await writeFile(path, picture);
      const format = kind === 'apng' ? ['-f', 'apng'] : [];
      return (await run(FFMPEG, ['-loglevel', 'error', ...format, '-i', path, '-f', 'framemd5', '-'])).stdout;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  async function animation(kind: 'gif' | 'apng'): Promise<Buffer> {
    const folder = await mkdtemp(join(tmpdir(), 'magpie-animation-'));
    try {
      const path = join(folder, `a.${kind}`);
      const source = ['-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=5:duration=1'];
      const loop = kind === 'apng' ? ['-plays', '0', '-f', 'apng'] : ['-loop', '0'];
      await run(FFMPEG, ['-loglevel', 'error', ...source, ...loop, path]);
      return await readFile(path);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  test('a GIF loses its comment and its XMP and plays as before', async () => {
    const plain = await animation('gif');
    const at = 13 + 3 * 2 ** (((plain[10] ?? 0) & 7) + 1) * ((plain[10] ?? 0) >> 7);
    const comment = Buffer.concat([Buffer.from([0x21, 0xfe]), gifPieces(Buffer.from(SECRET))]);
    const xmp = gifExtension(0xff, Buffer.from('XMP DataXMP'), Buffer.from(`<x:xmpmeta>${SECRET}`));
    const talkative = Buffer.concat([plain.subarray(0, at), comment, xmp, plain.subarray(at)]);
    const made = withoutMetadata(talkative);
    expect(made?.equals(plain)).toBe(true);
    expect(made?.includes('NETSCAPE2.0')).toBe(true);
    expect((await framesOf(plain, 'gif')).split('\n').length).toBeGreaterThan(6);
    expect(await framesOf(made ?? talkative, 'gif')).toBe(await framesOf(talkative, 'gif'));
  });

  test('an animated PNG loses what a camera wrote and plays as before', async () => {
    const talkative = withLateExif(await animation('apng'));
    const made = withoutMetadata(talkative) ?? talkative;
    expect(talkative.includes(CAMERA)).toBe(true);
    expect(made.includes(CAMERA)).toBe(false);
    expect(made.includes('acTL')).toBe(true);
    expect(await framesOf(made, 'apng')).toBe(await framesOf(talkative, 'apng'));
  });

  test('a photo loses its place; a picture that says nothing is left alone', async () => {
    const photo = await sidewaysPhoto(64, 48);
    const made = withoutMetadata(photo) ?? photo;
    expect([photo.includes(CAMERA), made.includes(CAMERA)]).toEqual([true, false]);
    expect(await framesOf(made, 'jpg')).toBe(await framesOf(photo, 'jpg'));
    expect(withoutMetadata(png(20, 20, [1, 2, 3]))).toBeNull();
  });
});
