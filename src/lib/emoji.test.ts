import { expect, test } from 'vitest';
import { inTone, loadEmoji, searchEmoji } from './emoji.ts';

test('emoji are found by words of both languages, the best first', async () => {
  const all = await loadEmoji();
  expect(all.length).toBeGreaterThan(1800);
  const first = (question: string, count = 8) =>
    searchEmoji(all, question)
      .slice(0, count)
      .map(({ char }) => char);
  expect(first('thumbs up', 1)).toEqual(['👍️']);
  expect(first('cat', 1)).toEqual(['🐈️']);
  expect(first('心')).toContain('❤️');
  expect(first('大笑')).toContain('😂');
  expect(first('生日').join('')).toContain('🎂');
  expect(first('red heart', 1)).toEqual(['❤️']);
  expect(searchEmoji(all, 'no such thing at all')).toEqual([]);
  expect(searchEmoji(all, '  ')).toEqual([]);
});

test('each has a name in both languages, and skin tones where Unicode has them', async () => {
  const all = await loadEmoji();
  expect(all.filter(({ label }) => label.en === '' || label['zh-CN'] === '')).toEqual([]);
  const wave = all.find(({ label }) => label.en === 'waving hand');
  expect(wave && [inTone(wave, 0), inTone(wave, 1), inTone(wave, 5)]).toEqual(['👋', '👋🏻', '👋🏿']);
  const cake = all.find(({ char }) => char === '🎂');
  expect(cake && inTone(cake, 3)).toBe('🎂');
});
