/**
 * What HEIC and AVIF tell beside their look (ISO/IEC 23008-12). Their boxes point to each other by places in the file, so nothing is cut
 * out: what tells is overwritten with zeros where it lies, and gets a name that readers pass over.
 *
 * - Items: `Exif`, and documents (`mime`, which is XMP, and `uri `), of the picture and of the tracks of an animation.
 * - Boxes of programs: `uuid`, `udta`, and what lies in free room.
 */

interface Span {
  from: number;
  end: number;
}
/** From and to where its content is. */
interface Box extends Span {
  type: string;
  /** Where its type is written. */
  name: number;
}

const PICTURE = /^(?:avif|avis|mif1|msf1|hei[cmsx]|hev[cmsx])$/u;
/** The name of what is nothing. */
const NOTHING = 'free';
const TELLS = new Set(['Exif', 'mime', 'uri ']);
const OF_PROGRAMS = new Set(['uuid', 'udta', 'free', 'skip']);
const HOLDS_MORE = new Set(['moov', 'trak']);

/** By its first box, which names the standards that it follows. */
export function isHeif(picture: Buffer): boolean {
  const [first] = boxesIn(picture, 0, picture.length);
  if (first?.type !== 'ftyp') return false;
  const brands = picture.toString('latin1', first.from, first.end).match(/[^]{4}/gu) ?? [];
  return brands.some((brand) => PICTURE.test(brand));
}

/** @returns null when nothing has to go */
export function withoutHeifMetadata(picture: Buffer): Buffer<ArrayBuffer> | null {
  const quiet = Buffer.from(picture);
  const told: Span[] = [];
  quietBoxes(quiet, told, 0, quiet.length);
  // The same bytes may be told any number of times, by any number of tracks; they are overwritten once.
  let done = 0;
  for (const { from, end } of told.sort((one, other) => one.from - other.from)) {
    if (end > done) quiet.fill(0, Math.max(from, done), end);
    done = Math.max(done, end);
  }
  return quiet.equals(picture) ? null : quiet;
}

/**
 * @param told where items tell something; the boxes are read to their end before that is overwritten
 * @param depth of boxes that may hold more: a track lies in the second
 */
function quietBoxes(picture: Buffer, told: Span[], from: number, end: number, depth = 2): void {
  for (const box of boxesIn(picture, from, end)) {
    if (box.type === 'meta') quietItems(picture, told, box);
    else if (HOLDS_MORE.has(box.type) && depth > 0) quietBoxes(picture, told, box.from, box.end, depth - 1);
    else if (OF_PROGRAMS.has(box.type)) {
      picture.write(NOTHING, box.name, 'latin1');
      picture.fill(0, box.from, box.end);
    }
  }
}

/** The boxes one after another; a damaged one is the last. */
function boxesIn(picture: Buffer, from: number, end: number): Box[] {
  const boxes: Box[] = [];
  for (let at = from; at + 8 <= end;) {
    const short = picture.readUInt32BE(at);
    const isLong = short === 1;
    if (isLong && at + 16 > end) break;
    // None: up to the end.
    const size = isLong ? Number(picture.readBigUInt64BE(at + 8)) : short === 0 ? end - at : short;
    const head = isLong ? 16 : 8;
    if (size < head || at + size > end) break;
    const type = picture.toString('latin1', at + 4, at + 8);
    boxes.push({ type, name: at + 4, from: at + head, end: at + size });
    at += size;
  }
  return boxes;
}

/** Items and where their bytes are: in the file (0) or in a box beside (1). */
function quietItems(picture: Buffer, told: Span[], meta: Box): void {
  const parts = boxesIn(picture, meta.from + 4, meta.end);
  const [names, places, beside] = ['iinf', 'iloc', 'idat'].map((type) =>
    parts.find((box) => box.type === type),
  );
  const telling = names === undefined ? new Set<number>() : quietNames(picture, names);
  if (places === undefined || telling.size === 0) return;
  for (const { item, method, from, size } of placesOf(picture, places)) {
    if (!telling.has(item)) continue;
    const start = method === 0 ? from : method === 1 && beside !== undefined ? beside.from + from : null;
    if (start !== null && start < picture.length)
      told.push({ from: start, end: Math.min(picture.length, start + size) });
  }
  for (const { type, from, end } of parts) if (OF_PROGRAMS.has(type)) picture.fill(0, from, end);
}

/** @returns numbers of the items that tell something; they are called nothing from now on */
function quietNames(picture: Buffer, { from, end }: Box): Set<number> {
  const told = new Set<number>();
  const count = picture[from] === 0 ? 2 : 4;
  for (const item of boxesIn(picture, from + 4 + count, end)) {
    const version = picture[item.from];
    // Older forms have no types.
    if (item.type !== 'infe' || (version !== 2 && version !== 3)) continue;
    const wide = version === 3 ? 4 : 2;
    const type = item.from + 4 + wide + 2;
    if (type + 4 > item.end || !TELLS.has(picture.toString('latin1', type, type + 4))) continue;
    told.add(picture.readUIntBE(item.from + 4, wide));
    picture.write(NOTHING, type, 'latin1');
  }
  return told;
}

interface Place {
  item: number;
  method: number;
  from: number;
  size: number;
}

function placesOf(picture: Buffer, { from, end }: Box): Place[] {
  const places: Place[] = [];
  let at = from;
  const read = (bytes: number): number => {
    if (bytes === 0) return 0;
    if (at + bytes > end) throw new RangeError('it ends before');
    at += bytes;
    return bytes === 8 ? Number(picture.readBigUInt64BE(at - 8)) : picture.readUIntBE(at - bytes, bytes);
  };
  try {
    const version = read(1);
    read(3);
    const widths = read(2);
    const width = (bits: number) => (widths >> bits) & 15;
    const [offset, length, base, index] = [width(12), width(8), width(4), width(0)];
    // Then no place is told, however many there are said to be.
    if (offset + length === 0) return [];
    const wide = version < 2 ? 2 : 4;
    for (let items = read(wide); items > 0; items--) {
      const item = read(wide);
      const method = version === 0 ? 0 : read(2) & 15;
      read(2);
      const start = read(base);
      for (let extents = read(2); extents > 0; extents--) {
        if (version > 0) read(index);
        const place = start + read(offset);
        places.push({ item, method, from: place, size: read(length) });
      }
    }
  } catch {
    // Damaged: what was understood until here.
  }
  return places;
}
