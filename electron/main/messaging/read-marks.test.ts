import { expect, test } from 'vitest';
import { MagpieError } from '#protocol/errors';
import { createFakeClock } from '../support/fake-clock.ts';
import { silentLogger } from '../support/logger.ts';
import { createReadMarks } from './read-marks.ts';

const flush = async () => {
  for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve));
};

function createReader() {
  /** Conversation to how far it was read here, and how far the server is known to know. */
  const read = new Map([['single:2', 5]]);
  const told = new Map<string, number>();
  const clock = createFakeClock();
  const reader = {
    read,
    told,
    clock,
    online: true,
    asked: [] as number[],
    /** What comes of the next question; answered when it is null. */
    failure: null as Error | null,
    marks: createReadMarks({
      history: {
        untoldReads: async () =>
          [...read]
            .filter(([id, sequence]) => sequence > (told.get(id) ?? 0))
            .map(([conversationId, sequence]) => ({ conversationId, sequence })),
        readTold: async ({ conversationId, sequence }) => {
          told.set(conversationId, sequence);
          return null;
        },
      },
      dialect: {
        markRead: async (_, sequence) => {
          reader.asked.push(sequence);
          await Promise.resolve();
          if (reader.failure !== null) throw reader.failure;
        },
      },
      clock,
      logger: silentLogger,
      possible: (): boolean => reader.online,
    }),
    async pass(milliseconds: number) {
      clock.advance(milliseconds);
      await flush();
    },
  };
  return reader;
}

test('a mark counts as told when the server has answered, and not before: until then it is told again', async () => {
  const reader = createReader();
  reader.failure = new MagpieError('server-unreachable', 'the answer was lost');
  reader.marks.poke();
  await reader.pass(500);
  expect([reader.asked, reader.told.size]).toEqual([[5], 0]);
  await reader.pass(70_000);
  expect(reader.asked.length).toBeGreaterThan(1);
  expect(reader.told.size).toBe(0);
  reader.failure = null;
  await reader.pass(70_000);
  expect(reader.told.get('single:2')).toBe(5);
  const { length } = reader.asked;
  reader.marks.poke();
  await reader.pass(70_000);
  expect(reader.asked).toHaveLength(length);
});

test('a refusal ends the matter', async () => {
  const reader = createReader();
  reader.failure = new MagpieError('refused', 'no such conversation');
  reader.marks.poke();
  await reader.pass(500);
  expect(reader.told.get('single:2')).toBe(5);
});

test('reading goes on: one question tells of all of it, and what is read while it is under way is told next', async () => {
  const reader = createReader();
  for (let more = 0; more < 20; more++) reader.marks.poke();
  await reader.pass(500);
  expect(reader.asked).toEqual([5]);
  reader.read.set('single:2', 9);
  reader.marks.poke();
  await reader.pass(500);
  expect(reader.asked).toEqual([5, 9]);
});

test('without a connection nothing is asked, and nothing after a stop', async () => {
  const reader = createReader();
  reader.online = false;
  reader.marks.poke();
  await reader.pass(70_000);
  reader.online = true;
  reader.marks.poke();
  reader.marks.stop();
  await reader.pass(70_000);
  expect(reader.asked).toEqual([]);
});
