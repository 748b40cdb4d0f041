/** Clocks are wrong, are set, and stand still while a computer sleeps: the order and the times shown are the server's. */
import { afterEach, expect, test } from 'vitest';
import { systemClock, type Clock } from '../../electron/main/support/clock.ts';
import {
  account,
  credentials,
  online,
  page,
  person,
  portOf,
  serveAgain,
  server,
  texts,
} from '../integration/client/people.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const timeZone = process.env['TZ'];
afterEach(() => {
  if (timeZone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = timeZone;
});

/** A computer's clock that can be set; asleep, it goes on while nothing that was planned happens. */
function settableClock(by = 0): Clock & { set(by: number): void; sleptFor(milliseconds: number): void } {
  let offset = by;
  let slept = 0;
  return {
    ...systemClock,
    now: () => Date.now() + offset + slept,
    uptime: () => performance.now() + slept,
    set: (next) => void (offset = next),
    sleptFor: (milliseconds) => void (slept += milliseconds),
  };
}

test('clocks two days apart, set to and fro, over a change of summer time and three days asleep: the order stays', async () => {
  process.env['TZ'] = 'Europe/Berlin';
  let serverOffset = 0;
  const port = portOf();
  await server.stop();
  const now = () => Date.now() + serverOffset;
  await serveAgain(port, {}, now);

  const clocks = { ann: settableClock(-48 * HOUR), bob: settableClock(48 * HOUR) };
  const ann = person('ann01', undefined, clocks.ann);
  const bob = person('bob01', undefined, clocks.bob);
  for (const one of [ann, bob]) await one.session.connect(server.origin);
  await ann.session.register(credentials('ann01'));
  await bob.session.register(credentials('bob01'));
  await Promise.all([online(ann), online(bob)]);
  await (await ann.session.runtime()).apply(account(bob).id, 'hi');
  const { applications } = await (await bob.session.runtime()).listApplications(1);
  for (const { id, status } of applications)
    if (status === 'pending') await (await bob.session.runtime()).handleApplication(id, 'agree');
  const withBob = (await (await ann.session.runtime()).openSingle(account(bob).id)).id;
  const withAnn = (await (await bob.session.runtime()).openSingle(account(ann).id)).id;

  const written: string[] = [];
  const say = async (who: typeof ann, where: string) => {
    const text = `text ${written.length + 1}`;
    written.push(text);
    await (await who.session.runtime()).sendText(where, text);
    for (const [reader, place] of [
      [ann, withBob],
      [bob, withAnn],
    ] as const)
      await expect.poll(() => texts(reader, place), { timeout: 30_000 }).toEqual(written);
  };
  const both = async () => {
    await say(ann, withBob);
    await say(bob, withAnn);
  };
  await both();
  // Somebody sets the clock, in both directions.
  clocks.ann.set(48 * HOUR);
  clocks.bob.set(-48 * HOUR);
  await both();
  // Summer time ends: the same hour of the wall clock comes twice.
  const autumn = Date.UTC(2026, 9, 25, 0, 59, 59) - Date.now();
  for (const clock of [clocks.ann, clocks.bob]) clock.set(autumn);
  await both();
  for (const clock of [clocks.ann, clocks.bob]) clock.set(autumn + HOUR);
  await both();
  // The server's own clock is wrong as well, and put right.
  serverOffset = -48 * HOUR;
  await both();
  serverOffset = 0;
  await both();

  // Three days asleep: nothing fires, the socket is dead, others go on writing.
  const runtime = await ann.session.runtime();
  await server.stop();
  clocks.bob.sleptFor(3 * DAY);
  await serveAgain(port, {}, now);
  runtime.reconnectNow();
  await online(ann);
  for (let more = 0; more < 3; more++) {
    written.push(`text ${written.length + 1}`);
    await runtime.sendText(withBob, written.at(-1) ?? '');
  }
  (await bob.session.runtime()).renewConnection();
  await online(bob);
  await both();

  const numbers = (await page(bob, withAnn)).map(({ position }) => position.major);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  // What is shown is the server's time, whatever the two computers say.
  const times = (await page(bob, withAnn)).slice(-2).map(({ createdAt }) => createdAt);
  for (const time of times) expect(Math.abs(time - Date.now())).toBeLessThan(5 * 60_000);
}, 180_000);
