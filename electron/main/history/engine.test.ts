import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { comparePositions, PENDING_MAJOR } from '#protocol/model/message';
import { numberedMessage, WITH_BO } from '../../../tests/helpers/history/sample-messages.ts';
import { SAMPLE_KEY } from '../../../tests/helpers/history/temporary-history.ts';
import type { IncomingMessage } from '../dialects/chat-dialect.ts';
import { openDatabase, type Sql } from './database.ts';
import { createHistoryEngine } from './engine.ts';
import type { HistoryMethods } from './history.ts';

let folder: string;
let path: string;
let sql: Sql;
let history: HistoryMethods;

function open(key = SAMPLE_KEY): boolean {
  const opened = openDatabase(path, key);
  sql = opened.sql;
  history = createHistoryEngine(sql);
  return opened.reset;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'magpie-history-'));
  path = join(folder, 'history.db');
  open();
});
afterEach(() => {
  sql.close();
  rmSync(folder, { recursive: true });
});

/** A message of a server without numbers. */
function incoming({
  peer = 2,
  serverId = 's1',
  ...change
}: Partial<IncomingMessage> & { peer?: number } = {}): IncomingMessage {
  return numberedMessage(1, {
    serverId,
    conversation: { ...WITH_BO, id: `single:${peer}` },
    sequence: null,
    senderId: peer,
    content: { kind: 'text', text: serverId },
    createdAt: 1_000,
    ...change,
  });
}
const receive = (messages: IncomingMessage[], reading: string | null = null) =>
  history.receive({ messages, recalls: [], reading });
const enqueue = (id: string, text = id) => {
  history.ensureConversation({
    facts: { ...WITH_BO, name: null, avatars: null },
    now: 5,
  });
  return history.enqueue({
    clientMessageId: id,
    conversationId: 'single:2',
    content: { kind: 'text', text },
    sender: { id: 1, name: 'Me', avatar: '' },
    now: 9_000,
  });
};
const texts = (id = 'single:2') =>
  history
    .page({ conversationId: id, limit: 200 })
    .messages.map(({ content }) => (content.kind === 'text' ? content.text : content.kind));

