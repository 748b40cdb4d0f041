/** QR codes as pictures: drawn from text, and read out of pixels. */
import encode from 'qr';
import decode from 'qr/decode.js';

/** A picture of the code as a data address, sharp at any size. */
export function codePicture(text: string): string {
  const svg = encode(text, 'svg', { ecc: 'medium', border: 2 });
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}

/** Milliseconds to look for a code in one picture. */
const PATIENCE = 1_500;

/** The text of the code in a picture; null when there is none that can be read. */
export function readCode(pixels: { data: Uint8ClampedArray; width: number; height: number }): string | null {
  try {
    return decode(pixels, { format: 'RGBA', timeLimit: PATIENCE, effort: 4 });
  } catch {
    return null;
  }
}
