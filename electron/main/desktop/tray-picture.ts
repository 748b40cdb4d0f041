/** The tray icon, put together from a drawing of the mark and one of the number; plain bytes, no Electron. */

/** What the badge of the icon says; empty for no badge. */
export type TrayLabel = '' | 'dot' | `${number}` | '99+';

/** Badges in the order in which they lie in `badges-SIZE.png`, ten in a row. */
export const TRAY_LABELS: readonly TrayLabel[] = [
  'dot',
  ...Array.from({ length: 99 }, (_, index): TrayLabel => `${index + 1}`),
  '99+',
];
export const BADGES_PER_ROW = 10;

/** Edge lengths, in pixels, of which there are drawings: made for the pixel grid, so none of them is ever scaled. */
export const TRAY_SIZES = [16, 20, 24, 32, 40, 48, 72] as const;
export type TraySize = (typeof TRAY_SIZES)[number];

export function trayLabel(unread: number, hasQuietUnread: boolean): TrayLabel {
  if (unread > 99) return '99+';
  if (unread > 0) return `${unread}`;
  return hasQuietUnread ? 'dot' : '';
}

/** The smallest drawing that fills `points` at this scale. */
export function sizeAt(points: number, scale: number): TraySize {
  return TRAY_SIZES.find((size) => size >= Math.round(points * scale)) ?? 72;
}

/** Where a badge lies in its sheet; null for no badge. */
export function badgePlace(label: TrayLabel, size: TraySize): { x: number; y: number } | null {
  const index = TRAY_LABELS.indexOf(label);
  if (index < 0) return null;
  return { x: (index % BADGES_PER_ROW) * size, y: Math.floor(index / BADGES_PER_ROW) * size };
}

/** Lays one picture over another: premultiplied BGRA of the same size. */
export function layOver(base: Buffer, top: Buffer): Buffer {
  const result = Buffer.from(base);
  for (let at = 0; at < result.length; at += 4) {
    const through = 255 - (top[at + 3] ?? 0);
    for (let part = at; part < at + 4; part++)
      result[part] = Math.min(255, (top[part] ?? 0) + Math.round(((result[part] ?? 0) * through) / 255));
  }
  return result;
}

/** The same picture in grey and half as strong, for "not connected": premultiplied BGRA. */
export function fade(picture: Buffer): Buffer {
  const result = Buffer.alloc(picture.length);
  for (let at = 0; at < picture.length; at += 4) {
    const [blue, green, red, alpha] = [picture[at], picture[at + 1], picture[at + 2], picture[at + 3]];
    const grey = Math.round(((blue ?? 0) * 0.11 + (green ?? 0) * 0.59 + (red ?? 0) * 0.3) * 0.6);
    result.fill(grey, at, at + 3);
    result[at + 3] = Math.round((alpha ?? 0) * 0.6);
  }
  return result;
}
