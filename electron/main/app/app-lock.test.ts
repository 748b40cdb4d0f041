import { expect, test } from 'vitest';
import fc from 'fast-check';
import { settingsOver } from '../settings/settings.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createAppLock, FREE_ATTEMPTS, IDLE_CHECK } from './app-lock.ts';

const setUp = () => {
  const settings = settingsOver();
  const clock = createFakeClock();
  let idle = 0;
  let changes = 0;
  const make = () =>
    createAppLock({
      settings,
      clock,
      idleSeconds: () => idle,
      onChange: () => (changes += 1),
    });
  return {
    settings,
    clock,
    make,
    lock: make(),
    stayAway: (seconds: number) => (idle = seconds),
    changes: () => changes,
  };
};

test('without a passphrase nothing is ever locked', () => {
  const { lock, stayAway, clock } = setUp();
  stayAway(100_000);
  lock.lock();
  clock.advance(IDLE_CHECK * 100);
  expect(lock).toMatchObject({ locked: false, enabled: false });
});

test('only the passphrase opens, and it is nowhere in the settings', async () => {
  const { lock, settings } = setUp();
  await lock.setPassphrase('', 'magpies like silver');
  expect(JSON.stringify(settings.read())).not.toContain('magpies');
  lock.lock();
  expect(lock.locked).toBe(true);
  await expect(lock.unlock('magpies like gold')).rejects.toMatchObject({ code: 'wrong-passphrase' });
  expect(lock.locked).toBe(true);
  await lock.unlock('magpies like silver');
  expect(lock.locked).toBe(false);
});

test('the same characters open, however the keyboard composes them', async () => {
  const { lock } = setUp();
  await lock.setPassphrase('', 'caf\u00e9');
  lock.lock();
  await lock.unlock('cafe\u0301');
  expect(lock.locked).toBe(false);
});

test('whoever changes or removes the passphrase has to know it', async () => {
  const { lock } = setUp();
  await lock.setPassphrase('', 'first one');
  await expect(lock.setPassphrase('', 'mine now')).rejects.toMatchObject({ code: 'wrong-passphrase' });
  await expect(lock.setPassphrase('wrong', null)).rejects.toMatchObject({ code: 'wrong-passphrase' });
  expect(lock.enabled).toBe(true);
  await lock.setPassphrase('first one', 'second one');
  await lock.setPassphrase('second one', null);
  expect(lock.enabled).toBe(false);
});

test('guesses become slow, many at once and starting anew included', async () => {
  const { lock, clock, make } = setUp();
  await lock.setPassphrase('', 'right');
  const codes = async (attempts: readonly Promise<void>[]) =>
    (await Promise.allSettled(attempts)).map((one) =>
      one.status === 'fulfilled' ? 'open' : (one.reason as { code: string }).code,
    );
  lock.lock();
  const many = Array.from({ length: 10 }, () => lock.unlock('wrong'));
  expect(await codes(many)).toEqual([
    ...Array<string>(FREE_ATTEMPTS).fill('wrong-passphrase'),
    ...Array<string>(10 - FREE_ATTEMPTS).fill('rate-limited'),
  ]);
  // Also the right one waits: a guess must not be told from a wait.
  expect(await codes([lock.unlock('right')])).toEqual(['rate-limited']);
  const after = make();
  expect(after.locked).toBe(true);
  expect(await codes([after.unlock('right')])).toEqual(['rate-limited']);
  clock.advance(1_000);
  expect(await codes([after.unlock('wrong')])).toEqual(['wrong-passphrase']);
  clock.advance(1_000);
  expect(await codes([after.unlock('right')])).toEqual(['rate-limited']);
  clock.advance(1_000);
  expect(await codes([after.unlock('right')])).toEqual(['open']);
  // Forgotten with the right one.
  after.lock();
  expect(await codes([after.unlock('wrong'), after.unlock('right')])).toEqual(['wrong-passphrase', 'open']);
});

test('it locks after the chosen time without keyboard and mouse, and no earlier', async () => {
  const { lock, settings, clock, stayAway } = setUp();
  await lock.setPassphrase('', 'passphrase');
  settings.update(({ settings: before }) => ({ settings: { ...before, lockMinutes: 5 } }));
  lock.settingsChanged();
  stayAway(4 * 60);
  clock.advance(IDLE_CHECK);
  expect(lock.locked).toBe(false);
  stayAway(5 * 60);
  clock.advance(IDLE_CHECK);
  expect(lock.locked).toBe(true);
  await lock.unlock('passphrase');
  settings.update(({ settings: before }) => ({ settings: { ...before, lockMinutes: 0 } }));
  lock.settingsChanged();
  stayAway(100_000);
  clock.advance(IDLE_CHECK * 3);
  expect(lock.locked).toBe(false);
});

test('every start begins locked, and what happened is told once', async () => {
  const { lock, make, changes } = setUp();
  await lock.setPassphrase('', 'passphrase');
  const before = changes();
  lock.lock();
  lock.lock();
  expect(changes()).toBe(before + 1);
  expect(make().locked).toBe(true);
});

test('no passphrase but the one that was set opens', async () => {
  const { lock, clock } = setUp();
  await lock.setPassphrase('', 'the only one');
  lock.lock();
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 40 }), async (guess) => {
      fc.pre(guess.normalize('NFKC') !== 'the only one');
      clock.advance(10 * 60_000);
      await expect(lock.unlock(guess)).rejects.toMatchObject({ code: 'wrong-passphrase' });
    }),
    { numRuns: 5 },
  );
});
