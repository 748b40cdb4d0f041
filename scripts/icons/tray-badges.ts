import { Resvg } from '@resvg/resvg-js';
import { BADGES_PER_ROW, TRAY_LABELS, type TrayLabel } from '../../electron/main/desktop/tray-picture.ts';

/** Comes with the packages for a desktop without a screen, so that every machine draws the same digits. */
const font = { file: '/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf', family: 'DejaVu Sans' };
const red = '#dc2626';
const grey = '#6b7280';

/**
 * All badges of the tray icon for icons of this size, in one picture. Edges lie on whole pixels: a badge that is made
 * for another size and scaled is a smudge.
 *
 * @param size edge of one icon in pixels
 * @returns a PNG
 */
export function badgeSheet(size: number): Buffer {
  const rows = Math.ceil(TRAY_LABELS.length / BADGES_PER_ROW);
  const badges = TRAY_LABELS.map((label, index) => {
    const [column, row] = [index % BADGES_PER_ROW, Math.floor(index / BADGES_PER_ROW)];
    return `<g transform="translate(${column * size} ${row * size})">${badge(label, size)}</g>`;
  });
  const [width, height] = [size * BADGES_PER_ROW, size * rows];
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${badges.join('')}</svg>`;
  return new Resvg(drawing, {
    font: { fontFiles: [font.file], loadSystemFonts: false, defaultFontFamily: font.family },
  })
    .render()
    .asPng();
}

function badge(label: TrayLabel, size: number): string {
  const edge = Math.max(1, Math.round(size / 24));
  if (label === 'dot') {
    const radius = Math.round(size / 6);
    const centre = size - radius - edge;
    return `<circle cx="${centre}" cy="${centre}" r="${radius}" fill="${grey}" stroke="#fff" stroke-width="${edge}"/>`;
  }
  const height = Math.round(size * 0.58);
  const width = Math.min(size, Math.max(height, Math.round(size * [0, 0.58, 0.84, 1][label.length]!)));
  const [x, y] = [size - width, size - height];
  // Three characters have the room of two.
  const fontSize = Math.round(size * [0, 0.56, 0.52, 0.42][label.length]!);
  const baseline = y + height / 2 + fontSize * 0.365;
  return (
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${height / 2}" fill="${red}"/>` +
    `<text x="${x + width / 2}" y="${baseline}" fill="#fff" font-family="${font.family}" font-weight="bold" ` +
    `font-size="${fontSize}" letter-spacing="${label.length > 1 ? -size / 48 : 0}" text-anchor="middle">${label}</text>`
  );
}
