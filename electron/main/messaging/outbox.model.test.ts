/**
 * The outbox against a model of what a person expects of it: whatever people, the network and crashes do in whatever
 * order, each message is where its person left it, and on the server once and in turn.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Message } from '#protocol/model/message';
import { SAMPLE_KEY } from '../../../tests/helpers/history/temporary-history.ts';
import type { ConversationFacts, OutgoingText, SendResult } from '../dialects/chat-dialect.ts';
import { openDatabase } from '../history/database.ts';
import { createHistoryEngine } from '../history/engine.ts';
import { inProcessHistory } from '../history/in-process.ts';
import type { History } from '../history/history.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { silentLogger } from '../support/logger.ts';
import { createOutbox, type Outbox } from './outbox.ts';

const HOLD = 3_000;
const PEERS = [2, 3];

type Fate = 'lost-request' | 'lost-answer' | 'busy' | 'hangs';

/** What a person knows of a message of theirs. */
interface Written {
  id: string;
  conversationId: string;
  /** The server refuses it. */
  isBad: boolean;
  isHeld: boolean;
  /** Handed over again, or set aside for a while: its turn is another one. */
  isOutOfTurn: boolean;
  retries: number;
  end: 'lives' | 'deleted' | 'undone' | 'kept';
}

interface Model {
  written: Written[];
}

const facts = (id: string): ConversationFacts => ({ id, kind: 'single', name: 'B', avatars: [], link: null });

const turns = async (count = 12) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

class World {
  readonly clock = createFakeClock();
  readonly history: History;
  readonly isIdempotent: boolean;
  /** In the order of arrival; a plain server keeps copies. */
  readonly stored: OutgoingText[] = [];
  readonly fates: Fate[] = [];
  /** Conversations to the number of sends under way. */
  readonly underWay = new Map<string, number>();
  mostUnderWay = 0;
  readonly #folder = mkdtempSync(join(tmpdir(), 'magpie-outbox-'));
  readonly #close: () => void;
  #outbox: Outbox | undefined;
  #life = 0;

