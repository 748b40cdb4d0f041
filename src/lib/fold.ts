/** Long texts are drawn in part until somebody asks for all: they would push everything else out of sight. */

const MOST_CHARACTERS = 2_000;
const MOST_LINES = 40;

/** The beginning to draw, or null when the whole text is short enough. */
export function folded(text: string): string | null {
  let end = Math.min(text.length, MOST_CHARACTERS);
  let line = -1;
  for (let count = 0; count < MOST_LINES; count++) {
    line = text.indexOf('\n', line + 1);
    if (line < 0 || line >= end) break;
    if (count === MOST_LINES - 1) end = line;
  }
  if (end === text.length) return null;
  // Never half of a character that takes two places.
  if (/[\ud800-\udbff]/u.test(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
