/** What a request asks for of a file by its `Range` header (RFC 9110, section 14). */

/** Both ends included. */
export interface ByteRange {
  start: number;
  end: number;
}

export type WantedBytes = ByteRange | 'all' | 'unsatisfiable';

/**
 * One range is answered. Several at once may be ignored, and what is damaged, or counts in other units, has to be.
 * @param size of the whole, bytes
 */
export function wantedBytes(header: string | null | undefined, size: number): WantedBytes {
  const [, first = '', last = ''] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/iu.exec(header ?? '') ?? [];
  if (first === '' && last === '') return 'all';
  if (first === '') {
    const length = Number(last);
    if (length === 0) return 'unsatisfiable';
    // Nothing is shorter than asked for, and no range says "nothing".
    return size === 0 ? 'all' : { start: Math.max(0, size - length), end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? Infinity : Number(last);
  if (end < start) return 'all';
  return start >= size ? 'unsatisfiable' : { start, end: Math.min(end, size - 1) };
}