  constructor(isIdempotent: boolean) {
    this.isIdempotent = isIdempotent;
    const { sql } = openDatabase(join(this.#folder, 'history.db'), SAMPLE_KEY);
    sql.all('PRAGMA synchronous = OFF');
    this.history = inProcessHistory(createHistoryEngine(sql));
    this.#close = () => sql.close();
  }

  get outbox(): Outbox {
    if (this.#outbox === undefined) throw new Error('not started');
    return this.#outbox;
  }

  async start(): Promise<void> {
    const life = ++this.#life;
    this.underWay.clear();
    // A process that was killed does nothing more: its calls never come back.
    const whileAlive = <Value>(value: Promise<Value>): Promise<Value> =>
      value.then((result) => (life === this.#life ? result : new Promise<never>(() => undefined)));
    const history = new Proxy(this.history, {
      get: (target, name: keyof History) => {
        const method = target[name] as (...input: unknown[]) => Promise<unknown>;
        return (...input: unknown[]) =>
          life === this.#life ? whileAlive(method(...input)) : new Promise(() => undefined);
      },
    });
    this.#outbox = createOutbox({
      history,
      dialect: {
        idempotentSend: this.isIdempotent,
        sendText: (message, signal) => whileAlive(this.#send(message, signal)),
      },
      clock: this.clock,
      logger: silentLogger,
      onChanges: () => undefined,
      onSessionEnded: () => expect.unreachable(),
    });
    await this.#outbox.start();
    await turns();
  }

  async dispose(): Promise<void> {
    this.#life += 1;
    await turns();
    this.#close();
    rmSync(this.#folder, { recursive: true });
  }

  async #send(message: OutgoingText, signal?: AbortSignal): Promise<SendResult> {
    const { conversationId } = message;
    const life = this.#life;
    const now = (this.underWay.get(conversationId) ?? 0) + 1;
    this.underWay.set(conversationId, now);
    this.mostUnderWay = Math.max(this.mostUnderWay, now);
    try {
      return await this.#answer(message, signal);
    } finally {
      if (life === this.#life) this.underWay.set(conversationId, now - 1);
    }
  }

  async #answer(message: OutgoingText, signal?: AbortSignal): Promise<SendResult> {
    const fate = this.fates.shift();
    const unknown: SendResult = this.isIdempotent
      ? { kind: 'retry', afterSeconds: null }
      : { kind: 'unknown' };
    await Promise.resolve();
    if (fate === 'busy') return { kind: 'retry', afterSeconds: 2 };
    if (fate === 'lost-request') return { kind: 'retry', afterSeconds: null };
    if (message.text.startsWith('bad'))
      return { kind: 'refused', failure: { code: 'refused', serverText: '不行' } };
    let at = this.stored.findIndex(({ clientMessageId }) => clientMessageId === message.clientMessageId);
    if (at < 0 || !this.isIdempotent) at = this.stored.push(message) - 1;
    if (fate === 'lost-answer') return unknown;
    if (fate === 'hangs')
      // The client itself gives up after a while, or sooner when it is told to.
      return new Promise((resolve) => {
        this.clock.after(15_000, () => resolve(unknown));
        signal?.addEventListener('abort', () => resolve(unknown));
      });
    const sequence = this.stored
      .slice(0, at + 1)
      .filter((one) => one.conversationId === message.conversationId).length;
    return {
      kind: 'acknowledged',
      acknowledgement: {
        serverId: `s${at}`,
        sequence,
        createdAt: 1_000 + at,
        conversation: facts(message.conversationId),
      },
    };
  }
}

class Step implements fc.AsyncCommand<Model, World> {
  readonly #name: string;
  readonly #run: (model: Model, world: World) => Promise<void>;
  constructor(name: string, run: (model: Model, world: World) => Promise<void>) {
    [this.#name, this.#run] = [name, run];
  }
  check = () => true;
  run = async (model: Model, world: World) => {
    await this.#run(model, world);
    await turns();
  };
  toString = () => this.#name;
}

/** One of the messages whose row says so; null when there is none. */
async function pick(
  model: Model,
  world: World,
  nth: number,
  isWanted: (message: Message) => boolean,
): Promise<Written | null> {
  const found: Written[] = [];
  for (const one of model.written) {
    const message = await world.history.message(one.id);
    if (message !== null && isWanted(message)) found.push(one);
  }
  return found[nth % Math.max(1, found.length)] ?? null;
}

/** A deed that a person may try and be told that it is too late for it. */
const tried = (deed: Promise<unknown>): Promise<boolean> =>
  deed.then(
    () => true,
    () => false,
  );

const writes = fc
  .record({
    peer: fc.constantFrom(...PEERS),
    isBad: fc.nat(5).map((n) => n === 0),
    isHeld: fc.nat(3).map((n) => n === 0),
  })
  .map(
    ({ peer, isBad, isHeld }) =>
      new Step(
        `writes ${isBad ? 'what is refused ' : ''}to ${peer}${isHeld ? ', held' : ''}`,
        async (model, world) => {
          const conversationId = `single:${peer}`;
          const id = `m${model.written.length + 1}`;
          model.written.push({
          id, conversationId, isBad, isHeld, isOutOfTurn: false, retries: 0, end: 'lives',
        }); // prettier-ignore
          await world.history.ensureConversation({ facts: facts(conversationId), now: 1 });
          await world.history.enqueue({
            clientMessageId: id,
            conversationId,
            content: { kind: 'text', text: `${isBad ? 'bad' : 'good'} ${id}` },
            sender: { id: 1, name: 'A', avatar: '' },
            now: world.clock.now(),
            ...(isHeld ? { heldUntil: world.clock.now() + HOLD } : {}),
          });
          world.outbox.added(conversationId);
        },
      ),
  );

const fails = fc
  .array(fc.constantFrom<Fate>('lost-request', 'lost-answer', 'busy', 'hangs'), {
    minLength: 1,
    maxLength: 3,
  })
  .map((fates) => new Step(`next: ${fates.join(', ')}`, async (_, world) => void world.fates.push(...fates)));

const passes = fc
  .integer({ min: 1, max: 20_000 })
  .map((time) => new Step(`${time} ms`, async (_, world) => world.clock.advance(time)));

const simple = fc.constantFrom(
  new Step('woken', async (_, world) => world.outbox.wake()),
  new Step('reconnected', async (_, world) => world.outbox.reconnected()),
  new Step('killed', (_, world) => world.start()),
);

const deeds = fc.tuple(fc.constantFrom('retry', 'set aside', 'delete', 'undo', 'keep'), fc.nat(20)).map(
  ([what, nth]) =>
    new Step(`${what} ${nth}`, async (model, world) => {
      const { history } = world;
      switch (what) {
        case 'retry': {
          const one = await pick(
            model,
            world,
            nth,
            ({ status }) => status === 'failed' || status === 'unconfirmed',
          );
          if (one === null) return;
          [one.isOutOfTurn, one.retries] = [true, one.retries + 1];
          await history.retry(one.id);
          world.outbox.added(one.conversationId);
          return;
        }
        case 'set aside': {
          const one = await pick(model, world, nth, ({ status }) => status === 'pending');
          if (one === null) return;
          one.isOutOfTurn = true;
          await history.setAside(one.id);
          return;
        }
        case 'delete': {
          const one = await pick(model, world, nth, () => true);
          if (one === null) return;
          one.end = 'deleted';
          await history.deleteMessage(one.id);
          return;
        }
        case 'undo': {
          const one = await pick(model, world, nth, ({ heldUntil }) => heldUntil !== undefined);
          if (one === null) return;
          if (await tried(history.undo({ messageId: one.id, now: world.clock.now() }))) one.end = 'undone';
          return;
        }
        default: {
          const one = await pick(model, world, nth, ({ status }) => status === 'unconfirmed');
          if (one === null) return;
          await history.keep(one.id);
          one.end = 'kept';
        }
      }
    }),
);

/** The network is well again, and time passes until nothing waits. */
async function settle(world: World): Promise<void> {
  world.fates.length = 0;
  for (let turn = 0; turn < 400; turn++) {
    await turns(4);
    if ((await world.history.pendingConversations()).length === 0) return;
    world.clock.advance(1_000);
  }
  throw new Error('the outbox never became empty');
}

async function expectPromises(model: Model, world: World): Promise<void> {
  expect(world.mostUnderWay).toBeLessThanOrEqual(1);
  for (const one of model.written) {
    const copies = world.stored.filter(({ clientMessageId }) => clientMessageId === one.id).length;
    const message = await world.history.message(one.id);
    // More than one copy takes a server that cannot tell them apart, and a person who sent it again.
    expect(copies).toBeLessThanOrEqual(world.isIdempotent ? 1 : 1 + one.retries);
    if (one.end === 'deleted' || one.end === 'undone') {
      expect(message).toBeNull();
      if (one.end === 'undone') expect(copies).toBe(0);
      continue;
    }
    expect(message).not.toBeNull();
    const status = message?.status;
    if (one.end === 'kept') expect(status).toBe('sent');
    else if (status === 'sent') expect(copies).toBeGreaterThan(0);
    else if (status === 'unconfirmed') expect(world.isIdempotent).toBe(false);
    // Failed: refused by the server, or set aside by its person.
    else
      expect([status, one.isBad || one.isOutOfTurn, message?.failure !== null]).toEqual([
        'failed',
        true,
        true,
      ]);
    if (one.isBad) expect(copies).toBe(0);
    else if (world.isIdempotent && !one.isOutOfTurn) expect([status, copies]).toEqual(['sent', 1]);
  }
  for (const peer of PEERS) {
    const conversationId = `single:${peer}`;
    const inTurn = model.written.filter((one) => one.conversationId === conversationId && !one.isOutOfTurn);
    const arrived = [...new Set(world.stored.map(({ clientMessageId }) => clientMessageId))];
    const ids = inTurn.map(({ id }) => id);
    // The order of arrival is the order of writing; what never arrived has no place in either.
    expect(arrived.filter((id) => ids.includes(id))).toEqual(ids.filter((id) => arrived.includes(id)));
  }
}

test.each([true, false])(
  'whatever a person, the network and crashes do, on a server that knows repeats: %s',
  async (isIdempotent) => {
    await fc.assert(
      fc.asyncProperty(
        fc.commands([writes, writes, writes, fails, passes, simple, deeds], { maxCommands: 40, size: 'max' }),
        async (commands) => {
          const world = new World(isIdempotent);
          const model: Model = { written: [] };
          try {
            await world.start();
            await fc.asyncModelRun(() => ({ model, real: world }), commands);
            await settle(world);
            await expectPromises(model, world);
          } finally {
            await world.dispose();
          }
        },
      ),
      { numRuns: 60 },
    );
  },
  120_000,
);
