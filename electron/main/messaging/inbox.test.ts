import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numberedMessage } from '../../../tests/helpers/history/sample-messages.ts';
import type { DomainEvent } from '../dialects/chat-dialect.ts';
import type { ReceiveInput, Written } from '../history/history.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { silentLogger } from '../support/logger.ts';
import { createInbox } from './inbox.ts';

const BATCH = 500;

const message = (id: number) => numberedMessage(id, { content: { kind: 'text', text: `text ${id}` } });
const recall = (id: number): DomainEvent => ({
  type: 'recall',
  conversationId: 'single:2',
  serverId: `s${id}`,
});
const idOf = (event: DomainEvent) =>
  event.type === 'message' ? event.message.serverId : `-${event.serverId}`;

const NOTHING = {
  conversations: [],
  removedConversations: [],
  messages: [],
  removedMessages: [],
  unreadTotal: 0,
};

/** A history whose disk is at times full: it remembers what was stored, and how it was asked. */
function createStore() {
  const store = {
    stored: [] as string[],
    calls: [] as number[],
    underWay: 0,
    broken: false,
    /** Ends one write; null while none is under way. */
    finish: null as (() => void) | null,
    async receive({ messages, recalls }: ReceiveInput): Promise<Written<{ added: number; torn: boolean }>> {
      store.underWay += 1;
      expect(store.underWay).toBe(1);
      store.calls.push(messages.length + recalls.length);
      await new Promise<void>((resolve) => (store.finish = resolve));
      store.finish = null;
      store.underWay -= 1;
      if (store.broken) throw new Error('disk full');
      store.stored.push(
        ...messages.map(({ serverId }) => serverId),
        ...recalls.map(({ serverId }) => `-${serverId}`),
      );
      return {
        value: { added: messages.length, torn: messages.some(({ sequence }) => sequence === 13) },
        changes: NOTHING,
      };
    },
  };
  return store;
}

test('what comes in at the very moment a write ends is not left lying', async () => {
  for (let turns = 0; turns < 12; turns++) {
    const stored: string[] = [];
    const inbox = createInbox({
      history: {
        receive({ messages }) {
          const written = Promise.resolve({ value: { added: 1, torn: false }, changes: NOTHING });
          stored.push(...messages.map(({ serverId }) => serverId));
          if (stored.length > 1) return written;
          // Another part of the app was waiting for the same answer, and passes something on a few turns later.
          void (async () => {
            await written;
            for (let turn = 0; turn < turns; turn++) await null;
            inbox.accept({ type: 'message', message: message(2) });
          })();
          return written;
        },
      },
      clock: createFakeClock(),
      logger: silentLogger,
      reading: () => null,
      shown: () => [],
      onChanges: () => undefined,
      onTrouble: () => undefined,
    });
    inbox.accept({ type: 'message', message: message(1) });
    await flush();
    expect(stored, `${turns} turns later`).toEqual(['s1', 's2']);
  }
});

const flush = async () => {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
};

interface Model {
  accepted: DomainEvent[];
  /** What those were that asked to be told, and how many events had come before them. */
  waiters: { until: number; told: boolean }[];
  changes: number;
  torn: number;
  troubles: number;
}

class Real {
  readonly clock = createFakeClock();
  readonly store = createStore();
  readonly model: Model;
  readonly inbox;
  constructor(model: Model) {
    this.model = model;
    this.inbox = createInbox({
      history: this.store as never,
      clock: this.clock,
      logger: silentLogger,
      reading: () => null,
      shown: () => [],
      onChanges: () => void (model.changes += 1),
      onTorn: () => void (model.torn += 1),
      onTrouble: () => void (model.troubles += 1),
    });
  }
}

