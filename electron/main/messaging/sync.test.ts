import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MagpieError } from '#protocol/errors';
import type { Message } from '#protocol/model/message';
import { countsAsUnread } from '#protocol/wire/sync';
import { temporaryHistory } from '../../../tests/helpers/history/temporary-history.ts';
import type {
  ChatDialect,
  ConversationFacts,
  DomainEvent,
  IncomingMessage,
  SendResult,
  Signal,
  SyncPage,
} from '../dialects/chat-dialect.ts';
import { inProcessHistory } from '../history/in-process.ts';
import type { History } from '../history/history.ts';
import { FETCH_LIMIT } from '../history/numbers.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { silentLogger } from '../support/logger.ts';
import { createInbox } from './inbox.ts';
import { createOutbox } from './outbox.ts';
import { createReadMarks } from './read-marks.ts';
import { createSync } from './sync.ts';

const [ME, PEER] = [1, 2];
const ID = `single:${PEER}`;
const FACTS: ConversationFacts = { id: ID, kind: 'single', name: 'Bo', avatars: [], link: null };

function openHistory(): History {
  const { sql, engine } = temporaryHistory();
  sql.all('PRAGMA synchronous = OFF');
  return inProcessHistory(engine);
}

type Frame = { event: DomainEvent } | { signal: Signal };
interface Stored {
  message: IncomingMessage;
  seq: number;
  clientId: string | null;
}

/** The server's half of the contract in memory: numbers, log, marks, and a wire that a test may disturb. */
function createWorld() {
  const messages: Stored[] = [];
  const read = new Map([
    [ME, 0],
    [PEER, 0],
  ]);
  /** Subject → cursor of its only entry. */
  const entries = new Map<string, number>();
  let cursor = 0;
  const wire: Frame[] = [];
  const asked = { sync: 0, history: 0 };
  const world = {
    messages,
    read,
    wire,
    asked,
    online: false,
    /** Questions that get no answer from now on. */
    deaf: 0,
    /** Lets everything in flight see what others did meanwhile. */
    note(subject: string) {
      cursor += 1;
      entries.delete(subject);
      entries.set(subject, cursor);
      if (world.online) wire.push({ signal: { type: 'changed', cursor } });
    },
    send(from: number, clientId: string | null, type: 'text' | 'notice' = 'text'): Stored {
      const known = clientId === null ? undefined : messages.find((one) => one.clientId === clientId);
      if (known !== undefined) return known;
      const seq = messages.length + 1;
      const message: IncomingMessage = {
        serverId: `s${seq}`,
        clientMessageId: from === ME ? clientId : null,
        conversation: FACTS,
        sequence: seq,
        senderId: from,
        senderName: `n${from}`,
        senderAvatar: '',
        own: from === ME,
        content: { kind: type, text: `text ${seq}` },
        createdAt: seq,
        counts: from !== ME,
        standing: false,
        recalled: false,
      };
      const stored = { message, seq, clientId };
      messages.push(stored);
      if (world.online) wire.push({ event: { type: 'message', message } });
      world.note('conversation');
      return stored;
    },
    recall(index: number) {
      const stored = messages[index % Math.max(1, messages.length)];
      if (stored === undefined || stored.message.recalled) return;
      stored.message = { ...stored.message, content: { kind: 'text', text: '' }, recalled: true };
      if (world.online)
        wire.push({
          event: { type: 'recall', conversationId: ID, serverId: stored.message.serverId },
        });
      world.note(`recall ${stored.seq}`);
    },
    mark(who: number, seq: number) {
      const mark = Math.min(seq, messages.length);
      if (mark <= (read.get(who) ?? 0)) return;
      read.set(who, mark);
      const marks = { conversationId: ID, own: who === ME ? mark : null, peer: who === ME ? null : mark };
      if (world.online) wire.push({ signal: { type: 'read', marks } });
      world.note('conversation');
    },
    async answer<Value>(work: () => Value): Promise<Value> {
      await Promise.resolve();
      if (!world.online) throw new MagpieError('server-unreachable', 'offline');
      const value = work();
      if (world.deaf > 0) {
        world.deaf -= 1;
        throw new MagpieError('server-unreachable', 'the answer was lost');
      }
      await Promise.resolve();
      return value;
    },
  };
  const dialect: Pick<ChatDialect, 'sync' | 'history' | 'markRead' | 'sendText' | 'idempotentSend'> = {
    idempotentSend: true,
    sync: (from) =>
      world.answer((): SyncPage => {
        asked.sync += 1;
        const reset = from === null || from > cursor;
        const news = [...entries].filter(([, at]) => at > (reset ? 0 : from));
        const page = news.slice(0, 2);
        const more = news.length > page.length;
        const isMentioned = page.some(([subject]) => subject === 'conversation');
        return {
          reset,
          more,
          cursor: more ? (page.at(-1)?.[1] ?? cursor) : cursor,
          contacts: false,
          conversations: isMentioned
            ? [
                {
                  facts: FACTS,
                  headSeq: messages.length,
                  firstSeq: 1,
                  readSeq: read.get(ME) ?? 0,
                  peerReadSeq: read.get(PEER) ?? 0,
                },
              ]
            : [],
          recalls: page.flatMap(([subject]) => {
            const seq = Number(/^recall (\d+)$/u.exec(subject)?.[1] ?? 0);
            const stored = messages[seq - 1];
            if (stored === undefined) return [];
            const { serverId, senderId, senderName, own, createdAt } = stored.message;
            const tombstone = { sequence: seq, senderId, senderName, own, createdAt };
            return [{ conversationId: ID, serverId, tombstone }];
          }),
        };
      }),
    history: (_, bounds) =>
      world.answer(() => {
        asked.history += 1;
        const found =
          'afterSeq' in bounds
            ? messages.filter(({ seq }) => seq > bounds.afterSeq).slice(0, bounds.limit)
            : messages.filter(({ seq }) => seq < bounds.beforeSeq).slice(-bounds.limit);
        return { messages: found.map(({ message }) => message), headSeq: messages.length, firstSeq: 1 };
      }),
    markRead: (_, seq) => world.answer(() => world.mark(ME, seq)),
    async sendText({ clientMessageId }): Promise<SendResult> {
      try {
        return await world.answer(() => {
          const { message, seq } = world.send(ME, clientMessageId);
          return {
            kind: 'acknowledged',
            acknowledgement: {
              serverId: message.serverId,
              sequence: seq,
              createdAt: message.createdAt,
              conversation: FACTS,
            },
          };
        });
      } catch {
        return { kind: 'retry', afterSeconds: null };
      }
    },
  };
  return { ...world, world, dialect };
}