describe('receiving', () => {
  test('keeps one copy per server id and conversation, and two across conversations', () => {
    expect(receive([incoming(), incoming()]).value.added).toBe(1);
    expect(receive([incoming()]).value.added).toBe(0);
    expect(receive([incoming({ peer: 3 })]).value.added).toBe(1);
    expect(texts()).toEqual(['s1']);
  });

  test('a new conversation counts its first message before the log has told of it', () => {
    const { changes } = receive([
      incoming({ serverId: 's1', sequence: 1, counts: false, content: { kind: 'notice', text: 'friends' } }),
      incoming({ serverId: 's2', sequence: 2 }),
    ]);
    expect(changes.conversations[0]?.unread).toBe(1);
    expect(history.markRead('single:2').changes.unreadTotal).toBe(0);
    expect(receive([incoming({ serverId: 's3', sequence: 3 })], 'single:2').changes.unreadTotal).toBe(0);
    expect(receive([incoming({ serverId: 's4', sequence: 4 })]).changes.unreadTotal).toBe(1);
  });

  test('counts unread in the same write, except where the person is looking', () => {
    const { changes } = receive([
      incoming(),
      incoming({ serverId: 's2' }),
      incoming({ serverId: 's3', own: true, counts: false }),
    ]);
    expect(changes.conversations[0]?.unread).toBe(2);
    expect(changes.unreadTotal).toBe(2);
    // Whoever looks at the end of it has read what stands before.
    expect(receive([incoming({ serverId: 's4' })], 'single:2').changes.unreadTotal).toBe(0);
    expect(receive([incoming({ serverId: 's5' })]).changes.unreadTotal).toBe(1);
    expect(history.markRead('single:2').changes.unreadTotal).toBe(0);
    receive([incoming({ serverId: 's5' })]);
    expect(
      history.setSwitch({ conversationId: 'single:2', name: 'muted', value: true }).changes.unreadTotal,
    ).toBe(0);
  });

  test('the preview and the place in the list follow the last message by position, not by arrival', () => {
    receive([incoming({ serverId: 'late', sequence: 2, createdAt: 2_000 })]);
    receive([incoming({ serverId: 'early', sequence: 1, createdAt: 1_000 })]);
    const [row] = history.listConversations().conversations;
    expect(row?.preview?.content).toEqual({ kind: 'text', text: 'late' });
    expect(row?.lastActivityAt).toBe(2_000);
  });

  test('a standing hint is kept once; a hidden row comes back with a message', () => {
    const hint = (serverId: string) => incoming({ serverId, standing: true, counts: false });
    receive([hint('h1'), hint('h2')]);
    expect(texts()).toEqual(['h1']);
    expect(history.hide('single:2').changes.removedConversations).toEqual(['single:2']);
    expect(receive([hint('h3')]).changes.conversations).toEqual([]);
    expect(receive([incoming({ serverId: 'm' })]).changes.conversations).toHaveLength(1);
  });

  test('a recall marks the message and leaves unknown ids alone', () => {
    receive([incoming()]);
    const recall = (serverId: string) =>
      history.receive({
        messages: [],
        recalls: [{ conversationId: 'single:2', serverId, tombstone: null }],
        reading: null,
      });
    expect(recall('s1').changes.messages[0]?.recalled).toBe(true);
    expect(recall('nobody').changes.messages).toEqual([]);
  });

  test('a deleted message does not come back with a late copy', () => {
    receive([incoming()]);
    const [message] = history.page({ conversationId: 'single:2', limit: 10 }).messages;
    history.deleteMessage(message?.id ?? '');
    receive([incoming()]);
    expect(texts()).toEqual([]);
    expect(history.listConversations().conversations[0]?.preview).toBeNull();
  });

  test("another person's client id cannot touch our own message", () => {
    enqueue('m1', 'mine');
    receive([incoming({ serverId: 'x', clientMessageId: null })]);
    expect(history.message('m1')?.status).toBe('pending');
  });
});

test('of conversations that nobody looks at the newest message of others is told, of the shown ones all', () => {
  const in_ = (peer: number, sequence: number, change = {}) =>
    incoming({
      serverId: `p${peer}-${sequence}`,
      conversation: { id: `single:${peer}`, kind: 'single', name: 'P', avatars: [], link: null },
      sequence,
      ...change,
    });
  const { changes } = history.receive({
    messages: [
      ...[1, 3, 2].map((sequence) => in_(7, sequence)),
      in_(7, 4, { own: true, clientMessageId: 'mine' }),
      ...[1, 2].map((sequence) => in_(8, sequence)),
    ],
    recalls: [],
    reading: null,
    shown: ['single:8'],
  });
  const told = changes.messages.map(({ serverId }) => serverId).sort();
  expect(told).toEqual(['p7-3', 'p8-1', 'p8-2']);
  expect(changes.conversations.map(({ id }) => id).sort()).toEqual(['single:7', 'single:8']);
});

