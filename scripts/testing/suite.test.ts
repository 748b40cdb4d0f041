import { expect, it } from 'vitest';
import { problemOf } from './suite.ts';

it.each([
  ['a crash without a report', 1, undefined, 'ended with code 1 and left no report'],
  ['failed tests', 1, { passed: 4, failed: 2, skipped: 0 }, '2 failed'],
  [
    'an error outside all tests',
    1,
    { passed: 4, failed: 0, skipped: 0 },
    'ended with code 1 although no test failed',
  ],
  ['a run of nothing', 0, { passed: 0, failed: 0, skipped: 7 }, 'executed no test'],
  ['success', 0, { passed: 4, failed: 0, skipped: 1 }, undefined],
])('judges %s', (_name, code, counts, expected) => {
  expect(problemOf(code, counts)).toBe(expected);
});
