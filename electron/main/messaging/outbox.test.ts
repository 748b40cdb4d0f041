import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MagpieError } from '#protocol/errors';
import { temporaryHistory } from '../../../tests/helpers/history/temporary-history.ts';
import type { ConversationFacts, OutgoingText, SendResult } from '../dialects/chat-dialect.ts';
import { inProcessHistory } from '../history/in-process.ts';
import type { History } from '../history/history.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { silentLogger } from '../support/logger.ts';
import { createOutbox, type Outbox, type OutboxOptions } from './outbox.ts';

function openHistory(): History {
  const { engine } = temporaryHistory();
  return inProcessHistory(engine);
}

/** An outbox whose session nobody ends; `given` says what the test is about. */
function outboxOf(given: Pick<OutboxOptions, 'history' | 'dialect'> & Partial<OutboxOptions>): Outbox {
  return createOutbox({
    clock: createFakeClock(),
    logger: silentLogger,
    onChanges: () => undefined,
    onSessionEnded: () => expect.unreachable(),
    ...given,
  });
}

const facts = (id: string): ConversationFacts => ({ id, kind: 'single', name: 'B', avatars: [], link: null });

async function write(history: History, conversationId: string, text: string, id: string) {
  await history.ensureConversation({ facts: facts(conversationId), now: 1 });
  await history.enqueue({
    clientMessageId: id,
    conversationId,
    content: { kind: 'text', text },
    sender: { id: 1, name: 'A', avatar: '' },
    now: 1,
  });
}

/** A server that remembers client ids, behind a network that fails as told. */
function flakyServer(script: ('ok' | 'lost-request' | 'lost-answer' | 'busy')[], idempotent: boolean) {
  const stored: OutgoingText[] = [];
  let step = 0;
  return {
    stored,
    dialect: {
      idempotentSend: idempotent,
      async sendText(message: OutgoingText): Promise<SendResult> {
        await Promise.resolve();
        const what = script[step++] ?? 'ok';
        if (what === 'lost-request') return { kind: 'retry', afterSeconds: null };
        if (what === 'busy') return { kind: 'retry', afterSeconds: 7 };
        let at = idempotent ? stored.findIndex((one) => one.clientMessageId === message.clientMessageId) : -1;
        if (at < 0) at = stored.push(message) - 1;
        if (what === 'lost-answer')
          return idempotent ? { kind: 'retry', afterSeconds: null } : { kind: 'unknown' };
        const sequence = stored
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
      },
    },
  };
}

/** Lets promises run and planned retries happen until nothing is pending any more. */
async function drain(history: History, clock: ReturnType<typeof createFakeClock>, limit = 2_000) {
  for (let turn = 0; turn < limit; turn++) {
    if ((await history.pendingConversations()).length === 0) return;
    await new Promise((resolve) => setImmediate(resolve));
    clock.runNext();
  }
  throw new Error('the outbox never became empty');
}

const step = fc.constantFrom('ok', 'lost-request', 'lost-answer', 'busy') as fc.Arbitrary<
  'ok' | 'lost-request' | 'lost-answer' | 'busy'
>;

test('never lost, never twice, in order, whatever the network does and whenever the app restarts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 12 }),
      fc.array(step, { maxLength: 30 }),
      fc.array(fc.nat(12), { maxLength: 3 }),
      async (peers, script, restarts) => {
        const history = openHistory();
        const server = flakyServer(script, true);
        const clock = createFakeClock();
        const make = (): Outbox =>
          outboxOf({
            history,
            dialect: server.dialect,
            clock,
          });
        let outbox = make();
        await outbox.start();
        for (const [index, peer] of peers.entries()) {
          await write(history, `single:${peer}`, `text ${index}`, `m${index}`);
          outbox.added(`single:${peer}`);
          if (restarts.includes(index)) {
            await outbox.stop();
            outbox = make();
            await outbox.start();
          }
        }
        await drain(history, clock);
        await outbox.stop();
        for (const peer of new Set(peers)) {
          const expected = peers.flatMap((one, index) => (one === peer ? [`text ${index}`] : []));
          const there = server.stored.filter((one) => one.conversationId === `single:${peer}`);
          expect(there.map((one) => one.text)).toEqual(expected);
          const { messages } = await history.page({ conversationId: `single:${peer}`, limit: 100 });
          expect(messages.map((one) => one.status)).toEqual(expected.map(() => 'sent'));
          expect(messages.map((one) => one.content)).toEqual(
            expected.map((text) => ({ kind: 'text', text })),
          );
        }
      },
    ),
    { numRuns: 40 },
  );
}, 60_000);

