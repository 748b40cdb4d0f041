import { describe, expect, test } from 'vitest';
import {
  createClient,
  createWorld,
  expectEqual,
  flush,
  ID,
  ME,
  openHistory,
  PEER,
} from '../../../tests/helpers/messaging/sync-world.ts';
import { FETCH_LIMIT } from '../history/numbers.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { silentLogger } from '../support/logger.ts';
import { createSync, REORDER_WAIT } from './sync.ts';

describe('how much is fetched', () => {
  const away = async (count: number) => {
    const simulated = createWorld();
    const history = openHistory();
    const clock = createFakeClock();
    const client = createClient(simulated, history, clock);
    simulated.world.send(PEER, null);
    await client.connect();
    await flush();
    client.disconnect();
    for (let index = 0; index < count; index++) simulated.world.send(PEER, null);
    await client.connect();
    await flush();
    return { ...simulated, simulated, history, client, clock };
  };

  test('a few hundred missing messages come by themselves', async () => {
    const { history, client } = await away(FETCH_LIMIT);
    expect(await history.gaps()).toEqual([]);
    expect((await history.page({ conversationId: ID, limit: 1_000 })).messages).toHaveLength(501);
    await client.stop();
  });

  test('of more only the newest page comes, and the unread count is right all the same', async () => {
    const { history, client, simulated } = await away(FETCH_LIMIT + 500);
    expect(await history.gaps()).toEqual([]);
    const page = await history.page({ conversationId: ID, limit: 1_000 });
    expect(page.messages.length).toBeLessThan(300);
    expect((await history.conversation(ID))?.unread).toBe(1_001);
    await expectEqual(simulated, history, client);
    await client.stop();
  });

  test('a burst of hints is one question at a time', async () => {
    const { world, client, clock, asked } = await away(1);
    const before = asked.sync;
    for (let index = 0; index < 100; index++) world.send(PEER, null);
    for (const frame of world.wire.splice(0)) await client.frame(frame);
    clock.advance(300);
    await flush();
    // Two entries per answer in this world, one entry per conversation in the log.
    expect(asked.sync - before).toBeLessThanOrEqual(2);
    await client.stop();
  });
});

test('listen first, then fetch: what comes before the log was read to its end is applied after it', async () => {
  const { world, dialect } = createWorld();
  const history = openHistory();
  const order: string[] = [];
  const sync = createSync({
    history: {
      ...history,
      async applySync(input) {
        order.push('log');
        return history.applySync(input);
      },
    },
    dialect,
    clock: createFakeClock(),
    logger: silentLogger,
    reading: () => null,
    shown: () => [],
    deliver: () => void order.push('frame'),
    onChanges: () => undefined,
    onContacts: () => undefined,
  });
  world.online = true;
  const { message } = world.send(PEER, null);
  sync.opening();
  sync.accept({ type: 'message', message });
  sync.ready();
  const began = sync.begin();
  sync.accept({ type: 'message', message });
  await began;
  sync.accept({ type: 'message', message });
  expect(order).toEqual(['log', 'frame', 'frame', 'frame']);
  sync.stop();
});

test('a hint that comes while the log is still being read is followed, although there is no other one', async () => {
  const simulated = createWorld();
  const { world, dialect } = simulated;
  const history = openHistory();
  const clock = createFakeClock();
  let isFirst = true;
  const client = createClient(
    {
      ...simulated,
      dialect: {
        ...dialect,
        async sync(from) {
          const page = await dialect.sync(from);
          // Read on another device, just behind the answer: the mark itself is lost, its hint is not.
          if (isFirst) world.mark(ME, 1);
          isFirst = false;
          for (const frame of world.wire.splice(0))
            if ('signal' in frame && frame.signal.type === 'changed')
              client.sync.changed(frame.signal.cursor);
          return page;
        },
      },
    },
    history,
    clock,
  );
  world.send(PEER, null);
  await client.connect();
  await flush();
  expect((await history.conversation(ID))?.unread).toBe(1);
  clock.advance(REORDER_WAIT);
  await flush();
  expect((await history.conversation(ID))?.unread).toBe(0);
  await client.stop();
});
