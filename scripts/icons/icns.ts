/** The image types of Apple's icon container that hold a PNG, by the picture's width in pixels. */
const typesByWidth: ReadonlyMap<number, readonly string[]> = new Map([
  [16, ['icp4']],
  [32, ['icp5', 'ic11']],
  [64, ['icp6', 'ic12']],
  [128, ['ic07']],
  [256, ['ic08', 'ic13']],
  [512, ['ic09', 'ic14']],
  [1024, ['ic10']],
]);
const headerBytes = 8;

/** The widths, in pixels, that an icon for macOS consists of. */
export const icnsWidths: readonly number[] = [...typesByWidth.keys()];

/**
 * Packs PNG files into one `.icns` file. The container is only a list of typed, length-prefixed blocks, and the
 * packages that write it want native programs or no longer run.
 *
 * @param pngByWidth one file for each of {@link icnsWidths}
 * @throws when one is missing
 */
export function packIcns(pngByWidth: ReadonlyMap<number, Buffer>): Buffer {
  const blocks = [...typesByWidth].flatMap(([width, types]) => {
    const png = pngByWidth.get(width);
    if (!png) throw new Error(`no picture of ${width} pixels`);
    return types.map((type) => block(type, png));
  });
  return block('icns', Buffer.concat(blocks));
}

function block(type: string, content: Buffer): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.write(type, 0, 'ascii');
  header.writeUInt32BE(headerBytes + content.length, 4);
  return Buffer.concat([header, content]);
}
