import { nativeImage, type NativeImage } from 'electron';
import badges16 from '../../../resources/icons/tray/badges-16.png?asset';
import badges20 from '../../../resources/icons/tray/badges-20.png?asset';
import badges24 from '../../../resources/icons/tray/badges-24.png?asset';
import badges32 from '../../../resources/icons/tray/badges-32.png?asset';
import badges40 from '../../../resources/icons/tray/badges-40.png?asset';
import badges48 from '../../../resources/icons/tray/badges-48.png?asset';
import badges72 from '../../../resources/icons/tray/badges-72.png?asset';
import mark16 from '../../../resources/icons/tray/mark-16.png?asset';
import mark20 from '../../../resources/icons/tray/mark-20.png?asset';
import mark24 from '../../../resources/icons/tray/mark-24.png?asset';
import mark32 from '../../../resources/icons/tray/mark-32.png?asset';
import mark40 from '../../../resources/icons/tray/mark-40.png?asset';
import mark48 from '../../../resources/icons/tray/mark-48.png?asset';
import mark72 from '../../../resources/icons/tray/mark-72.png?asset';
import template from '../../../resources/icons/trayTemplate.png?asset';
import templateDouble from '../../../resources/icons/trayTemplate@2x.png?asset';
import { badgePlace, fade, layOver, sizeAt, type TrayLabel, type TraySize } from './tray-picture.ts';

const MARKS: Record<TraySize, string> = {
  16: mark16,
  20: mark20,
  24: mark24,
  32: mark32,
  40: mark40,
  48: mark48,
  72: mark72,
};
const BADGES: Record<TraySize, string> = {
  16: badges16,
  20: badges20,
  24: badges24,
  32: badges32,
  40: badges40,
  48: badges48,
  72: badges72,
};
const WINDOWS_SCALES = [1, 1.25, 1.5, 2, 2.5, 3];

/** Draws tray icons and keeps what was drawn: the same count comes again and again. */
export function createTrayDrawings() {
  const sheets = new Map<TraySize, NativeImage>();
  const drawn = new Map<string, NativeImage>();

  const badgeAt = (label: TrayLabel, size: TraySize): NativeImage | null => {
    const place = badgePlace(label, size);
    if (place === null) return null;
    let sheet = sheets.get(size);
    if (sheet === undefined) {
      sheet = nativeImage.createFromPath(BADGES[size]);
      sheets.set(size, sheet);
    }
    return sheet.crop({ ...place, width: size, height: size });
  };
  const bitmapAt = (label: TrayLabel, faded: boolean, size: TraySize): Buffer => {
    const mark = nativeImage.createFromPath(MARKS[size]).toBitmap();
    const base = faded ? fade(mark) : mark;
    const badge = badgeAt(label, size);
    return badge === null ? base : layOver(base, badge.toBitmap());
  };
  const draw = (label: TrayLabel, faded: boolean, scale: number): NativeImage => {
    if (process.platform === 'darwin') {
      // The system colours a template itself, so the count stands beside it as text.
      const image = nativeImage.createFromPath(template);
      image.addRepresentation({
        scaleFactor: 2,
        buffer: nativeImage.createFromPath(templateDouble).toPNG(),
      });
      image.setTemplateImage(true);
      return image;
    }
    if (process.platform === 'win32') {
      const image = nativeImage.createEmpty();
      for (const scaleFactor of WINDOWS_SCALES) {
        const size = sizeAt(16, scaleFactor);
        image.addRepresentation({
          scaleFactor,
          width: size,
          height: size,
          buffer: bitmapAt(label, faded, size),
        });
      }
      return image;
    }
    // A Linux panel gets one bitmap, and takes it as it is when it fits.
    const size = sizeAt(24, scale);
    return nativeImage.createFromBitmap(bitmapAt(label, faded, size), { width: size, height: size });
  };

  return {
    /** `faded` tells of a missing connection; `scale` is that of the screen. */
    icon(label: TrayLabel, faded: boolean, scale: number): NativeImage {
      const key = `${label}|${faded}|${scale}`;
      let image = drawn.get(key);
      if (image === undefined) {
        image = draw(label, faded, scale);
        drawn.set(key, image);
      }
      return image;
    },
    /** The number alone, for the corner of the taskbar button on Windows; null for none. */
    overlay: (label: TrayLabel): NativeImage | null => badgeAt(label, 32),
  };
}
export type TrayDrawings = ReturnType<typeof createTrayDrawings>;