describe('sending', () => {
  const acknowledge = (
    clientMessageId: string,
    serverId: string,
    sequence: number | null,
    createdAt: number,
  ) =>
    history.acknowledge({
      clientMessageId,
      acknowledgement: { serverId, sequence, createdAt, conversation: incoming().conversation },
    });

  test('a pending message is at the end, clears the draft, and takes its place when acknowledged', () => {
    receive([incoming({ sequence: 1 })]);
    history.saveDraft({ conversationId: 'single:2', text: 'half' });
    const { value, changes } = enqueue('m1', 'hello');
    expect(value).toMatchObject({ id: 'm1', status: 'pending', serverId: null, own: true });
    expect(value.position.major).toBe(PENDING_MAJOR);
    expect(changes.conversations[0]).toMatchObject({ draft: '', lastActivityAt: 9_000 });
    receive([incoming({ serverId: 's3', sequence: 3 })]);
    expect(texts()).toEqual(['s1', 's3', 'hello']);
    acknowledge('m1', 's2', 2, 1_500);
    expect(texts()).toEqual(['s1', 'hello', 's3']);
    expect(history.message('m1')).toMatchObject({ status: 'sent', serverId: 's2', createdAt: 1_500 });
  });

  test('an echo before the answer, or after it, is the same message', () => {
    enqueue('m1', 'hello');
    const echo = incoming({ serverId: 's9', clientMessageId: 'm1', own: true, sequence: 1, counts: false });
    receive([echo]);
    expect(history.message('m1')?.status).toBe('sent');
    acknowledge('m1', 's9', 1, 1_000);
    receive([echo]);
    expect(texts()).toEqual(['hello']);
  });

  test('an echo that came without the client id makes way for the row that the window knows', () => {
    enqueue('m1', 'hello');
    receive([incoming({ serverId: 's9', own: true, counts: false })]);
    const { changes } = acknowledge('m1', 's9', null, 1_000);
    expect(changes.removedMessages).toHaveLength(1);
    expect(history.page({ conversationId: 'single:2', limit: 9 }).messages.map(({ id }) => id)).toEqual([
      'm1',
    ]);
  });

  test('refused, retried, deleted: the outbox follows', () => {
    enqueue('m1');
    enqueue('m2');
    expect(history.nextPending('single:2')?.clientMessageId).toBe('m1');
    history.settle({
      clientMessageId: 'm1',
      status: 'failed',
      failure: { code: 'refused', serverText: 'no' },
    });
    expect(history.nextPending('single:2')?.clientMessageId).toBe('m2');
    expect(history.retry('m1').value).toMatchObject({ status: 'pending', failure: null });
    expect(history.nextPending('single:2')?.clientMessageId).toBe('m1');
    history.deleteMessage('m1');
    history.deleteMessage('m2');
    expect(history.nextPending('single:2')).toBeNull();
    expect(history.pendingConversations()).toEqual([]);
    expect(() => history.retry('m1')).toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});

describe('paging', () => {
  test('pages join without holes or repeats, in order, whatever the order of arrival', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        fc.uuid(),
        (numbers, limit, numbered, name) => {
          const id = `single:${name}`;
          receive(
            numbers.map((number) =>
              incoming({
                serverId: `s${number}`,
                conversation: { id, kind: 'single', name: '', avatars: [], link: null },
                sequence: numbered ? number : null,
                createdAt: number * 10,
              }),
            ),
          );
          const seen = [];
          let before;
          for (;;) {
            const page = history.page({
              conversationId: id,
              limit,
              ...(before === undefined ? {} : { before }),
            });
            seen.unshift(...page.messages);
            before = page.messages[0]?.position;
            if (!page.hasOlder) break;
          }
          const expected = [...numbers].sort((a, b) => a - b).map((number) => `s${number}`);
          expect(seen.map(({ serverId }) => serverId)).toEqual(expected);
          expect([...seen].sort((a, b) => comparePositions(a.position, b.position))).toEqual(seen);
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe('the file', () => {
  test('survives a restart, words unreadable on disk', () => {
    receive([incoming({ content: { kind: 'text', text: 'a very secret sentence' } })]);
    enqueue('m1', 'still to send');
    sql.close();
    for (const file of readdirSync(folder))
      expect(readFileSync(join(folder, file)).includes('a very secret sentence')).toBe(false);
    expect(open()).toBe(false);
    expect(texts()).toEqual(['a very secret sentence', 'still to send']);
    expect(history.pendingConversations()).toEqual(['single:2']);
  });

  test('a damaged file, or one of another key, is set aside and a new one begun', () => {
    receive([incoming()]);
    sql.close();
    expect(open('cd'.repeat(32))).toBe(true);
    expect(history.listConversations().conversations).toEqual([]);
    sql.close();
    writeFileSync(path, 'this is no database'.repeat(400));
    rmSync(`${path}-wal`, { force: true });
    expect(open()).toBe(true);
    expect(readdirSync(folder).filter((file) => /damaged-[^.]*Z$/u.test(file))).toHaveLength(2);
  });

  test('a full disk is an expected error, and what was stored stays', () => {
    receive([incoming()]);
    sql.all(`PRAGMA max_page_count = 1`);
    const big = incoming({ serverId: 'big', content: { kind: 'text', text: 'x'.repeat(200_000) } });
    expect(() => receive([big])).toThrow(expect.objectContaining({ code: 'disk-full' }));
    expect(texts()).toEqual(['s1']);
    expect(history.listConversations().unreadTotal).toBe(1);
  });
});

test('a server that gives two of our messages one id costs neither of them its text', () => {
  enqueue('one');
  enqueue('two');
  const acknowledgement = {
    serverId: 'same',
    sequence: 1,
    createdAt: 1,
    conversation: { id: 'single:2', kind: 'single' as const, name: null, avatars: null, link: null },
  };
  history.acknowledge({ clientMessageId: 'one', acknowledgement });
  history.acknowledge({ clientMessageId: 'two', acknowledgement: { ...acknowledgement, sequence: 2 } });
  expect(texts()).toEqual(['one', 'two']);
  expect(history.pendingConversations()).toEqual([]);
});

test('a text with a NUL keeps what stands behind it', () => {
  enqueue('first');
  history.saveDraft({ conversationId: 'single:2', text: 'before\0behind' });
  expect(history.conversation('single:2')?.draft).toBe('before\u{fffd}behind');
  enqueue('second', 'a\0b');
  expect(texts()).toEqual(['first', 'a\0b']);
});

describe('a date', () => {
  const at = (sequence: number, createdAt: number) =>
    incoming({ serverId: `s${sequence}`, sequence, createdAt });
  const found = (when: number, limit = 2) => {
    const { messages, hasOlder, hasNewer } = history.pageAtDate({
      conversationId: 'single:2',
      at: when,
      limit,
    });
    return [messages.map(({ content }) => content.text), hasOlder, hasNewer];
  };

  test('leads to the first message of that time, with what there is around it', () => {
    receive([at(1, 100), at(2, 200), at(3, 300), at(4, 400)]);
    enqueue('mine');
    expect(found(0)).toEqual([['s1', 's2'], false, true]);
    expect(found(200)).toEqual([['s2', 's3'], true, true]);
    expect(found(201, 9)).toEqual([['s3', 's4', 'mine'], true, false]);
    // After the end: the end, whatever the clock says that stamped what is not sent yet.
    expect(found(9_000)).toEqual([['s4', 'mine'], true, false]);
  });

  test('is of the server: its clock may have been set back, and a page is in the order of the numbers all the same', () => {
    receive([at(1, 900), at(2, 200), at(3, 300)]);
    expect(found(250, 9)).toEqual([['s3'], true, false]);
    expect(found(850, 9)).toEqual([['s1', 's2', 's3'], false, false]);
  });

  test('passes over what was deleted, and finds nothing where nothing is', () => {
    expect(found(1)).toEqual([[], false, false]);
    receive([at(1, 100), at(2, 200), at(3, 300)]);
    history.deleteMessage('r2');
    expect(found(150)).toEqual([['s3'], true, false]);
  });
});

describe('switches and the list', () => {
  const row = () => history.conversation('single:2');
  test('each switch is stored by itself and survives a restart', () => {
    receive([incoming()]);
    expect(row()).toMatchObject({ pinned: false, muted: false, strongAlert: false, showNicknames: true });
    for (const name of ['pinned', 'muted', 'strongAlert'] as const)
      history.setSwitch({ conversationId: 'single:2', name, value: true });
    history.setSwitch({ conversationId: 'single:2', name: 'showNicknames', value: false });
    sql.close();
    open();
    expect(row()).toMatchObject({ pinned: true, muted: true, strongAlert: true, showNicknames: false });
  });

  test('a removal that is taken back restores pin and mark; without it messages bring the row back plain', () => {
    receive([incoming()]);
    history.setSwitch({ conversationId: 'single:2', name: 'pinned', value: true });
    history.hide('single:2');
    expect(history.listConversations()).toMatchObject({ conversations: [], unreadTotal: 0 });
    const { changes } = history.unhide({ conversationId: 'single:2', pinned: true, unread: true });
    expect(changes.conversations).toMatchObject([{ id: 'single:2', pinned: true, unread: 1 }]);
    expect(texts()).toEqual(['s1']);
    history.hide('single:2');
    receive([incoming({ serverId: 's2' })]);
    expect(row()).toMatchObject({ pinned: false, unread: 1 });
  });
});

describe('messages that wait for a decision', () => {
  test('kept: it stands before what came after it was written, and is sent', () => {
    receive([incoming({ serverId: 'a', createdAt: 100 })]);
    enqueue('mine');
    history.settle({ clientMessageId: 'mine', status: 'unconfirmed', failure: null });
    receive([incoming({ serverId: 'b', createdAt: 200 })]);
    expect(texts()).toEqual(['a', 'b', 'mine']);
    expect(history.keep('mine').value).toMatchObject({ status: 'sent', serverId: null });
    expect(texts()).toEqual(['a', 'mine', 'b']);
    expect(() => history.keep('mine')).toThrow(expect.objectContaining({ code: 'not-allowed' }));
  });

  test('set aside: the next one is the head; an answer that comes all the same makes it sent', () => {
    enqueue('first');
    enqueue('second');
    expect(history.unsentCount()).toBe(2);
    expect(history.setAside('first').value).toMatchObject({
      status: 'failed',
      failure: { code: 'set-aside' },
    });
    expect(history.nextPending('single:2')?.clientMessageId).toBe('second');
    expect(history.unsentCount()).toBe(1);
    history.acknowledge({
      clientMessageId: 'first',
      acknowledgement: {
        serverId: 's9',
        sequence: 1,
        createdAt: 5,
        conversation: { id: 'single:2', kind: 'single', name: null, avatars: null, link: null },
      },
    });
    expect(history.message('first')).toMatchObject({ status: 'sent', failure: null });
  });

  test('set aside while it is under way on a server without repeats: nobody knows', () => {
    enqueue('first');
    history.setAttempted({ clientMessageId: 'first', attempted: true });
    expect(history.setAside('first').value).toMatchObject({ status: 'unconfirmed', failure: null });
  });
});

test('numbers that follow each other are one stretch, in whatever order they came', () => {
  const stretches = () =>
    sql.all('SELECT from_seq, to_seq FROM stretch').map((row) => [row['from_seq'], row['to_seq']]);
  for (const sequence of [1, 2, 4, 5, 9]) receive([incoming({ serverId: `s${sequence}`, sequence })]);
  expect(stretches()).toEqual([
    [1, 2],
    [4, 5],
    [9, 9],
  ]);
  for (const sequence of [3, 8, 6, 7]) receive([incoming({ serverId: `s${sequence}`, sequence })]);
  expect(stretches()).toEqual([[1, 9]]);
});

describe('unread is one formula', () => {
  const own = fc.boolean();
  const event = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('message' as const),
        peer: fc.integer({ min: 2, max: 4 }),
        own,
        notice: fc.boolean(),
        look: fc.boolean(),
      }),
    },
    fc.record({ type: fc.constant('recall' as const), peer: fc.integer({ min: 2, max: 4 }), nth: fc.nat(9) }),
    fc.record({ type: fc.constant('read' as const), peer: fc.integer({ min: 2, max: 4 }) }),
    fc.record({ type: fc.constant('mark' as const), peer: fc.integer({ min: 2, max: 4 }) }),
    fc.record({
      type: fc.constant('mute' as const),
      peer: fc.integer({ min: 2, max: 4 }),
      value: fc.boolean(),
    }),
  );
  /** What a person would count: theirs, no notice, not taken back, since they last looked. */
  interface Row {
    muted: boolean;
    marked: boolean;
    unread: Set<string>;
    ids: string[];
  }

  test.each([true, false])(
    'whatever happens, with numbers of the server: %s',
    (numbered) => {
      fc.assert(
        fc.property(fc.array(event, { maxLength: 40 }), (events) => {
          sql.close();
          rmSync(folder, { recursive: true });
          folder = mkdtempSync(join(tmpdir(), 'magpie-history-'));
          path = join(folder, 'history.db');
          open();
          const model = new Map<number, Row>();
          for (const peer of [2, 3, 4]) {
            history.ensureConversation({
              facts: { id: `single:${peer}`, kind: 'single', name: 'x', avatars: [], link: null },
              now: 1,
            });
            model.set(peer, { muted: false, marked: false, unread: new Set(), ids: [] });
            if (!numbered) continue;
            const facts = {
              id: `single:${peer}`,
              kind: 'single' as const,
              name: 'x',
              avatars: [],
              link: null,
            };
            // One number before all, so that the server's numbers are known from the start.
            history.applySync({
              reset: false,
              page: {
                reset: false,
                conversations: [{ facts, headSeq: 1, firstSeq: 1, readSeq: 1, peerReadSeq: 0 }],
                recalls: [],
                contacts: false,
                cursor: 1,
                more: false,
              },
            });
            history.storeStretch({
              conversationId: facts.id,
              from: 1,
              to: 1,
              messages: [incoming({ peer, serverId: 'zero', sequence: 1, own: true })],
              reading: null,
            });
          }
          let step = 0;
          for (const one of events) {
            const row = model.get(one.peer) as Row;
            const id = `single:${one.peer}`;
            step += 1;
            switch (one.type) {
              case 'message': {
                const serverId = `m${step}`;
                row.ids.push(serverId);
                receive(
                  [
                    incoming({
                      peer: one.peer,
                      serverId,
                      own: one.own,
                      counts: !one.own,
                      sequence: numbered ? row.ids.length + 1 : null,
                      createdAt: step,
                      content: { kind: one.notice ? 'notice' : 'text', text: serverId },
                    }),
                  ],
                  one.look ? id : null,
                );
                // Looking at it reads all that is there.
                if (one.look) {
                  history.markRead(id);
                  row.unread.clear();
                  row.marked = false;
                } else if (!one.own && !one.notice) row.unread.add(serverId);
                break;
              }
              case 'recall': {
                const serverId = row.ids[one.nth];
                if (serverId === undefined) break;
                history.receive({
                  messages: [],
                  recalls: [{ conversationId: id, serverId, tombstone: null }],
                  reading: null,
                });
                row.unread.delete(serverId);
                break;
              }
              case 'read':
                history.markRead(id);
                row.unread.clear();
                row.marked = false;
                break;
              case 'mark':
                history.markUnread(id);
                row.marked = true;
                break;
              case 'mute':
                history.setSwitch({ conversationId: id, name: 'muted', value: one.value });
                row.muted = one.value;
                break;
            }
            const expected = [...model].map(([, { unread, marked }]) =>
              Math.max(unread.size, Number(marked)),
            );
            const actual = [...model.keys()].map((peer) => history.conversation(`single:${peer}`)?.unread);
            expect(actual).toEqual(expected);
            const total = [...model.values()].reduce(
              (sum, { muted, unread, marked }) => sum + (muted ? 0 : Math.max(unread.size, Number(marked))),
              0,
            );
            expect(history.listConversations().unreadTotal).toBe(total);
          }
        }),
        { numRuns: 40 },
      );
    },
    60_000,
  );
});
