import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { comparePositions, type MessagePosition } from '#protocol/model/message';
import type { IncomingMessage } from '../dialects/chat-dialect.ts';
import type { SearchPiece } from './chat-search.ts';
import { openDatabase, type Sql } from './database.ts';
import { createHistoryEngine } from './engine.ts';
import type { HistoryMethods } from './history.ts';

let folder: string;
let sql: Sql;
let history: HistoryMethods;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'magpie-search-'));
  sql = openDatabase(join(folder, 'history.db'), 'cd'.repeat(32)).sql;
  history = createHistoryEngine(sql);
});
afterEach(() => {
  sql.close();
  rmSync(folder, { recursive: true });
});

const conversation = (id: string) => ({ id, kind: 'single' as const, name: 'Bo', avatars: [], link: null });
const message = (id: string, sequence: number, text: string, more: Partial<IncomingMessage> = {}) => ({
  ...{ serverId: `${id}-${sequence}`, clientMessageId: null, conversation: conversation(id), sequence },
  ...{ senderId: 2, senderName: 'Bo', senderAvatar: '', own: false, createdAt: sequence * 1_000 },
  ...{ counts: true, standing: false, recalled: false, content: { kind: 'text' as const, text } },
  ...more,
});
const receive = (messages: IncomingMessage[]) => history.receive({ messages, recalls: [], reading: null });

/** All of a search, piece by piece. */
function searchAll(conversationId: string, text: string, limit: number) {
  const pieces: SearchPiece[] = [];
  let before: MessagePosition | undefined;
  do {
    const piece = history.search({
      conversationId,
      text,
      limit,
      ...(before === undefined ? {} : { before }),
    });
    expect(piece.scanned).toBeLessThanOrEqual(limit);
    pieces.push(piece);
    before = piece.next ?? undefined;
  } while (before !== undefined);
  return {
    found: pieces.flatMap(({ hits }) => hits.map(({ position: { major } }) => major)),
    scanned: pieces.reduce((sum, { scanned }) => sum + scanned, 0),
  };
}

test('pieces of any size find what a search in one go finds, newest first, each once', () => {
  const texts = fc.array(fc.constantFrom('雨', '下雨了', 'Rain', 'rain 雨', 'sun', '晴', ''), {
    maxLength: 30,
  });
  let round = 0;
  fc.assert(
    fc.property(
      texts,
      fc.constantFrom('雨', 'RAIN', '下雨', 'x'),
      fc.integer({ min: 1, max: 9 }),
      (all, query, limit) => {
        const id = `single:${++round + 100}`;
        history.ensureConversation({ facts: conversation(id), now: 1 });
        receive(all.map((text, index) => message(id, index + 1, text)));
        const expected = all.flatMap((text, index) =>
          text.toLowerCase().includes(query.toLowerCase()) ? [index + 1] : [],
        );
        expect(searchAll(id, query, limit)).toEqual({ found: expected.reverse(), scanned: all.length });
      },
    ),
    { numRuns: 60 },
  );
});

test('names of files are found; what was recalled or deleted, and other conversations, are not', () => {
  const file = { url: 'http://x/1', name: 'Bericht 2025.pdf', size: 1, mime: 'application/pdf' };
  receive([
    message('single:2', 1, '', { content: { kind: 'file', text: '', file } }),
    message('single:2', 2, 'the bericht'),
    message('single:2', 3, 'a bericht that goes'),
    message('single:3', 1, 'a bericht elsewhere'),
  ]);
  expect(searchAll('single:2', 'bericht', 10).found).toEqual([3, 2, 1]);
  history.receive({
    messages: [],
    recalls: [{ conversationId: 'single:2', serverId: 'single:2-3', tombstone: null }],
    reading: null,
  });
  const [{ messageId } = { messageId: '' }] = history.search({
    conversationId: 'single:2',
    text: 'the bericht',
    limit: 10,
  }).hits;
  history.deleteMessage(messageId);
  expect(searchAll('single:2', 'BERICHT', 10).found).toEqual([1]);
  expect(history.search({ conversationId: 'single:99', text: 'x', limit: 10 })).toEqual({
    hits: [],
    scanned: 0,
    next: null,
  });
});

test('a page around a message has what stands before and behind it, without a gap or a repeat', () => {
  receive(Array.from({ length: 50 }, (_, index) => message('single:2', index + 1, `text ${index + 1}`)));
  for (const at of [1, 2, 25, 49, 50]) {
    const [{ position } = { position: { major: 0, minor: 0, ordinal: 0 } }] = history
      .search({
        conversationId: 'single:2',
        text: `text ${at}`,
        limit: 100,
      })
      .hits.slice(-1);
    const page = history.pageAround({ conversationId: 'single:2', position, limit: 20 });
    const numbers = page.messages.map(({ position: { major } }) => major);
    expect(numbers).toContain(position.major);
    expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index));
    expect([page.hasOlder, page.hasNewer]).toEqual([numbers[0]! > 1, numbers.at(-1)! < 50]);
    expect([...page.messages].sort((a, b) => comparePositions(a.position, b.position))).toEqual(
      page.messages,
    );
  }
});

test('the first hole above a message is told, and what lies behind it is not taken for the next page', () => {
  const id = 'single:2';
  receive([1, 2, 3].map((sequence) => message(id, sequence, 'early')));
  history.applySync({
    page: {
      reset: false,
      conversations: [{ facts: conversation(id), headSeq: 40, firstSeq: 1, readSeq: 0, peerReadSeq: null }],
      recalls: [],
      contacts: false,
      cursor: 1,
      more: false,
    },
    reset: false,
  });
  receive([30, 31].map((sequence) => message(id, sequence, 'late')));
  const after = { major: 2, minor: 0, ordinal: 99 };
  expect(history.holeOnNewerPage({ conversationId: id, after, limit: 1 })).toBeNull();
  expect(history.holeOnNewerPage({ conversationId: id, after, limit: 10 })).toEqual({
    ...{ conversationId: id, from: 4, to: 29 },
  });
  const behind = { major: 31, minor: 0, ordinal: 99 };
  expect(history.holeOnNewerPage({ conversationId: id, after: behind, limit: 10 })).toEqual({
    ...{ conversationId: id, from: 32, to: 40 },
  });
});
