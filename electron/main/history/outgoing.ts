import { MagpieError } from '#protocol/errors';
import { PENDING_MAJOR, type MessageContent } from '#protocol/model/message';
import type { Write } from './change-set.ts';
import type { Sql } from './database.ts';
import type { HistoryMethods } from './history.ts';
import { mentionsText } from './intake.ts';
import type { Lookups } from './lookups.ts';
import { toMessage } from './rows.ts';

/** Milliseconds that a message can be held back at most. */
const LONGEST_HOLD = 10_000;

export type OutgoingMethods = Pick<
  HistoryMethods,
  | 'enqueue'
  | 'replaceContent'
  | 'unsentContents'
  | 'settle'
  | 'retry'
  | 'setAside'
  | 'unsentCount'
  | 'keep'
  | 'pendingConversations'
  | 'nextPending'
  | 'undo'
  | 'setAttempted'
  | 'settleAttempted'
>;

/** Own messages from the moment when they are written until the server has them or the person has given them up. */
export function createOutgoing(sql: Sql, write: Write, lookups: Lookups): OutgoingMethods {
  const { conversationKey, messageOrFail } = lookups;
  const ordinalOfOwn = (clientMessageId: string): number | null => {
    const row = sql.get('SELECT ordinal FROM message WHERE client_message_id = ?', clientMessageId);
    return row === null ? null : Number(row['ordinal']);
  };

  return {
    enqueue({ clientMessageId, conversationId, content, sender, now, mentions, heldUntil = 0 }) {
      const { changes } = write((set) => {
        const key = conversationKey(conversationId);
        const { lastInsertRowid } = sql.run(
          `INSERT INTO message (conversation, client_message_id, sort_major, sort_minor, sender_id, sender_name,
           sender_avatar, own, body, status, created_at, counts, held_until, mentions)
           VALUES (?, ?, ?, 0, ?, ?, ?, 1, ?, 'pending', ?, 0, ?, ?)`,
          key,
          clientMessageId,
          PENDING_MAJOR,
          sender.id,
          sender.name,
          sender.avatar,
          JSON.stringify(content),
          now,
          heldUntil,
          mentionsText(mentions),
        );
        sql.run(`UPDATE conversation SET draft = '', hidden = 0 WHERE key = ?`, key);
        set.message(lastInsertRowid);
      });
      return { value: toMessage(messageOrFail(clientMessageId)), changes };
    },
    replaceContent: ({ clientMessageId, content }) =>
      write((set) => {
        const ordinal = ordinalOfOwn(clientMessageId);
        if (ordinal === null) return null;
        sql.run(
          `UPDATE message SET body = ? WHERE ordinal = ? AND status <> 'sent' AND deleted = 0`,
          JSON.stringify(content),
          ordinal,
        );
        set.message(ordinal);
        return null;
      }),
    unsentContents: () =>
      sql
        .all(`SELECT client_message_id, body FROM message WHERE status <> 'sent' AND deleted = 0`)
        .map((row) => ({
          messageId: String(row['client_message_id']),
          content: JSON.parse(String(row['body'])) as MessageContent,
        })),
    settle: ({ clientMessageId, status, failure }) =>
      write((set) => {
        const ordinal = ordinalOfOwn(clientMessageId);
        if (ordinal === null) return null;
        sql.run(
          `UPDATE message SET status = ?, failure = ?, attempted = 0 WHERE ordinal = ? AND status = 'pending'`,
          status,
          failure === null ? null : JSON.stringify(failure),
          ordinal,
        );
        set.message(ordinal);
        return null;
      }),
    retry(messageId) {
      const { changes } = write((set) => {
        const row = messageOrFail(messageId);
        if (row['status'] === 'failed' || row['status'] === 'unconfirmed') {
          sql.run(
            `UPDATE message SET status = 'pending', failure = NULL, attempted = 0 WHERE ordinal = ?`,
            Number(row['ordinal']),
          );
        }
        set.message(Number(row['ordinal']));
      });
      return { value: toMessage(messageOrFail(messageId)), changes };
    },
    setAside(messageId) {
      const { changes } = write((set) => {
        const row = messageOrFail(messageId);
        if (row['status'] !== 'pending') throw new MagpieError('not-allowed', 'it does not wait');
        const ordinal = Number(row['ordinal']);
        // Where a repeat could be a second copy, one that is under way may have arrived.
        sql.run(
          `UPDATE message SET status = CASE WHEN attempted = 1 THEN 'unconfirmed' ELSE 'failed' END,
           failure = CASE WHEN attempted = 1 THEN NULL ELSE '{"code":"set-aside"}' END, attempted = 0, held_until = 0
           WHERE ordinal = ?`,
          ordinal,
        );
        set.message(ordinal);
      });
      return { value: toMessage(messageOrFail(messageId)), changes };
    },
    unsentCount: () =>
      Number(
        sql.get(`SELECT COUNT(*) AS n FROM message WHERE status = 'pending' AND deleted = 0`)?.['n'] ?? 0,
      ),
    keep(messageId) {
      const { changes } = write((set) => {
        const row = messageOrFail(messageId);
        if (row['status'] !== 'unconfirmed') throw new MagpieError('not-allowed', 'it is not unconfirmed');
        const ordinal = Number(row['ordinal']);
        // Behind what the server had acknowledged when it was written; what came later is an answer to it.
        const before = sql.get(
          `SELECT sort_major, sort_minor FROM message WHERE conversation = ? AND ordinal < ? AND sort_major < ${PENDING_MAJOR}
           ORDER BY sort_major DESC, sort_minor DESC LIMIT 1`,
          Number(row['conversation_key']),
          ordinal,
        );
        // A minor of its own: it is no message of the server's numbers.
        sql.run(
          `UPDATE message SET status = 'sent', failure = NULL, sort_major = ?, sort_minor = ? WHERE ordinal = ?`,
          Number(before?.['sort_major'] ?? 0),
          Math.max(1, Number(before?.['sort_minor'] ?? 0)),
          ordinal,
        );
        set.message(ordinal);
      });
      return { value: toMessage(messageOrFail(messageId)), changes };
    },
    pendingConversations: () =>
      sql
        .all(
          `SELECT c.id FROM message m JOIN conversation c ON c.key = m.conversation WHERE m.status = 'pending'
           GROUP BY m.conversation ORDER BY MIN(m.ordinal)`,
        )
        .map((row) => String(row['id'])),
    nextPending(conversationId, now = Infinity) {
      const row = sql.get(
        `SELECT m.ordinal, m.client_message_id, m.body, m.held_until, m.mentions FROM message m WHERE m.status = 'pending'
         AND m.conversation = (SELECT key FROM conversation WHERE id = ?) ORDER BY m.ordinal LIMIT 1`,
        conversationId,
      );
      if (row === null) return null;
      // A clock that was set back must not hold anything longer than a person could have wanted.
      const left = Number(row['held_until']) - now;
      const wait = left > 0 && left <= LONGEST_HOLD ? left : 0;
      // From here on it is on its way: the one who takes it out and the one who undoes it cannot both win.
      if (wait === 0 && row['held_until'] !== 0)
        sql.run('UPDATE message SET held_until = 0 WHERE ordinal = ?', Number(row['ordinal']));
      return {
        wait,
        clientMessageId: String(row['client_message_id']),
        conversationId,
        content: JSON.parse(String(row['body'])) as never,
        ...(row['mentions'] === null ? {} : { mentions: JSON.parse(String(row['mentions'])) as never }),
      };
    },
    undo: ({ messageId, now }) =>
      write((set) => {
        const row = messageOrFail(messageId);
        if (row['status'] !== 'pending' || Number(row['held_until']) <= now)
          throw new MagpieError('not-allowed', 'it is on its way');
        const { text } = JSON.parse(String(row['body'])) as MessageContent;
        const ordinal = Number(row['ordinal']);
        sql.run(
          `UPDATE message SET deleted = 1, counts = 0, held_until = 0, status = 'failed',
           body = '{"kind":"notice","text":""}' WHERE ordinal = ?`,
          ordinal,
        );
        sql.run(
          `UPDATE conversation SET draft = ? || CASE WHEN draft = '' THEN '' ELSE char(10) || draft END WHERE key = ?`,
          text,
          Number(row['conversation_key']),
        );
        set.message(ordinal);
        return { text, conversationId: String(row['conversation_id']) };
      }),
    setAttempted: ({ clientMessageId, attempted }) =>
      sql.transaction(() => {
        sql.run(
          'UPDATE message SET attempted = ? WHERE client_message_id = ?',
          Number(attempted),
          clientMessageId,
        );
        return null;
      }),
    settleAttempted: () =>
      write((set) => {
        const rows = sql.all(`SELECT ordinal FROM message WHERE status = 'pending' AND attempted = 1`);
        for (const row of rows) {
          sql.run(
            `UPDATE message SET status = 'unconfirmed', attempted = 0 WHERE ordinal = ?`,
            Number(row['ordinal']),
          );
          set.message(Number(row['ordinal']));
        }
        return null;
      }),
  };
}
