/** The three formats in which the protocol writes times (quirk Q26). */

/** `YYYY-MM-DD HH:mm:ss` in the server's own time zone. */
export function localTime(milliseconds: number): string {
  const date = new Date(milliseconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

export function isoTime(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}

/** ISO with whole seconds: what a column of the original's database keeps. */
export function isoSeconds(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(Math.floor(milliseconds / 1000) * 1000).toISOString();
}
