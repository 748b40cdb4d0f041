/** AVIF, put together by hand: neither ffmpeg of the tests nor the platform writes it. */
import { box, bytes, text, u32 } from './boxes.ts';

export const AVIF_SIZE = { width: 64, height: 48 } as const;
/** How its AV1 is coded. */
const CONFIG = '81000c00 0a0a00000002aff7bfff3008';
/** One purple frame of AV1, by libaom. */
const FRAME = '0a0a00000002aff7bfff3008 32171001 8f80000300000000 0000ebc7b0a6a80a fee4b1a140';

const NONE = Buffer.alloc(4);
const u16 = (value: number) => Buffer.from([value >> 8, value & 0xff]);
/** An entry of the list of items. */
const item = (id: number, type: string, more = '') =>
  box('infe', bytes('02000000'), u16(id), u16(0), text(`${type}\0${more}`));

/** @param told what is said beside the look: as Exif behind the picture, as XMP in the head, and in a box of a program */
export function avif(told?: string): Buffer {
  const { width, height } = AVIF_SIZE;
  const picture = bytes(FRAME);
  const exif = told === undefined ? null : Buffer.concat([NONE, text(`MM\0*${told}`)]);
  const xmp = text(`<x:xmpmeta>${told ?? ''}</x:xmpmeta>`);
  const items = [item(1, 'av01')];
  if (exif !== null) items.push(item(2, 'Exif'), item(3, 'mime', 'application/rdf+xml\0'));
  /** Version 1, offsets and lengths of four bytes, one extent each. */
  const place = (id: number, method: number, from: number, size: number) =>
    Buffer.concat([u16(id), u16(method), u16(0), u16(1), u32(from, 'BE'), u32(size, 'BE')]);
  const head = (from: number) => {
    const places = [place(1, 0, from, picture.length)];
    if (exif !== null)
      places.push(place(2, 0, from + picture.length, exif.length), place(3, 1, 0, xmp.length));
    return Buffer.concat([
      box('ftyp', text('avif'), NONE, text('avifmif1miaf')),
      box(
        'meta',
        NONE,
        box('hdlr', NONE, NONE, text('pict'), Buffer.alloc(13)),
        box('pitm', NONE, u16(1)),
        box('iloc', bytes('01000000 4400'), u16(places.length), ...places),
        box('iinf', NONE, u16(items.length), ...items),
        box(
          'iprp',
          box(
            'ipco',
            box('ispe', NONE, u32(width, 'BE'), u32(height, 'BE')),
            box('pixi', NONE, bytes('03080808')),
            box('av1C', bytes(CONFIG)),
          ),
          box('ipma', NONE, bytes('00000001 0001 03 01 02 83')),
        ),
        ...(exif === null ? [] : [box('idat', xmp)]),
      ),
      ...(told === undefined ? [] : [box('uuid', Buffer.alloc(16, 7), text(told))]),
    ]);
  };
  const content = exif === null ? picture : Buffer.concat([picture, exif]);
  return Buffer.concat([head(head(0).length + 8), box('mdat', content)]);
}

/** The same under the names of a photo of a phone; the platform of the tests has no decoder for one. */
export function heic(told: string): Buffer {
  const names = { avif: 'heic', av01: 'hvc1', av1C: 'hvcC' };
  let photo = avif(told).toString('latin1');
  for (const [name, other] of Object.entries(names)) photo = photo.replaceAll(name, other);
  return Buffer.from(photo, 'latin1');
}
