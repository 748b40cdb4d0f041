import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { containsFolded, foldedForSearch, markFound } from './search-text.ts';

describe('found texts', () => {
  test('case and width make no difference, in any script', () => {
    expect(containsFolded('Ünser ＡＢＣ 群聊', foldedForSearch('abc'))).toBe(true);
    expect(containsFolded('ПРИВЕТ', foldedForSearch('привет'))).toBe(true);
    expect(containsFolded('今天下雨', foldedForSearch('雨'))).toBe(true);
    expect(containsFolded('今天下雨', foldedForSearch('雪'))).toBe(false);
    expect(containsFolded('anything', foldedForSearch(''))).toBe(false);
  });

  test('what is marked is what was found, and nothing of the text is lost', () => {
    expect(markFound('Rain, rain, 雨', 'rain')).toEqual([
      { text: 'Rain', found: true },
      { text: ', ', found: false },
      { text: 'rain', found: true },
      { text: ', 雨', found: false },
    ]);
    expect(markFound('ﬁne', 'f')).toEqual([
      { text: 'ﬁ', found: true },
      { text: 'ne', found: false },
    ]);
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        fc.string({ unit: 'grapheme', maxLength: 3 }),
        (text, query) => {
          const parts = markFound(text, query);
          expect(parts.map((part) => part.text).join('')).toBe(text);
        },
      ),
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), fc.string({ minLength: 1, maxLength: 3 }), (text, query) => {
        expect(markFound(text, query).some(({ found }) => found)).toBe(
          containsFolded(text, foldedForSearch(query)),
        );
      }),
    );
  });
});
