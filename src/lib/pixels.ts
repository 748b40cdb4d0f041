/** Pixels of pictures: to read codes out of them, and to cut pieces out. */

/** Larger pictures are drawn smaller: codes are made for cameras, not for print shops. */
const LONGEST_EDGE = 2_400;

/** A part of a picture, in its own pixels. */
export interface Region {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The pixels of a picture or of a part of it; throws where it is no picture. */
export async function pixelsOf(source: Blob, region?: Region): Promise<ImageData> {
  const bitmap = await createImageBitmap(source);
  try {
    const part = region ?? { x: 0, y: 0, width: bitmap.width, height: bitmap.height };
    const scale = Math.min(1, LONGEST_EDGE / Math.max(part.width, part.height));
    const width = Math.max(1, Math.round(part.width * scale));
    const height = Math.max(1, Math.round(part.height * scale));
    const context = new OffscreenCanvas(width, height).getContext('2d');
    if (context === null) throw new Error('no canvas');
    context.drawImage(bitmap, part.x, part.y, part.width, part.height, 0, 0, width, height);
    return context.getImageData(0, 0, width, height);
  } finally {
    bitmap.close();
  }
}

/** A piece of a picture, pixel by pixel, as PNG. */
export async function cutOut(source: Blob, { x, y, width, height }: Region): Promise<Blob> {
  const bitmap = await createImageBitmap(
    source,
    ...([x, y, width, height].map(Math.round) as [number, number, number, number]),
  );
  try {
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    return await canvas.convertToBlob({ type: 'image/png' });
  } finally {
    bitmap.close();
  }
}
