import { expect, test } from 'vitest';
import { MagpieError } from '#protocol/errors';
import type { StorageState } from '#protocol/model/session';
import { createFakeClock } from '../support/fake-clock.ts';
import type { History } from './history.ts';
import { FIRST_LOOK, LOOK_EVERY, ROOM, watchStorage } from './storage-watch.ts';

/** A disk that says what it is told to. */
function disk() {
  const state = {
    failure: null as MagpieError | null,
    free: ROOM,
    tries: 0,
    closed: false,
  };
  const refuse = async () => {
    if (state.failure !== null) throw state.failure;
    return null;
  };
  const history = {
    saveDraft: refuse,
    tryWrite: async () => {
      state.tries += 1;
      return refuse();
    },
    close: async () => void (state.closed = true),
  } as unknown as History;
  const clock = createFakeClock();
  const states: StorageState[] = [];
  const watch = watchStorage({
    history,
    clock,
    freeSpace: async () => state.free,
    onState: (next) => states.push(next),
  });
  const write = () => watch.history.saveDraft({ conversationId: 'single:2', text: 'x' });
  /** Time passes, and what it sets off comes to its end. */
  const pass = async (milliseconds: number) => {
    clock.advance(milliseconds);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  return { state, states, watch, write, pass, clock };
}

const full = new MagpieError('disk-full', 'no space');

test('a full disk is told once, looked at until it has room, and told again', async () => {
  const { state, states, write, pass } = disk();
  state.failure = full;
  for (let call = 0; call < 3; call++) await expect(write()).rejects.toBe(full);
  expect(states).toEqual(['full']);
  await pass(LOOK_EVERY);
  await pass(LOOK_EVERY);
  expect(state.tries).toBe(2);
  state.failure = null;
  // A little room is none: the next picture would not fit.
  state.free = ROOM - 1;
  await pass(LOOK_EVERY);
  expect(states).toEqual(['full']);
  state.free = ROOM;
  await pass(LOOK_EVERY);
  expect(states).toEqual(['full', 'ok']);
  const { tries } = state;
  await pass(10 * LOOK_EVERY);
  expect(state.tries).toBe(tries);
});

test('each state has its name, and the one that may pass by itself is looked at soon', async () => {
  const { state, states, write, pass } = disk();
  state.failure = new MagpieError('disk-read-only', 'read-only');
  await expect(write()).rejects.toThrow();
  state.failure = new MagpieError('history-unavailable', 'the worker ended');
  await pass(LOOK_EVERY);
  expect(states).toEqual(['read-only', 'unavailable']);
  state.failure = null;
  await pass(FIRST_LOOK);
  expect(states).toEqual(['read-only', 'unavailable', 'ok']);
});

test('a person who made room need not wait; a refusal that is not the disk’s says nothing', async () => {
  const { state, states, watch, write, clock } = disk();
  state.failure = new MagpieError('not-found', 'no such conversation');
  await expect(write()).rejects.toThrow();
  expect([states, clock.planned]).toEqual([[], 0]);
  await watch.look();
  expect(state.tries).toBe(0);
  state.failure = full;
  await expect(write()).rejects.toThrow();
  state.failure = null;
  await watch.look();
  expect(states).toEqual(['full', 'ok']);
  expect(clock.planned).toBe(0);
});

test('a closed history is not looked at any more', async () => {
  const { state, states, watch, write, pass, clock } = disk();
  state.failure = full;
  await expect(write()).rejects.toThrow();
  await watch.history.close();
  expect([state.closed, clock.planned]).toEqual([true, 0]);
  await pass(LOOK_EVERY);
  expect([states, state.tries]).toEqual([['full'], 0]);
});
