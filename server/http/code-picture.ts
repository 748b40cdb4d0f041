/** QR codes as pictures. */
import { PNG } from 'pngjs';
import encode from 'qr';

/** Pixels of one module, and of the white edge in modules: what cameras of old telephones still read from a screen. */
const SCALE = 6;
const BORDER = 2;

/** A PNG of the code, in black on white. */
export function codePng(text: string): Buffer {
  const modules = encode(text, 'raw', { ecc: 'medium', border: BORDER, scale: SCALE });
  const picture = new PNG({ width: modules.length, height: modules.length });
  modules.flat().forEach((dark, at) => {
    const shade = dark ? 0 : 255;
    picture.data.set([shade, shade, shade, 255], at * 4);
  });
  return PNG.sync.write(picture, { colorType: 0 });
}
