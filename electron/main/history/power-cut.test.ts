/** What a power cut leaves: a write-ahead log that ends anywhere, or in rubbish. */
import { copyFileSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numberedMessage, WITH_BO } from '../../../tests/helpers/history/sample-messages.ts';
import { SAMPLE_KEY } from '../../../tests/helpers/history/temporary-history.ts';
import { openDatabase } from './database.ts';
import { createHistoryEngine } from './engine.ts';

const CONVERSATION = WITH_BO.id;

type Step = { kind: 'receive'; count: number } | { kind: 'write' } | { kind: 'acknowledge' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('receive' as const), count: fc.integer({ min: 1, max: 40 }) }),
  fc.constant({ kind: 'write' as const }),
  fc.constant({ kind: 'acknowledge' as const }),
);

const incoming = (sequence: number) =>
  numberedMessage(sequence, {
    content: { kind: 'text', text: `text ${sequence} ${'x'.repeat(sequence % 700)}` },
    createdAt: 1_000 + sequence,
  });

/** All that a person would see, and what is still to be sent. */
function stateOf(path: string): string {
  const { sql, reset } = openDatabase(path, SAMPLE_KEY);
  try {
    if (reset) return 'it was begun anew';
    const history = createHistoryEngine(sql);
    const { messages } = history.page({ conversationId: CONVERSATION, limit: 200 });
    expect(sql.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    return JSON.stringify({
      messages,
      list: history.listConversations(),
      unsent: history.nextPending(CONVERSATION),
    });
  } finally {
    sql.close();
  }
}

/** Writes step by step; gives the state after each and how long the log was when its call came back. */
function write(folder: string, steps: readonly Step[]) {
  const path = join(folder, 'history.db');
  const { sql } = openDatabase(path, SAMPLE_KEY);
  // Without it the log would be emptied into the file now and then: that way it holds the whole story.
  sql.all('PRAGMA wal_autocheckpoint = 0');
  const history = createHistoryEngine(sql);
  history.ensureConversation({ facts: WITH_BO, now: 1 });
  const look = () => ({
    length: statSync(`${path}-wal`).size,
    state: JSON.stringify({
      messages: history.page({ conversationId: CONVERSATION, limit: 200 }).messages,
      list: history.listConversations(),
      unsent: history.nextPending(CONVERSATION),
    }),
  });
  const states = [look()];
  let sequence = 0;
  let written = 0;
  for (const one of steps) {
    if (one.kind === 'receive')
      history.receive({
        messages: Array.from({ length: one.count }, () => incoming(++sequence)),
        recalls: [],
        reading: null,
      });
    else if (one.kind === 'write')
      history.enqueue({
        clientMessageId: `m${++written}`,
        conversationId: CONVERSATION,
        content: { kind: 'text', text: `mine ${written}` },
        sender: { id: 1, name: 'A', avatar: '' },
        now: 5,
      });
    else {
      const pending = history.nextPending(CONVERSATION);
      if (pending === null) continue;
      sequence += 1;
      history.acknowledge({
        clientMessageId: pending.clientMessageId,
        acknowledgement: {
          serverId: `s${sequence}`,
          sequence,
          createdAt: 1_000 + sequence,
          conversation: { ...WITH_BO, avatars: null },
        },
      });
    }
    states.push(look());
  }
  // The files as they are now, with nothing tidied up as closing would.
  const cut = join(folder, 'cut.db');
  copyFileSync(path, cut);
  copyFileSync(`${path}-wal`, `${cut}-wal`);
  sql.close();
  return { cut, states };
}

test('wherever the log ends, history is whole again as it was after one of its writes, and none that was answered before the end is gone', () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.boolean(),
      (steps, share, withRubbish) => {
        const folder = mkdtempSync(join(tmpdir(), 'magpie-power-'));
        try {
          const { cut, states } = write(folder, steps);
          const first = states[0]?.length ?? 0;
          const all = states.at(-1)?.length ?? 0;
          const end = first + Math.floor((all - first) * share);
          truncateSync(`${cut}-wal`, end);
          // Blocks of the disk that were given to the file and never written.
          if (withRubbish) writeFileSync(`${cut}-wal`, Buffer.alloc(9_000, 0x5a), { flag: 'a' });
          const expected = states.filter(({ length }) => length <= end).at(-1);
          expect(stateOf(cut)).toBe(expected?.state);
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      },
    ),
    { numRuns: 60 },
  );
}, 120_000);

test('a log that is gone as a whole costs what was in it, not the history', () => {
  const folder = mkdtempSync(join(tmpdir(), 'magpie-power-'));
  try {
    const path = join(folder, 'history.db');
    const { sql } = openDatabase(path, SAMPLE_KEY);
    createHistoryEngine(sql).receive({ messages: [incoming(1)], recalls: [], reading: null });
    sql.all('PRAGMA wal_checkpoint(TRUNCATE)');
    sql.close();
    const { cut } = write(folder, [{ kind: 'receive', count: 3 }]);
    rmSync(`${cut}-wal`);
    expect(stateOf(cut)).toContain('text 1 ');
    expect(stateOf(cut)).not.toContain('text 3 ');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a file that turned read-only: an expected error, everything there is still read, and the outbox is kept', () => {
  const folder = mkdtempSync(join(tmpdir(), 'magpie-power-'));
  const { sql } = openDatabase(join(folder, 'history.db'), SAMPLE_KEY);
  try {
    const history = createHistoryEngine(sql);
    history.receive({ messages: [incoming(1)], recalls: [], reading: null });
    const mine = (clientMessageId: string) =>
      history.enqueue({
        clientMessageId,
        conversationId: CONVERSATION,
        content: { kind: 'text', text: clientMessageId },
        sender: { id: 1, name: 'A', avatar: '' },
        now: 5,
      });
    mine('kept');
    // The permissions of a file mean nothing to the superuser; this is what the library says either way.
    sql.all('PRAGMA query_only = ON');
    expect(() => mine('refused')).toThrow(expect.objectContaining({ code: 'disk-read-only' }));
    expect(() => history.receive({ messages: [incoming(2)], recalls: [], reading: null })).toThrow(
      expect.objectContaining({ code: 'disk-read-only' }),
    );
    const texts = () =>
      history.page({ conversationId: CONVERSATION, limit: 9 }).messages.map(({ content }) => content.text);
    expect(texts()).toEqual(['text 1 x', 'kept']);
    expect(history.nextPending(CONVERSATION)?.clientMessageId).toBe('kept');
    sql.all('PRAGMA query_only = OFF');
    mine('again');
    expect(texts()).toEqual(['text 1 x', 'kept', 'again']);
  } finally {
    sql.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
