import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { numberedMessage, WITH_BO } from '../../../tests/helpers/history/sample-messages.ts';
import { temporaryHistory } from '../../../tests/helpers/history/temporary-history.ts';
import type { IncomingMessage } from '../dialects/chat-dialect.ts';
import type { Sql } from './database.ts';
import type { HistoryMethods } from './history.ts';

let ID: string;
let runs = 0;
const sender = { id: 1, name: 'Me', avatar: '' };
let sql: Sql;
let history: HistoryMethods;

beforeEach(() => {
  ({ sql, engine: history } = temporaryHistory());
  ID = WITH_BO.id;
});

const incoming = (place: number, change: Partial<IncomingMessage> = {}) =>
  numberedMessage(place, { conversation: { ...WITH_BO, id: ID }, createdAt: place * 10, ...change });
const upTo = (head: number, change: Partial<IncomingMessage> = {}) =>
  Array.from({ length: head }, (_, index) => incoming(index + 1, change));
const log = (headSeq: number) =>
  history.applySync({
    reset: false,
    page: {
      reset: false,
      conversations: [
        {
          facts: { ...WITH_BO, id: ID, avatars: null },
          headSeq,
          firstSeq: 1,
          readSeq: 0,
          peerReadSeq: null,
        },
      ],
      recalls: [],
      contacts: false,
      cursor: headSeq,
      more: false,
    },
  });
const texts = () =>
  history.page({ conversationId: ID, limit: 200 }).messages.map(({ content }) => content.text);
const expire = (before: number, limit = 1_000) => history.expire({ before, limit });

test('old messages go, are told to the window, and come back by no way; the proof counts what stays', () => {
  log(10);
  history.receive({ messages: upTo(10), recalls: [], reading: ID });
  const { value, changes } = expire(60);
  expect(value.removed).toBe(5);
  expect(changes.removedMessages).toHaveLength(5);
  expect(texts()).toEqual(['t6', 't7', 't8', 't9', 't10']);
  expect(sql.get('SELECT COUNT(*) AS n FROM message')?.['n']).toBe(5);
  expect(history.standing(ID)).toMatchObject({ first: 6, head: 10, here: 5 });

  history.receive({ messages: upTo(4), recalls: [], reading: null });
  history.storeStretch({ conversationId: ID, from: 1, to: 10, messages: upTo(10), reading: null });
  history.repairRange({ conversationId: ID, from: 1, to: 10, messages: upTo(10), reading: null });
  history.receive({
    messages: [],
    recalls: [
      {
        conversationId: ID,
        serverId: 's2',
        tombstone: { sequence: 2, senderId: 2, senderName: 'Bo', own: false, createdAt: 20 },
      },
    ],
    reading: null,
  });
  expect(texts()).toEqual(['t6', 't7', 't8', 't9', 't10']);
  expect(history.page({ conversationId: ID, limit: 50 }).hasOlder).toBe(false);
  expect(history.gaps()).toEqual([]);
  expect(expire(60).value.removed).toBe(0);
});

test('what is unread, waits, failed or is an entry of the server stays however old it is', () => {
  log(6);
  history.receive({ messages: upTo(3), recalls: [], reading: ID });
  history.receive({ messages: upTo(6), recalls: [], reading: null });
  const content = { kind: 'text', text: 'waiting' } as const;
  history.enqueue({ clientMessageId: 'w', conversationId: ID, content, sender, now: 1 });
  history.enqueue({ clientMessageId: 'f', conversationId: ID, content, sender, now: 1 });
  history.settle({ clientMessageId: 'f', status: 'failed', failure: { code: 'refused' } });
  const entry: Partial<IncomingMessage> = {
    conversation: { id: 'service:hints', kind: 'service', name: 'Hints', avatars: [], link: 'contacts' },
    sequence: null,
    standing: true,
    counts: false,
  };
  history.receive({ messages: [incoming(7, entry)], recalls: [], reading: null });
  const before = history.listConversations();
  expect(expire(1e12).value.removed).toBe(3);
  expect(texts()).toEqual(['t4', 't5', 't6', 'waiting', 'waiting']);
  expect(history.conversation(ID)?.unread).toBe(3);
  expect(history.listConversations().unreadTotal).toBe(before.unreadTotal);
  expect(history.page({ conversationId: 'service:hints', limit: 5 }).messages).toHaveLength(1);
});

test('a conversation of which nothing stays keeps its row, its draft and its place', () => {
  log(3);
  history.receive({ messages: upTo(3), recalls: [], reading: ID });
  history.saveDraft({ conversationId: ID, text: 'half' });
  expire(1e12);
  expect(history.conversation(ID)).toMatchObject({ preview: null, draft: 'half', lastActivityAt: 30 });
  log(4);
  history.receive({ messages: [incoming(4)], recalls: [], reading: null });
  expect([texts(), history.conversation(ID)?.unread]).toEqual([['t4'], 1]);
});

test('messages of a server without numbers go by their time', () => {
  history.receive({ messages: upTo(5, { sequence: null }), recalls: [], reading: ID });
  expect(expire(30).value.removed).toBe(2);
  expect(texts()).toEqual(['t3', 't4', 't5']);
});

test('whatever is read and however small the steps, the old and read beginning goes and nothing else', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 60 }),
      fc.nat(60),
      fc.nat(70),
      fc.integer({ min: 1, max: 20 }),
      fc.uniqueArray(fc.integer({ min: 1, max: 60 })),
      (head, read, age, step, recalled) => {
        // A conversation of its own for each run; ids of messages repeat, as between conversations they may.
        ID = `single:${1_000 + runs++}`;
        log(head);
        history.receive({ messages: upTo(Math.min(read, head)), recalls: [], reading: ID });
        history.receive({
          messages: upTo(head).map((message) => ({
            ...message,
            recalled: recalled.includes(message.sequence ?? 0),
          })),
          recalls: [],
          reading: null,
        });
        const unread = history.conversation(ID)?.unread ?? 0;
        for (let last = step; last === step;) ({ removed: last } = expire(age * 10, step).value);
        const expected = Math.max(0, Math.min(head, read, age - 1));
        expect(texts()).toHaveLength(head - expected);
        expect(history.conversation(ID)?.unread ?? 0).toBe(unread);
        if (head > 0)
          expect(history.standing(ID)).toMatchObject({ first: expected + 1, here: head - expected });
      },
    ),
    { numRuns: 60 },
  );
}, 30_000);
