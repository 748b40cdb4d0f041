/** One way of comparing texts for everybody who searches in messages or marks what was found. */

/** Without differences of case and of width: `ＡＢＣ` and `abc` are one. */
export function foldedForSearch(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** @param wanted a result of {@link foldedForSearch} */
export function containsFolded(text: string, wanted: string): boolean {
  return wanted !== '' && foldedForSearch(text).includes(wanted);
}

/**
 * Cuts a text into what was found and what stands between, in order; joined they are the text. Where folding changes
 * lengths (`ﬁ` is one character, its folded form two), whole characters of the text are taken.
 */
export function markFound(text: string, query: string): { text: string; found: boolean }[] {
  const wanted = foldedForSearch(query);
  if (wanted === '') return [{ text, found: false }];
  // For every character of the folded text the place in the original where it comes from.
  const places: number[] = [];
  let folded = '';
  let at = 0;
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) {
    const one = foldedForSearch(segment);
    for (let index = 0; index < one.length; index++) places.push(at);
    folded += one;
    at += segment.length;
  }
  places.push(text.length);
  const parts: { text: string; found: boolean }[] = [];
  let from = 0;
  for (let hit = folded.indexOf(wanted); hit >= 0; hit = folded.indexOf(wanted, hit + wanted.length)) {
    const begin = places[hit]!;
    let end = hit + wanted.length;
    // The character in which it ends is marked whole.
    while (end < places.length - 1 && places[end] === places[end - 1]) end++;
    const to = places[end]!;
    if (begin < from) continue;
    if (begin > from) parts.push({ text: text.slice(from, begin), found: false });
    parts.push({ text: text.slice(begin, to), found: true });
    from = to;
  }
  if (from < text.length || parts.length === 0) parts.push({ text: text.slice(from), found: false });
  return parts;
}
