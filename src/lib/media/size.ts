/** Sizes as people read them: `1.4 MB`, with units of a thousand as file managers have them. */
export function readableSize(bytes: number, locale: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  let value = bytes;
  let index = 0;
  while (value >= 999.5 && index < units.length - 1) {
    value /= 1000;
    index += 1;
  }
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: units[index],
    // The short name of a byte has no plural.
    unitDisplay: index === 0 ? 'long' : 'short',
    maximumFractionDigits: value < 10 && index > 0 ? 1 : 0,
  }).format(value);
}

/** `1:05`, `1:02:03`. */
export function readableDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const end = String(seconds % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${end}` : `${minutes}:${end}`;
}

/** Room that a picture takes in a bubble: known before it is loaded, so that nothing moves. Pixels. */
export function fittedSize(width: number, height: number): { width: number; height: number } {
  const [widest, tallest, least] = [320, 320, 72];
  // A picture whose size nobody told gets a square; it is drawn inside of it.
  if (width <= 0 || height <= 0) return { width: 240, height: 240 };
  const scale = Math.min(1, widest / width, tallest / height);
  return {
    width: Math.max(least, Math.round(width * scale)),
    height: Math.max(least, Math.round(height * scale)),
  };
}
