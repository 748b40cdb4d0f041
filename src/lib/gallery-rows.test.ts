import fc from 'fast-check';
import { expect, test } from 'vitest';
import { galleryRows } from './gallery-rows.ts';
import { makeMessage } from './messages.fixture.ts';

const monthOf = (time: number): string => `${new Date(time).getFullYear()}-${new Date(time).getMonth()}`;

test('every picture is there once, newest first, and no row mixes months', () => {
  const times = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 60 });
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 5 }), (days, columns) => {
      const messages = days
        .toSorted((a, b) => a - b)
        .map((day, index) =>
          makeMessage({ id: `m${index}`, createdAt: Date.UTC(2025, 0, 1, 12) + day * 86_400_000 }),
        );
      const rows = galleryRows(messages, columns);
      const shown = rows.flatMap((row) => (row.kind === 'pictures' ? row.messages : []));
      expect(shown.map(({ id }) => id)).toEqual(messages.toReversed().map(({ id }) => id));
      let month = '';
      for (const row of rows) {
        if (row.kind === 'month') {
          expect(monthOf(row.time)).not.toBe(month);
          month = monthOf(row.time);
          continue;
        }
        expect(row.messages.length).toBeGreaterThan(0);
        expect(row.messages.length).toBeLessThanOrEqual(columns);
        expect(new Set(row.messages.map(({ createdAt }) => monthOf(createdAt)))).toEqual(new Set([month]));
      }
      expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
    }),
  );
});