test('a plain server never gets a message twice: a lost answer leaves it to the person', async () => {
  const history = openHistory();
  const server = flakyServer(['lost-answer', 'lost-request', 'ok'], false);
  const clock = createFakeClock();
  await write(history, 'single:1', 'first', 'm1');
  await write(history, 'single:1', 'second', 'm2');
  const outbox = outboxOf({
    history,
    dialect: server.dialect,
    clock,
  });
  await outbox.start();
  await drain(history, clock);
  await outbox.stop();
  expect(server.stored.map((one) => one.text)).toEqual(['first', 'second']);
  expect((await history.message('m1'))?.status).toBe('unconfirmed');
  expect((await history.message('m2'))?.status).toBe('sent');
});

test('a send cut off by a crash on a plain server becomes unconfirmed at the next start', async () => {
  const history = openHistory();
  await write(history, 'single:1', 'cut', 'm1');
  await history.setAttempted({ clientMessageId: 'm1', attempted: true });
  const server = flakyServer([], false);
  const outbox = outboxOf({
    history,
    dialect: server.dialect,
  });
  await outbox.start();
  await outbox.stop();
  expect(server.stored).toEqual([]);
  expect((await history.message('m1'))?.status).toBe('unconfirmed');
});

test('a refusal is final, says why, and does not hold up the next message', async () => {
  const history = openHistory();
  const inner = flakyServer([], true);
  await write(history, 'single:1', 'bad', 'm1');
  await write(history, 'single:1', 'good', 'm2');
  const outbox = outboxOf({
    history,
    dialect: {
      idempotentSend: true,
      sendText: async (message) =>
        message.text === 'bad'
          ? { kind: 'refused', failure: { code: 'refused', serverText: '不行' } }
          : inner.dialect.sendText(message),
    },
  });
  await outbox.start();
  await expect.poll(async () => (await history.message('m2'))?.status).toBe('sent');
  await outbox.stop();
  const refused = await history.message('m1');
  expect(refused?.status).toBe('failed');
  expect(refused?.failure).toEqual({ code: 'refused', serverText: '不行' });
});

test('the end of the session stops the queue and keeps the message pending', async () => {
  const history = openHistory();
  await write(history, 'single:1', 'later', 'm1');
  const ends: string[] = [];
  const outbox = outboxOf({
    history,
    dialect: {
      idempotentSend: true,
      sendText: async () => ({ kind: 'session-ended', error: new MagpieError('session-ended', 'over') }),
    },
    onSessionEnded: (error) => void ends.push(error.code),
  });
  await outbox.start();
  await expect.poll(() => ends).toEqual(['session-ended']);
  await outbox.stop();
  expect((await history.message('m1'))?.status).toBe('pending');
});

test('a held message goes when its time is over, unless it was undone; both never happen', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 6_000 }), fc.boolean(), async (undoneAfter, hasMore) => {
      const history = openHistory();
      const clock = createFakeClock();
      const pass = async (milliseconds: number) => {
        for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        clock.advance(milliseconds);
        for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      };
      const server = flakyServer([], true);
      const outbox: Outbox = outboxOf({
        history,
        dialect: server.dialect,
        clock,
      });
      await history.ensureConversation({ facts: facts('single:2'), now: 1 });
      const enqueue = (id: string) =>
        history.enqueue({
          clientMessageId: id,
          conversationId: 'single:2',
          content: { kind: 'text', text: id },
          sender: { id: 1, name: 'A', avatar: '' },
          now: clock.now(),
          heldUntil: clock.now() + 3_000,
        });
      await enqueue('first');
      if (hasMore) await enqueue('second');
      outbox.added('single:2');
      await pass(undoneAfter);
      const undone = await history.undo({ messageId: 'first', now: clock.now() }).then(
        () => true,
        () => false,
      );
      outbox.wake();
      for (let second = 0; second < 10; second += 1) await pass(1_000);
      await outbox.stop();
      const sent = server.stored.map(({ text }) => text);
      expect(sent).toEqual([...(undone ? [] : ['first']), ...(hasMore ? ['second'] : [])]);
      expect((await history.conversation('single:2'))?.draft).toBe(undone ? 'first' : '');
      expect(undone).toBe(undoneAfter < 3_000);
    }),
    { numRuns: 25 },
  );
});

/** A line that is dead without knowing: the first send hangs until it is given up. */
function hangingServer(idempotent: boolean) {
  const server = flakyServer([], idempotent);
  let hanging = true;
  let givenUp = 0;
  return {
    stored: server.stored,
    get givenUp() {
      return givenUp;
    },
    heal: () => void (hanging = false),
    dialect: {
      idempotentSend: idempotent,
      async sendText(message: OutgoingText, signal?: AbortSignal): Promise<SendResult> {
        if (!hanging) return server.dialect.sendText(message);
        return new Promise((resolve) =>
          signal?.addEventListener('abort', () => {
            givenUp += 1;
            resolve(idempotent ? { kind: 'retry', afterSeconds: null } : { kind: 'unknown' });
          }),
        );
      },
    },
  };
}

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

