/** Sync against a wire that loses, doubles and reorders. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  calmDown,
  createClient,
  createWorld,
  expectEqual,
  FACTS,
  flush,
  ID,
  ME,
  openHistory,
  PEER,
} from '../../../tests/helpers/messaging/sync-world.ts';
import { FETCH_LIMIT } from '../history/numbers.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'peer-sends' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'notice' as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'device-sends' as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'client-sends' as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('recall' as const), index: fc.nat(700) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('peer-reads' as const), seq: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('device-reads' as const), seq: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'client-reads' as const }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('frame' as const),
      index: fc.nat(3),
      fate: fc.constantFrom('arrives', 'arrives', 'lost', 'doubled'),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'disconnect' as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('connect' as const), ready: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deaf' as const), answers: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), time: fc.nat(1_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('absence' as const), count: fc.nat(FETCH_LIMIT + 120) }),
  },
);

test('whatever is lost, doubled or reordered, history ends equal to the server', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
      const simulated = createWorld();
      const { world } = simulated;
      const history = openHistory();
      const clock = createFakeClock();
      let client = createClient(simulated, history, clock);
      await client.start();
      let sent = 0;
      let readHere = 0;
      for (const one of steps) {
        switch (one.kind) {
          case 'peer-sends':
            world.send(PEER, null);
            break;
          case 'notice':
            world.send(PEER, null, 'notice');
            break;
          case 'device-sends':
            world.send(ME, `other ${(sent += 1)}`);
            break;
          case 'client-sends': {
            const clientMessageId = `mine ${(sent += 1)}`;
            await history.ensureConversation({ facts: FACTS, now: 1 });
            await history.enqueue({
              clientMessageId,
              conversationId: ID,
              content: { kind: 'text', text: 'not yet numbered' },
              sender: { id: ME, name: 'Me', avatar: '' },
              now: 1,
            });
            client.outbox.added(ID);
            break;
          }
          case 'recall':
            world.recall(one.index);
            break;
          case 'peer-reads':
            world.mark(PEER, one.seq);
            break;
          case 'device-reads':
            world.mark(ME, one.seq);
            break;
          case 'client-reads':
            await history.markRead(ID);
            for (const { sequence } of await history.untoldReads()) readHere = Math.max(readHere, sequence);
            client.marks.poke();
            break;
          case 'frame': {
            const [frame] = world.wire.splice(one.index % Math.max(1, world.wire.length), 1);
            if (frame === undefined || one.fate === 'lost') break;
            await client.frame(frame);
            if (one.fate === 'doubled') await client.frame(frame);
            break;
          }
          case 'disconnect':
            client.disconnect();
            break;
          case 'connect':
            await client.connect(one.ready);
            break;
          case 'restart':
            client.disconnect();
            await client.stop();
            client = createClient(simulated, history, clock);
            await client.start();
            break;
          case 'deaf':
            world.deaf = one.answers;
            break;
          case 'wait':
            clock.advance(one.time);
            break;
          case 'absence':
            client.disconnect();
            for (let count = 0; count < one.count; count++) world.send(PEER, null);
            break;
        }
        await flush();
      }
      await calmDown(simulated, client, clock);
      // An own message is known to the server by a text of its own here.
      for (const { message, clientId } of world.messages)
        if (clientId?.startsWith('mine') === true && !message.recalled)
          message.content = { kind: 'text', text: 'not yet numbered' };
      await expectEqual(simulated, history, client);
      // Whatever another device told meanwhile: what was read here stays read.
      expect(world.read.get(ME)).toBeGreaterThanOrEqual(readHere);
      await client.stop();
    }),
    {
      numRuns: 150,
      examples: [
        // Read before the log had told of the conversation: the mark is told when it has.
        [
          [
            { kind: 'connect', ready: false },
            { kind: 'peer-sends' },
            { kind: 'frame', index: 0, fate: 'arrives' },
            { kind: 'client-reads' },
          ],
        ],
        // Read here up to the end, and then another device tells that it has read less.
        [
          [
            { kind: 'peer-sends' },
            { kind: 'peer-sends' },
            { kind: 'connect', ready: true },
            { kind: 'client-reads' },
            { kind: 'device-reads', seq: 1 },
            { kind: 'frame', index: 0, fate: 'arrives' },
          ],
        ],
      ],
    },
  );
}, 240_000);