class Step implements fc.AsyncCommand<Model, Real> {
  readonly #name: string;
  readonly #run: (model: Model, real: Real) => void;
  constructor(name: string, run: (model: Model, real: Real) => void) {
    [this.#name, this.#run] = [name, run];
  }
  check = () => true;
  async run(model: Model, real: Real) {
    this.#run(model, real);
    await flush();
    // Nobody is told of what is not stored.
    for (const { until, told } of model.waiters)
      if (told) expect(real.store.stored.length).toBeGreaterThanOrEqual(until);
  }
  toString = () => this.#name;
}

const accepts = fc.record({ count: fc.integer({ min: 1, max: 700 }), taken: fc.boolean() }).map(
  ({ count, taken }) =>
    new Step(`${count} come`, (model, { inbox }) => {
      for (let one = 0; one < count; one++) {
        const id = model.accepted.length + 1;
        const event: DomainEvent =
          taken && one === count - 1 ? recall(id) : { type: 'message', message: message(id) };
        model.accepted.push(event);
        inbox.accept(event);
      }
    }),
);
const asks = fc.constant(
  new Step('somebody waits', (model, { inbox }) => {
    const waiter = { until: model.accepted.length, told: false };
    model.waiters.push(waiter);
    void inbox.settled().then(() => (waiter.told = true));
  }),
);
const finishes = fc.boolean().map(
  (broken) =>
    new Step(broken ? 'a write fails' : 'a write ends', (_, { store }) => {
      store.broken = broken;
      store.finish?.();
    }),
);
const passes = fc
  .integer({ min: 1, max: 70_000 })
  .map((time) => new Step(`${time} ms`, (_, { clock }) => clock.advance(time)));

test('whatever comes while writes take long or fail: everything is stored once, in turn, and nobody is told too early', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.commands([accepts, asks, finishes, finishes, passes], { maxCommands: 40 }),
      async (commands) => {
        const model: Model = { accepted: [], waiters: [], changes: 0, torn: 0, troubles: 0 };
        const real = new Real(model);
        await fc.asyncModelRun(() => ({ model, real }), commands);
        const { store, clock, inbox } = real;
        store.broken = false;
        for (let turn = 0; turn < 200 && store.stored.length < model.accepted.length; turn++) {
          clock.advance(60_000);
          store.finish?.();
          await flush();
        }
        // Within one write messages come before recalls, which stand behind the words that they take back either way.
        const expected = model.accepted.map(idOf);
        expect([...store.stored].sort()).toEqual([...expected].sort());
        const messages = (ids: string[]) => ids.filter((id) => !id.startsWith('-'));
        expect(messages(store.stored)).toEqual(messages(expected));
        expect(Math.max(0, ...store.calls)).toBeLessThanOrEqual(BATCH);
        expect(model.torn).toBe(messages(expected).includes('s13') ? 1 : 0);
        await flush();
        expect(model.waiters.filter(({ told }) => !told)).toEqual([]);
        await inbox.stop();
        inbox.accept({ type: 'message', message: message(9_999) });
        await flush();
        expect(store.stored).toHaveLength(model.accepted.length);
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

test('a streak of failures is told once, and so is the next one', async () => {
  const model: Model = { accepted: [], waiters: [], changes: 0, torn: 0, troubles: 0 };
  const { store, clock, inbox } = new Real(model);
  for (const streak of [1, 2]) {
    inbox.accept({ type: 'message', message: message(streak) });
    for (let failure = 0; failure < 4; failure++) {
      await flush();
      store.broken = true;
      store.finish?.();
      await flush();
      expect(model.troubles).toBe(streak);
      clock.advance(60_000);
    }
    await flush();
    store.broken = false;
    store.finish?.();
    await flush();
    expect(store.stored).toHaveLength(streak);
    expect(model.changes).toBe(streak);
  }
  await inbox.stop();
});

test('a stop waits for the write that is under way, and not for a history that cannot be written', async () => {
  const model: Model = { accepted: [], waiters: [], changes: 0, torn: 0, troubles: 0 };
  const { store, inbox } = new Real(model);
  inbox.accept({ type: 'message', message: message(1) });
  await flush();
  let stopped = false;
  const end = inbox.stop().then(() => (stopped = true));
  await flush();
  expect(stopped).toBe(false);
  store.broken = true;
  store.finish?.();
  await end;
  expect(store.calls).toEqual([1]);
});
