import { expect, test } from 'vitest';
import { isDictionary, languagesOf } from './dictionaries.ts';

test('the languages of what lies in the folder, and nothing of what else does', () => {
  const files = [
    'en-US-10-1.bdic',
    'de-DE-3-0.bdic',
    'fr-3-0.bdic',
    'en-US-9-0.bdic',
    'README',
    '../en-GB-1-0.bdic',
  ];
  expect(languagesOf({ files })).toEqual(['de-DE', 'en-US', 'fr']);
  for (const answer of [null, [], 'x', { files: 'en-US-10-1.bdic' }, { files: [1] }])
    expect(languagesOf(answer)).toEqual([]);
  expect(isDictionary('en-US-10-1.bdic')).toBe(true);
  expect(isDictionary('en-US-10-1.bdic/../x')).toBe(false);
});