test('a send that hangs on a dead line is given up and repeated at once when the connection is back', async () => {
  const history = openHistory();
  const server = hangingServer(true);
  const clock = createFakeClock();
  const outbox = outboxOf({
    history,
    dialect: server.dialect,
    clock,
  });
  await write(history, 'single:2', 'first', 'm1');
  await write(history, 'single:2', 'second', 'm2');
  await outbox.start();
  await turns(10);
  expect(server.stored).toEqual([]);
  server.heal();
  outbox.reconnected();
  // No timer may be needed for it.
  await turns(40);
  expect(server.givenUp).toBe(1);
  expect(server.stored.map(({ text }) => text)).toEqual(['first', 'second']);
  expect(await history.pendingConversations()).toEqual([]);
  await outbox.stop();
});

test('on a plain server a send that hangs is waited for: a repeat could be a second copy', async () => {
  const history = openHistory();
  const server = hangingServer(false);
  const outbox = outboxOf({
    history,
    dialect: server.dialect,
  });
  await write(history, 'single:2', 'first', 'm1');
  await outbox.start();
  await turns(10);
  outbox.reconnected();
  await turns(10);
  expect(server.givenUp).toBe(0);
  expect(await history.pendingConversations()).toEqual(['single:2']);
});

test('failures before the connection was back make no pause after it longer', async () => {
  const history = openHistory();
  const server = flakyServer(
    Array.from({ length: 8 }, () => 'lost-request' as const),
    true,
  );
  const clock = createFakeClock({ random: () => 0.99 });
  const outbox = outboxOf({
    history,
    dialect: server.dialect,
    clock,
  });
  await write(history, 'single:2', 'first', 'm1');
  await outbox.start();
  for (let failure = 0; failure < 7; failure++) {
    await turns(5);
    expect(clock.planned).toBe(1);
    if (failure < 6) clock.runNext();
  }
  outbox.reconnected();
  await turns(10);
  // The eighth failure is the first one again.
  clock.advance(1_000);
  await turns(10);
  expect(server.stored.map(({ text }) => text)).toEqual(['first']);
  await outbox.stop();
});

test('what is added while a lane finds that there is nothing more is sent all the same', async () => {
  const inner = openHistory();
  const server = flakyServer([], true);
  let atLook: (() => Promise<void>) | null = null;
  const outbox: Outbox = outboxOf({
    history: {
      ...inner,
      async nextPending(conversationId, now) {
        const next = await inner.nextPending(conversationId, now);
        // The look is over, and its answer is on its way.
        if (next === null) await atLook?.();
        return next;
      },
    },
    dialect: server.dialect,
  });
  atLook = async () => {
    atLook = null;
    await write(inner, 'single:2', 'second', 'm2');
    outbox.added('single:2');
  };
  await write(inner, 'single:2', 'first', 'm1');
  await outbox.start();
  await turns(20);
  expect(server.stored.map(({ text }) => text)).toEqual(['first', 'second']);
  await outbox.stop();
});

test('a file that is still on its way lets the others go first when the person says so, and goes when asked again', async () => {
  const history = openHistory();
  const server = flakyServer([], true);
  const file = { url: 'stage:1', name: 'a.zip', size: 9, mime: 'application/zip' };
  await history.ensureConversation({ facts: facts('single:2'), now: 1 });
  await history.enqueue({
    clientMessageId: 'file',
    conversationId: 'single:2',
    content: { kind: 'file', text: '', file },
    sender: { id: 1, name: 'A', avatar: '' },
    now: 1,
  });
  await write(history, 'single:2', 'behind it', 'm2');

  const sent: string[] = [];
  let arrive: () => void = () => expect.unreachable();
  const upload = new Promise<void>((resolve) => (arrive = resolve));
  const outbox = outboxOf({
    history,
    dialect: {
      ...server.dialect,
      async sendText(message) {
        sent.push(message.clientMessageId);
        return server.dialect.sendText(message);
      },
    },
    files: {
      async ready(content) {
        await upload;
        return { staged: content, content };
      },
      async send({ clientMessageId, conversationId }) {
        sent.push(clientMessageId);
        return server.dialect.sendText({ clientMessageId, conversationId, text: '' });
      },
      gone: () => Promise.resolve(),
      sent: () => Promise.resolve(),
    },
  });
  await outbox.start();
  await turns(20);
  expect(sent).toEqual([]);

  await history.setAside('file');
  outbox.added('single:2');
  await turns(20);
  expect(sent).toEqual(['m2']);

  // What is written next does not wait for it either, and it is not forgotten.
  await history.retry('file');
  outbox.added('single:2');
  await turns(20);
  expect(sent).toEqual(['m2']);
  arrive();
  await turns(20);
  expect(sent).toEqual(['m2', 'file']);
  await outbox.stop();
});
