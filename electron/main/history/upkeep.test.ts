import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { numberedMessage, WITH_BO } from '../../../tests/helpers/history/sample-messages.ts';
import { temporaryHistory } from '../../../tests/helpers/history/temporary-history.ts';
import type { ConversationState, IncomingMessage } from '../dialects/chat-dialect.ts';
import { checkConversation } from '../messaging/completeness-check.ts';
import type { Sql } from './database.ts';
import type { HistoryMethods } from './history.ts';
import { inProcessHistory } from './in-process.ts';

const ID = WITH_BO.id;
let sql: Sql;
let history: HistoryMethods;

beforeEach(() => {
  ({ sql, engine: history } = temporaryHistory());
});

const upTo = (head: number) => Array.from({ length: head }, (_, index) => numberedMessage(index + 1));
const state = (headSeq: number): ConversationState => ({
  facts: WITH_BO,
  headSeq,
  firstSeq: 1,
  readSeq: 0,
  peerReadSeq: null,
});
const log = (headSeq: number, reset = false) =>
  history.applySync({
    page: {
      reset,
      conversations: [state(headSeq)],
      recalls: [],
      contacts: false,
      cursor: headSeq,
      more: false,
    },
    reset,
  });
const receive = (messages: IncomingMessage[]) => history.receive({ messages, recalls: [], reading: null });
const texts = () =>
  history.page({ conversationId: ID, limit: 200 }).messages.map(({ content }) => content.text);
const listed = () => history.listConversations().conversations.map(({ id }) => id);

test('a cleared history does not come back by frames, log, history or recall; what is new does', () => {
  receive(upTo(5));
  log(8);
  const { changes } = history.clear(ID);
  expect(changes).toMatchObject({ removedConversations: [ID], unreadTotal: 0 });
  expect([texts(), listed(), history.gaps()]).toEqual([[], [], []]);
  expect(history.page({ conversationId: ID, limit: 10 }).hasOlder).toBe(false);

  receive(upTo(5));
  log(8, true);
  history.storeStretch({ conversationId: ID, from: 1, to: 8, messages: upTo(8), reading: null });
  const tombstone = { sequence: 7, senderId: 2, senderName: 'Bo', own: false, createdAt: 7 };
  history.receive({
    messages: [],
    recalls: [{ conversationId: ID, serverId: 's7', tombstone }],
    reading: null,
  });
  expect([texts(), listed()]).toEqual([[], []]);
  expect(history.standing(ID)).toEqual({ first: 9, head: 8, here: 0, outside: 0 });

  receive([numberedMessage(9)]);
  expect([texts(), listed()]).toEqual([['t9'], [ID]]);
  expect(history.listConversations()).toMatchObject({ unreadTotal: 1 });
  expect(history.standing(ID)).toEqual({ first: 9, head: 9, here: 1, outside: 0 });
});

test('clearing leaves no words on the disk, keeps what waits to be sent and the draft', () => {
  receive(upTo(3));
  history.enqueue({
    clientMessageId: 'mine',
    conversationId: ID,
    content: { kind: 'text', text: 'on its way' },
    sender: { id: 1, name: 'Me', avatar: '' },
    now: 9,
  });
  history.saveDraft({ conversationId: ID, text: 'half' });
  history.clear(ID);
  expect(texts()).toEqual(['on its way']);
  expect(history.conversation(ID)).toMatchObject({ draft: 'half' });
  expect(listed()).toEqual([ID]);
  expect(history.nextPending(ID)?.clientMessageId).toBe('mine');
  expect(sql.get(`SELECT COUNT(*) AS n FROM message WHERE body LIKE '%"t_"%'`)?.['n']).toBe(0);
});

test('a server that was set back to a backup starts new numbers below the cleared ones', () => {
  receive(upTo(9));
  log(9);
  history.clear(ID);
  log(4, true);
  receive([numberedMessage(5, { serverId: 'other' })]);
  expect(texts()).toEqual(['t5']);
});

