import fc from 'fast-check';
import { expect, it } from 'vitest';
import { folded } from './fold.ts';

it('leaves alone what fits', () => {
  expect(folded('')).toBeNull();
  expect(folded('x'.repeat(2_000))).toBeNull();
  expect(folded(Array(40).fill('line').join('\n'))).toBeNull();
});

it('shows the beginning of what is too long or has too many lines', () => {
  expect(folded('x'.repeat(2_001))).toBe('x'.repeat(2_000));
  expect(folded(Array(41).fill('line').join('\n'))).toBe(Array(40).fill('line').join('\n'));
  expect(folded(`${'x'.repeat(1_999)}😀`)).toBe('x'.repeat(1_999));
});

it('is always a bounded beginning', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '\n', '😀'), maxLength: 4_000, size: 'max' }),
      (text) => {
        const part = folded(text);
        const shown = part ?? text;
        expect(text.startsWith(shown)).toBe(true);
        expect(shown.length).toBeLessThanOrEqual(2_000);
        expect(shown.split('\n').length).toBeLessThanOrEqual(40);
        expect(shown).not.toMatch(/[\ud800-\udfff]/u);
        if (part !== null) expect(part.length).toBeLessThan(text.length);
      },
    ),
  );
});
