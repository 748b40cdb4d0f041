import { beforeEach, expect, test } from 'vitest';
import { numberedMessage, WITH_BO } from '../../../tests/helpers/history/sample-messages.ts';
import { temporaryHistory } from '../../../tests/helpers/history/temporary-history.ts';
import type { Sql, SqlValue } from './database.ts';
import { createHistoryEngine } from './engine.ts';

let sql: Sql;
beforeEach(() => {
  ({ sql } = temporaryHistory());
});

/** What the planner would read as a whole, of all that a piece of work asks. */
function scansOf(work: (history: ReturnType<typeof createHistoryEngine>) => void): string[] {
  const asked: [string, SqlValue[]][] = [];
  const noting =
    <Answer>(ask: (query: string, ...values: SqlValue[]) => Answer) =>
    (query: string, ...values: SqlValue[]): Answer => {
      asked.push([query, values]);
      return ask(query, ...values);
    };
  work(createHistoryEngine({ ...sql, all: noting(sql.all), get: noting(sql.get), run: noting(sql.run) }));
  return asked.flatMap(([query, values]) =>
    sql
      .all(`EXPLAIN QUERY PLAN ${query}`, ...values)
      .map(({ detail }) => String(detail))
      .filter(
        (detail) => /^SCAN (m|message)\b/u.test(detail) && !/message_(outbox|unsettled)\b/u.test(detail),
      )
      .map((detail) => `${detail}: ${query.replaceAll(/\s+/gu, ' ').slice(0, 120)}`),
  );
}

test('nothing that happens at every start, or with every message, reads all messages', () => {
  const conversationId = WITH_BO.id;
  const message = numberedMessage(1);
  const { content } = message;
  const before = { major: 5, minor: 0, ordinal: 5 };
  const scans = scansOf((history) => {
    history.receive({ messages: [message], recalls: [], reading: null });
    history.listConversations();
    history.pendingConversations();
    history.unsentContents();
    history.unsentCount();
    history.settleAttempted();
    history.untoldReads();
    history.gaps();
    history.page({ conversationId, limit: 50 });
    history.page({ conversationId, before, limit: 50 });
    history.pageAtDate({ conversationId, at: 1, limit: 50 });
    history.holeOnPage({ conversationId, before, limit: 50 });
    history.holeOnNewerPage({ conversationId, after: before, limit: 50 });
    history.pageAround({ conversationId, position: before, limit: 50 });
    history.search({ conversationId, text: 'x', limit: 50 });
    history.search({ conversationId, text: 'x', before, limit: 50 });
    history.markRead(conversationId);
    history.standing(conversationId);
    history.saveDraft({ conversationId, text: 'y' });
    const sender = { id: 1, name: 'Me', avatar: '' };
    history.enqueue({ clientMessageId: 'c1', conversationId, content, sender, now: 1 });
    history.nextPending(conversationId, 1);
    history.acknowledge({
      clientMessageId: 'c1',
      acknowledgement: { serverId: 's2', sequence: 2, createdAt: 2, conversation: WITH_BO },
    });
    history.expire({ before: 1, limit: 10 });
  });
  expect(scans).toEqual([]);
});

test('the test sees a scan where there is one', () => {
  sql.run('DROP INDEX message_unsettled');
  expect(scansOf((history) => void history.unsentContents())).toHaveLength(1);
});