const flush = async () => {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** The client under test: everything between history and wire, on a clock of the test's own. */
function createClient(
  { world, dialect }: ReturnType<typeof createWorld>,
  history: History,
  clock: ReturnType<typeof createFakeClock>,
) {
  const shared = { history, dialect, clock, logger: silentLogger, onChanges: () => marks.poke() };
  const inbox = createInbox({
    ...shared,
    reading: () => null,
    shown: () => [],
    onTorn: () => sync.torn(),
    onTrouble: (thrown) => {
      throw thrown;
    },
  });
  const sync = createSync({
    ...shared,
    reading: () => null,
    shown: () => [],
    deliver: (event) => inbox.accept(event),
    onContacts: () => undefined,
  });
  const outbox = createOutbox({ ...shared, onSessionEnded: () => expect.unreachable() });
  const marks = createReadMarks({ ...shared, possible: () => world.online });
  return {
    sync,
    outbox,
    marks,
    start: () => outbox.start(),
    async connect(withReady = true) {
      if (world.online) return;
      world.online = true;
      sync.opening();
      if (withReady) sync.ready();
      const began = sync.begin().then(
        () => {
          outbox.wake();
          marks.poke();
        },
        () => {
          // The connection would be given up and opened again.
          world.online = false;
          world.wire.length = 0;
          sync.end();
        },
      );
      await flush();
      if (!withReady) clock.advance(2_000);
      await began;
    },
    disconnect() {
      world.online = false;
      world.wire.length = 0;
      sync.end();
    },
    async frame(frame: Frame) {
      if ('event' in frame) sync.accept(frame.event);
      else if (frame.signal.type === 'changed') sync.changed(frame.signal.cursor);
      else if (frame.signal.type === 'read') await history.raiseMarks([frame.signal.marks]);
      await flush();
    },
    async stop() {
      sync.stop();
      marks.stop();
      await Promise.all([outbox.stop(), inbox.stop()]);
    },
  };
}

/** What a person sees who scrolls up to the beginning. */
async function readAll(history: History, client: ReturnType<typeof createClient>): Promise<Message[]> {
  const seen: Message[] = [];
  for (;;) {
    const before = seen[0]?.position;
    const input = { conversationId: ID, limit: 60, ...(before === undefined ? {} : { before }) };
    for (let turn = 0; turn < 5; turn++) {
      const hole = await history.holeOnPage(input);
      if (hole === null) break;
      await client.sync.fetch(hole);
    }
    const page = await history.page(input);
    seen.unshift(...page.messages);
    if (!page.hasOlder) return seen;
    expect(page.messages).not.toEqual([]);
  }
}

async function expectEqual(
  { world }: ReturnType<typeof createWorld>,
  history: History,
  client: ReturnType<typeof createClient>,
) {
  const readByPeer = world.read.get(PEER) ?? 0;
  const expected = world.messages.map(({ message, seq }) => ({
    serverId: message.serverId,
    content: message.content.text,
    recalled: message.recalled,
    own: message.own,
    status: message.own && seq <= readByPeer ? 'read' : 'sent',
  }));
  const seen = await readAll(history, client);
  expect(
    seen.map(({ serverId, content, recalled, own, status }) => ({
      serverId,
      content: content.text,
      recalled,
      own,
      status,
    })),
  ).toEqual(expected);
  const unread = world.messages.filter(
    ({ message, seq }) =>
      seq > (world.read.get(ME) ?? 0) &&
      countsAsUnread({
        type: message.content.kind === 'notice' ? 'systemNotice' : 'text',
        own: message.own,
        recalled: message.recalled,
      }),
  ).length;
  const { conversations, unreadTotal } = await history.listConversations();
  expect(conversations[0]?.unread ?? 0).toBe(unread);
  expect(unreadTotal).toBe(unread);
}

async function calmDown(
  { world }: ReturnType<typeof createWorld>,
  client: ReturnType<typeof createClient>,
  clock: ReturnType<typeof createFakeClock>,
) {
  world.deaf = 0;
  for (let turn = 0; turn < 140; turn++) {
    if (!world.online) await client.connect();
    for (const frame of world.wire.splice(0)) await client.frame(frame);
    clock.advance(500);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

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
