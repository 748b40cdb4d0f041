import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wantedBytes } from './byte-range.ts';

test.each([
  ['bytes=0-3', { start: 0, end: 3 }],
  ['bytes=4-', { start: 4, end: 9 }],
  ['bytes=-3', { start: 7, end: 9 }],
  ['bytes=8-20', { start: 8, end: 9 }],
  ['bytes=9-9', { start: 9, end: 9 }],
  ['BYTES= 1-2 ', { start: 1, end: 2 }],
  ['bytes=0-99999999999999999999999', { start: 0, end: 9 }],
  // Longer than all of it: all of it.
  ['bytes=-20', { start: 0, end: 9 }],
  ['bytes=10-', 'unsatisfiable'],
  ['bytes=10-12', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  // The end before the beginning is no range at all.
  ['bytes=5-2', 'all'],
  ['bytes=-', 'all'],
  ['bytes=', 'all'],
  ['bytes', 'all'],
  ['', 'all'],
  ['pages=1-2', 'all'],
  ['bytes=1-2,4-5', 'all'],
  ['bytes=0x1-2', 'all'],
  ['bytes=1.0-2', 'all'],
  ['bytes=--1', 'all'],
  ['bytes=+1-2', 'all'],
  ['bytes=1 -2', 'all'],
] as const)('of ten bytes, %s', (header, wanted) => {
  expect(wantedBytes(header, 10)).toEqual(wanted);
});

test('of nothing there is no part', () => {
  expect(['bytes=0-', 'bytes=-1', 'bytes=0-0', null].map((header) => wantedBytes(header, 0))).toEqual([
    'unsatisfiable',
    'all',
    'unsatisfiable',
    'all',
  ]);
});

test('whatever somebody writes, a part lies within', () => {
  const sign = fc.constantFrom(...'bytes=0123456789-,; \txX.+é'.split(''));
  const header = fc.oneof(
    fc.string(),
    fc.string({ unit: sign }),
    fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `bytes=${a}-${b}`),
  );
  fc.assert(
    fc.property(header, fc.nat(2000), (text, size) => {
      const wanted = wantedBytes(text, size);
      if (typeof wanted === 'string') return;
      expect(wanted.start).toBeGreaterThanOrEqual(0);
      expect(wanted.end).toBeGreaterThanOrEqual(wanted.start);
      expect(wanted.end).toBeLessThan(size);
    }),
    { numRuns: 2000 },
  );
});
