import { describe, expect, test } from 'vitest';
import { createFakeClock } from '../support/fake-clock.ts';
import { ASK_EVERY, createRecovery, createWatchdog, MEMORY, SILENCE } from './watchdog.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

const setUp = () => {
  const clock = createFakeClock();
  const state = { alive: true, watched: true, asked: 0, silent: 0 };
  const watchdog = createWatchdog({
    clock,
    ask() {
      state.asked += 1;
      return state.alive ? Promise.resolve() : new Promise(() => undefined);
    },
    isWatched: () => state.watched,
    onSilent: () => (state.silent += 1),
  });
  const live = async (milliseconds: number) => {
    for (let passed = 0; passed < milliseconds; passed += ASK_EVERY) {
      clock.advance(ASK_EVERY);
      await settle();
    }
  };
  return { clock, state, watchdog, live };
};

describe('a silent page', () => {
  test('one that answers is left alone', async () => {
    const { state, live } = setUp();
    await live(10 * 60_000);
    expect(state.asked).toBeGreaterThan(100);
    expect(state.silent).toBe(0);
  });

  test('one that does not is told of after ten seconds, and once', async () => {
    const { state, live } = setUp();
    await live(60_000);
    state.alive = false;
    await live(SILENCE);
    expect(state.silent).toBe(0);
    await live(ASK_EVERY);
    expect(state.silent).toBe(1);
    state.alive = true;
    await live(60_000);
    expect(state.silent).toBe(1);
  });

  test('nobody asks a page that is hidden', async () => {
    const { state, live } = setUp();
    state.watched = false;
    state.alive = false;
    await live(60_000);
    expect(state).toMatchObject({ asked: 0, silent: 0 });
  });

  test('a machine that slept is no silent page', async () => {
    const { clock, state, live } = setUp();
    state.alive = false;
    await live(ASK_EVERY);
    clock.sleep(60_000);
    await live(ASK_EVERY);
    expect(state.silent).toBe(0);
  });
});

describe('what is done about it', () => {
  test('first again, then without the graphics card, then the person is asked', () => {
    const clock = createFakeClock();
    const recovery = createRecovery({ clock, safeMode: false });
    expect([recovery.failed(), recovery.failed(), recovery.failed()]).toEqual([
      'reload',
      'safe-mode',
      'error-page',
    ]);
  });

  test('in safe mode there is nothing further to leave out', () => {
    const recovery = createRecovery({ clock: createFakeClock(), safeMode: true });
    expect([recovery.failed(), recovery.failed()]).toEqual(['reload', 'error-page']);
  });

  test('failures of different days are each the first', () => {
    const clock = createFakeClock();
    const recovery = createRecovery({ clock, safeMode: false });
    expect(recovery.failed()).toBe('reload');
    clock.advance(MEMORY);
    expect(recovery.failed()).toBe('reload');
  });
});
