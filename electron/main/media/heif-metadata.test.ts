import { imageSize } from 'image-size';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { avif } from '../../../tests/helpers/files/avif.ts';
import { box, bytes, text, u32 } from '../../../tests/helpers/files/boxes.ts';
import { withoutMetadata } from './picture-metadata.ts';

const SECRET = '48.8584 N 2.2945 E';
const talkative = avif(SECRET);

test('Exif, XMP and what programs wrote are overwritten where they lie; nothing else changes its place', () => {
  expect(talkative.toString('latin1').split(SECRET), 'told three times').toHaveLength(4);
  const quiet = withoutMetadata(talkative);
  expect(quiet).toHaveLength(talkative.length);
  expect(quiet?.includes(SECRET)).toBe(false);
  expect(quiet?.includes('Exif')).toBe(false);
  expect(quiet?.includes('rdf+xml'), 'the list of items keeps its form').toBe(true);
  expect(imageSize(quiet ?? Buffer.alloc(0))).toMatchObject({ width: 64, height: 48 });
  // The frame and how it is coded, byte by byte.
  const plain = avif();
  const frame = plain.subarray(plain.indexOf('mdat') + 4);
  expect(quiet?.includes(frame)).toBe(true);
  expect(withoutMetadata(quiet ?? Buffer.alloc(0)), 'once is enough').toBeNull();
});

test('a picture that tells nothing stays as it is', () => {
  expect(withoutMetadata(avif())).toBeNull();
});

test('the tracks of an animation are quiet as well', () => {
  const head = talkative.indexOf('meta') - 4;
  const meta = talkative.subarray(head, head + talkative.readUInt32BE(head));
  // Its XMP lies in the box itself, so it is found wherever that box is.
  const track = box('moov', box('trak', meta, box('udta', Buffer.from(SECRET))));
  const moving = Buffer.concat([box('ftyp', Buffer.from('avis\0\0\0\0avifavis')), track]);
  expect(withoutMetadata(moving)?.includes(SECRET)).toBe(false);
});

test('what is damaged is neither longer nor an error', () => {
  fc.assert(
    fc.property(fc.nat(talkative.length - 1), fc.nat(255), fc.nat(talkative.length), (at, value, length) => {
      const damaged = Buffer.from(talkative.subarray(0, Math.max(24, length)));
      if (at >= 24) damaged[at] = value;
      expect(withoutMetadata(damaged)?.length ?? damaged.length).toBe(damaged.length);
    }),
    { numRuns: 500 },
  );
});

test('a made-up picture that tells the same bytes ever again costs no more than its length', () => {
  const again = 500;
  const whole = Array.from({ length: again }, () => [u32(0, 'BE'), u32(0xffffffff, 'BE')]).flat();
  const names = box('iinf', bytes('00000000 0001'), box('infe', bytes('02000000 0001 0000'), text('Exif\0')));
  const places = box('iloc', bytes('00000000 4400 0001 0001 0000 01f4'), ...whole);
  const meta = box('meta', Buffer.alloc(4), places, names);
  const tracks = Array.from({ length: 20 }, () => box('trak', meta));
  const head = box('ftyp', text('avif'), Buffer.alloc(4), text('avifmif1'));
  const hostile = Buffer.concat([head, meta, box('moov', ...tracks)]);

  let overwritten = 0;
  const fill = vi.spyOn(Buffer.prototype, 'fill').mockImplementation(function (
    this: Buffer,
    _value,
    from,
    end,
  ) {
    overwritten += Number(end) - Number(from);
    return this;
  });
  try {
    expect(withoutMetadata(hostile)).not.toBeNull();
  } finally {
    fill.mockRestore();
  }
  expect(overwritten).toBe(hostile.length);
});
