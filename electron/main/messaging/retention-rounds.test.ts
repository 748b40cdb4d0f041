import { expect, test } from 'vitest';
import { noChanges } from '../history/history.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { silentLogger } from '../support/logger.ts';
import { AFTER_CHANGE, createRetentionRounds, FIRST_ROUND, ROUND_EVERY } from './retention-rounds.ts';

const DAY = 86_400_000;

function rounds(days: number, left: number) {
  const clock = createFakeClock();
  const state = { days, left, heard: true, asked: [] as number[] };
  const retention = createRetentionRounds({
    history: {
      expire: async ({ before, limit }) => {
        state.asked.push(before);
        const removed = Math.min(limit, state.left);
        state.left -= removed;
        return { value: { removed }, changes: noChanges() };
      },
    },
    clock,
    logger: silentLogger,
    keepDays: () => state.days,
    now: () => (state.heard ? clock.now() : null),
    onChanges: () => undefined,
  });
  const pass = async (milliseconds: number) => {
    clock.advance(milliseconds);
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  };
  return { clock, state, retention, pass };
}

test('in steps until nothing is left, and again after a while', async () => {
  const { clock, state, retention, pass } = rounds(30, 1_200);
  retention.start();
  await pass(FIRST_ROUND);
  expect([state.left, state.asked.length]).toEqual([0, 3]);
  expect(state.asked[0]).toBe(clock.now() - 30 * DAY);
  await pass(ROUND_EVERY);
  expect(state.asked).toHaveLength(4);
  retention.stop();
  await pass(10 * ROUND_EVERY);
  expect(state.asked).toHaveLength(4);
});

test('nothing goes while everything is kept, or before the server said what time it is', async () => {
  const { state, retention, pass } = rounds(0, 10);
  retention.start();
  await pass(FIRST_ROUND);
  state.heard = false;
  state.days = 90;
  retention.soon();
  await pass(AFTER_CHANGE);
  expect(state.asked).toEqual([]);
  state.heard = true;
  await pass(FIRST_ROUND);
  expect(state.left).toBe(0);
});
