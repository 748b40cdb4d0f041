import { expect, test } from 'vitest';
import { createFakeClock } from '../support/fake-clock.ts';
import { BLINK_EVERY, BLINK_FOR, createBlink } from './blink.ts';

const setUp = () => {
  const clock = createFakeClock();
  const seen: boolean[] = [];
  const blink = createBlink({ clock, onChange: () => seen.push(blink.dark) });
  return { clock, blink, seen };
};

test('off and on in turn, at rest after a while, with the badge on', () => {
  const { clock, blink, seen } = setUp();
  blink.start();
  clock.advance(BLINK_FOR + 10 * BLINK_EVERY);
  expect(seen.length).toBeGreaterThanOrEqual(BLINK_FOR / BLINK_EVERY);
  expect(seen.slice(0, 4)).toEqual([true, false, true, false]);
  expect(seen.at(-1)).toBe(false);
  expect(clock.planned).toBe(0);
});

test('stopped, it stays on', () => {
  const { clock, blink, seen } = setUp();
  blink.start();
  clock.advance(1);
  expect(blink.dark).toBe(true);
  blink.stop();
  expect(blink.dark).toBe(false);
  const before = seen.length;
  clock.advance(BLINK_FOR);
  blink.stop();
  expect(seen.length).toBe(before);
});

test('begun once more it goes on in its rhythm', () => {
  const { clock, blink, seen } = setUp();
  blink.start();
  clock.advance(BLINK_FOR / 2);
  const half = seen.length;
  blink.start();
  clock.advance(BLINK_FOR * 2);
  expect(seen.length - half).toBeGreaterThanOrEqual(BLINK_FOR / BLINK_EVERY);
  expect(clock.planned).toBe(0);
});
