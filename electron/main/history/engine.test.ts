import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { comparePositions, PENDING_MAJOR } from '#protocol/model/message';
import type { IncomingMessage } from '../dialects/chat-dialect.ts';
import { openDatabase, type Sql } from './database.ts';
import { createHistoryEngine } from './engine.ts';
import type { HistoryMethods } from './history.ts';

const KEY = 'ab'.repeat(32);
let folder: string;
let path: string;
let sql: Sql;
let history: HistoryMethods;

function open(key = KEY): boolean {
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

function incoming(change: Partial<IncomingMessage> & { peer?: number } = {}): IncomingMessage {
  const { peer = 2, ...rest } = change;
  return {
    serverId: 's1',
    clientMessageId: null,
    conversation: { id: `single:${peer}`, kind: 'single', name: 'Bo', avatars: [], link: null },
    sequence: null,
    senderId: peer,
    senderName: 'Bo',
    senderAvatar: '',
    own: false,
    content: { kind: 'text', text: rest.serverId ?? 's1' },
    createdAt: 1_000,
    counts: true,
    standing: false,
    recalled: false,
    ...rest,
  };
}
const receive = (messages: IncomingMessage[], reading: string | null = null) =>
  history.receive({ messages, recalls: [], reading });
const enqueue = (id: string, text = id) => {
  history.ensureConversation({
    facts: { id: 'single:2', kind: 'single', name: null, avatars: null, link: null },
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

  test('counts unread in the same write, except where the person is looking', () => {
    const { changes } = receive([
      incoming(),
      incoming({ serverId: 's2' }),
      incoming({ serverId: 's3', own: true, counts: false }),
    ]);
    expect(changes.conversations[0]?.unread).toBe(2);
    expect(changes.unreadTotal).toBe(2);
    expect(receive([incoming({ serverId: 's4' })], 'single:2').changes.unreadTotal).toBe(2);
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
      { numRuns: 60 },
    );
  });
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
