import { expect, test } from 'vitest';
import { createFakeClock } from '../support/fake-clock.ts';
import { firstPicture } from './first-picture.ts';

/** Whether it has settled by now. */
async function hasSettled(promise: Promise<void>): Promise<boolean> {
  return Promise.race([
    promise.then(() => true),
    new Promise<false>((resolve) => setImmediate(resolve, false)),
  ]);
}

test('nothing else begins before the page says that it has drawn', async () => {
  const clock = createFakeClock();
  const picture = firstPicture(clock);
  clock.advance(1_900);
  expect(await hasSettled(picture.seen)).toBe(false);
  picture.tell();
  expect(await hasSettled(picture.seen)).toBe(true);
  // A page that is loaded anew says it again.
  picture.tell();
  expect(clock.planned).toBe(0);
});

test('a page that hangs does not keep the app from receiving', async () => {
  const clock = createFakeClock();
  const picture = firstPicture(clock);
  clock.advance(2_000);
  expect(await hasSettled(picture.seen)).toBe(true);
});
