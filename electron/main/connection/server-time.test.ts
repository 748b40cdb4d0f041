import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFakeClock } from '../support/fake-clock.ts';
import { CLOCK_TOLERANCE, createServerTime } from './server-time.ts';

const HOUR = 3_600_000;

function heardOf() {
  const clock = createFakeClock();
  const offs: number[] = [];
  return { clock, offs, time: createServerTime({ clock, onClockOff: (by) => void offs.push(by) }) };
}

test('until the server was heard, this computer tells the time', () => {
  const { clock, time } = heardOf();
  expect(time.now()).toBe(clock.now());
});

test('a clock that is off is told once, with how far and in which direction', () => {
  const { clock, offs, time } = heardOf();
  time.heard(clock.now() - 2 * HOUR, 0);
  time.heard(clock.now() - 2 * HOUR, 0);
  expect(offs).toEqual([2 * HOUR]);
  const slow = heardOf();
  slow.time.heard(slow.clock.now() + HOUR, 0);
  expect(slow.offs).toEqual([-HOUR]);
});

test('a second of the header and the way of the answer are no reason for a hint', () => {
  const { clock, offs, time } = heardOf();
  time.heard(clock.now() - CLOCK_TOLERANCE + 1_000, 0);
  time.heard(clock.now() - 3 * HOUR, 60_000);
  time.heard(Number.NaN, 0);
  expect(offs).toEqual([]);
});

test('whatever is done to the clock of the computer, the server’s time goes on', () => {
  const step = fc.oneof(
    fc.record({ pass: fc.integer({ min: 0, max: HOUR }) }),
    fc.record({ set: fc.integer({ min: -48 * HOUR, max: 48 * HOUR }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { clock, time } = heardOf();
      let server = clock.now() + 5 * HOUR;
      time.heard(server, 0);
      for (const one of steps) {
        if ('set' in one) clock.set(one.set);
        else {
          clock.advance(one.pass);
          server += one.pass;
        }
        expect(time.now()).toBe(server);
      }
    }),
  );
});
