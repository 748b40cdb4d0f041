import { expect, it } from 'vitest';
import { until } from './until.ts';

it('tries until there is something: nothing, an empty list and a failure are not yet', async () => {
  const outcomes = [
    () => null,
    () => [],
    () => {
      throw new Error('not now');
    },
    () => ['there'],
  ];
  expect(await until(() => outcomes.shift()?.(), { every: 1 })).toEqual(['there']);
  expect(outcomes).toEqual([]);
});

it('says what it waited for, and what came last', async () => {
  await expect(until(() => [], { timeout: 5, every: 1, what: 'a window' })).rejects.toThrow(
    /waiting for a window; last: \[\]/u,
  );
});
