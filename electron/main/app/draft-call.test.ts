import { expect, test } from 'vitest';
import { createFakeClock } from '../support/fake-clock.ts';
import { createDraftCall } from './draft-call.ts';

const setUp = (ids: number[]) => {
  const clock = createFakeClock();
  let asked = 0;
  const call = createDraftCall({ clock, patience: 400, windowIds: () => ids, ask: () => (asked += 1) });
  const isDone = async (promise: Promise<void>) =>
    Promise.race([
      promise.then(() => true),
      new Promise<false>((settle) => setImmediate(() => settle(false))),
    ]);
  return { clock, call, isDone, asked: () => asked };
};

test('every window is waited for', async () => {
  const { call, isDone, asked } = setUp([1, 2]);
  const stored = call.store();
  call.ready(1);
  expect(await isDone(stored)).toBe(false);
  // Nobody knows this one.
  call.ready(7);
  call.ready(2);
  expect(await isDone(stored)).toBe(true);
  expect(asked()).toBe(1);
});

test('one that hangs, for a moment only', async () => {
  const { call, clock, isDone } = setUp([1]);
  const stored = call.store();
  clock.advance(399);
  expect(await isDone(stored)).toBe(false);
  clock.advance(1);
  expect(await isDone(stored)).toBe(true);
  const again = call.store();
  call.ready(1);
  expect(await isDone(again)).toBe(true);
  expect(clock.planned).toBe(0);
});

test('without windows there is nothing to wait for', async () => {
  const { call, isDone, asked } = setUp([]);
  expect(await isDone(call.store())).toBe(true);
  expect(asked()).toBe(0);
});