test('pages from the oldest on cross every message once and in order', () => {
  receive([3, 1, 5, 2, 4].map((sequence) => numberedMessage(sequence)));
  const seen: string[] = [];
  for (let after = undefined as ReturnType<typeof history.pageAfter>[number]['position'] | undefined; ;) {
    const page = history.pageAfter({
      conversationId: ID,
      limit: 2,
      ...(after === undefined ? {} : { after }),
    });
    if (page.length === 0) break;
    seen.push(...page.map(({ content }) => content.text));
    after = page.at(-1)?.position;
  }
  expect(seen).toEqual(['t1', 't2', 't3', 't4', 't5']);
  expect(history.countMessages(ID)).toBe(5);
});

const check = (server: IncomingMessage[], signal = new AbortController().signal, asked: number[] = []) =>
  checkConversation(ID, {
    history: inProcessHistory(history),
    dialect: {
      async history(_, bounds) {
        const after = 'afterSeq' in bounds ? bounds.afterSeq : 0;
        asked.push(after);
        const messages = server.filter(({ sequence }) => Number(sequence) > after).slice(0, bounds.limit);
        return { messages, headSeq: server.length, firstSeq: 1 };
      },
    },
    inTurn: (work) => work(),
    reading: () => null,
    onChanges: () => undefined,
    onProgress: () => undefined,
    signal,
  });

test('whatever was lost, misplaced or not taken back here, a check makes it equal to the server', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1_200 }),
      fc.array(fc.nat(1_199), { maxLength: 40 }),
      fc.array(fc.nat(1_199), { maxLength: 5 }),
      fc.array(fc.nat(1_199), { maxLength: 5 }),
      async (head, lost, misplaced, recalled) => {
        sql.run('DELETE FROM message');
        sql.run('DELETE FROM stretch');
        sql.run('DELETE FROM conversation');
        const gone = new Set(recalled.map((at) => at + 1));
        receive(upTo(head));
        log(head);
        for (const at of lost) sql.run('DELETE FROM message WHERE sort_major = ?', at + 1);
        for (const at of misplaced)
          sql.run(`UPDATE message SET sort_major = ? WHERE server_id = ?`, head + 50 + at, `s${at + 1}`);
        const server = upTo(head).map((one) => ({ ...one, recalled: gone.has(one.sequence ?? 0) }));
        const missing = head - Number(sql.get('SELECT COUNT(*) AS n FROM message')?.['n']);

        expect(await check(server)).toMatchObject({ fetched: missing, differing: 0, cancelled: false });
        expect(history.standing(ID)).toMatchObject({ head, here: head });
        expect(await check(server)).toMatchObject({ fetched: 0, corrected: 0, differing: 0 });
        const here = history.pageAfter({ conversationId: ID, limit: 2_000 });
        expect(here.map((one) => (one.recalled ? 'gone' : one.content.text))).toEqual(
          server.map((one) => (one.recalled ? 'gone' : one.content.text)),
        );
      },
    ),
    { numRuns: 12 },
  );
}, 60_000);

test('a cancelled check stops between ranges and keeps what it fetched', async () => {
  log(1_500);
  const abort = new AbortController();
  const server = upTo(1_500);
  const asked: number[] = [];
  const outcome = checkConversation(ID, {
    history: inProcessHistory(history),
    dialect: {
      async history(_, bounds) {
        asked.push('afterSeq' in bounds ? bounds.afterSeq : 0);
        return {
          messages: server.slice(asked.at(-1), Number(asked.at(-1)) + bounds.limit),
          headSeq: 1_500,
          firstSeq: 1,
        };
      },
    },
    inTurn: (work) => work(),
    reading: () => null,
    onChanges: () => undefined,
    onProgress: () => abort.abort(),
    signal: abort.signal,
  });
  expect(await outcome).toEqual({ fetched: 500, corrected: 0, differing: 0, cancelled: true });
  expect(asked).toEqual([0]);
  expect(history.standing(ID)).toEqual({ first: 1, head: 1_500, here: 500, outside: 0 });
});

test('what is equal is not written; a stranger of ours is told and kept', async () => {
  receive(upTo(3));
  log(3);
  sql.run(`UPDATE message SET server_id = 'stranger' WHERE server_id = 's2'`);
  expect(await check(upTo(3))).toMatchObject({ fetched: 1, differing: 1 });
  expect(texts()).toEqual(['t1', 't2', 't2', 't3']);
});
