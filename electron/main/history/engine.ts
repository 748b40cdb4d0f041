import { MagpieError } from '#protocol/errors';
import { PENDING_MAJOR, type MessageContent } from '#protocol/model/message';
import type { ConversationId, ConversationSwitch } from '#protocol/model/conversation';
import type { ConversationFacts } from '../dialects/chat-dialect.ts';
import { createChatSearch } from './chat-search.ts';
import { createChangeSet, unreadTotal, type ChangeSet } from './change-set.ts';
import type { Sql, SqlRow } from './database.ts';
import type { HistoryMethods, Written } from './history.ts';
import { createGroupStates } from './group-states.ts';
import { createIntake, mentionsText } from './intake.ts';
import { createNumbers } from './numbers.ts';
import { CONVERSATION_COLUMNS, MESSAGE_COLUMNS, toConversation, toMessage } from './rows.ts';
import { createMediaPages } from './media-pages.ts';
import { createRetention } from './retention.ts';
import { createUpkeep } from './upkeep.ts';

/** Milliseconds that a message can be held back at most. */
const LONGEST_HOLD = 10_000;

/** Everything that has arrived so far, in whatever conversation. */
const LAST_ROW = '(SELECT COALESCE(MAX(ordinal), 0) FROM message)';

const SWITCH_COLUMNS: Record<ConversationSwitch, string> = {
  pinned: 'pinned',
  muted: 'muted',
  strongAlert: 'strong_alert',
  showNicknames: 'show_nicknames',
};

/** The history of one account over an open database. Synchronous: it lives in a worker thread. */
export function createHistoryEngine(sql: Sql): HistoryMethods {
  const write = <Value>(
    work: (changes: ChangeSet) => Value,
    shown: readonly ConversationId[] | null = null,
  ): Written<Value> =>
    sql.transaction(() => {
      const changes = createChangeSet(sql, shown);
      const value = work(changes);
      return { value, changes: changes.finish() };
    });
  const numbers = createNumbers(sql);
  const intake = createIntake(sql, numbers);
  const upkeep = createUpkeep(sql, numbers, intake);
  const expire = createRetention(sql, numbers);
  const groups = createGroupStates(sql);

  const keyOf = (id: ConversationId): number => {
    const row = sql.get('SELECT key FROM conversation WHERE id = ?', id);
    if (row === null) throw new MagpieError('not-found', 'no such conversation');
    return Number(row['key']);
  };
  const readConversation = (id: ConversationId) => {
    const row = sql.get(
      `SELECT ${CONVERSATION_COLUMNS} FROM conversation c LEFT JOIN message m ON m.ordinal = c.last_ordinal
       WHERE c.id = ?`,
      id,
    );
    return row === null ? null : toConversation(row);
  };
  const conversationOrFail = (id: ConversationId) => {
    const conversation = readConversation(id);
    if (conversation === null) throw new MagpieError('not-found', 'no such conversation');
    return conversation;
  };
  const messageRow = (id: string): SqlRow | null => {
    const byRow = /^r(\d{1,15})$/u.exec(id);
    const [column, value] = byRow === null ? ['client_message_id', id] : ['ordinal', Number(byRow[1])];
    return sql.get(
      `SELECT ${MESSAGE_COLUMNS} FROM message m JOIN conversation c ON c.key = m.conversation
       WHERE m.${column} = ? AND m.deleted = 0`,
      value as string | number,
    );
  };
  const messageOrFail = (id: string): SqlRow => {
    const row = messageRow(id);
    if (row === null) throw new MagpieError('not-found', 'no such message');
    return row;
  };
  const ordinalOfOwn = (clientMessageId: string): number | null => {
    const row = sql.get('SELECT ordinal FROM message WHERE client_message_id = ?', clientMessageId);
    return row === null ? null : Number(row['ordinal']);
  };

  const page: HistoryMethods['page'] = ({ conversationId, before, limit }) => {
    const key = sql.get('SELECT key FROM conversation WHERE id = ?', conversationId)?.['key'];
    if (key === undefined || key === null) return { messages: [], hasOlder: false };
    // One row more than asked tells whether there is anything older. Row values keep this one index range.
    const older = before === undefined ? '' : 'AND (m.sort_major, m.sort_minor, m.ordinal) < (?, ?, ?)';
    const bounds = before === undefined ? [] : [before.major, before.minor, before.ordinal];
    const rows = sql.all(
      `SELECT ${MESSAGE_COLUMNS} FROM message m JOIN conversation c ON c.key = m.conversation
       WHERE m.conversation = ? ${older} AND m.deleted = 0
       ORDER BY m.sort_major DESC, m.sort_minor DESC, m.ordinal DESC LIMIT ?`,
      key,
      ...bounds,
      limit + 1,
    );
    const messages = rows.slice(0, limit).map(toMessage).reverse();
    const oldest = messages[0]?.position ?? before;
    const below = oldest === undefined ? { conversationId } : { conversationId, before: oldest };
    const hasOlder = rows.length > limit || numbers.holeOnPage({ ...below, lowest: null }) !== null;
    return { messages, hasOlder };
  };

  return {
    listConversations: () => ({
      conversations: sql
        .all(
          `SELECT ${CONVERSATION_COLUMNS} FROM conversation c LEFT JOIN message m ON m.ordinal = c.last_ordinal
           WHERE c.hidden = 0 ORDER BY c.pinned DESC, c.last_activity_at DESC, c.key DESC`,
        )
        .map(toConversation),
      unreadTotal: unreadTotal(sql),
    }),
    conversation: readConversation,
    ensureConversation: ({ facts, now }) => {
      const { changes } = write((set) => {
        const key = intake.conversation(facts, now);
        sql.run(
          `UPDATE conversation SET hidden = 0,
           last_activity_at = CASE WHEN last_ordinal IS NULL THEN ? ELSE last_activity_at END WHERE key = ?`,
          now,
          key,
        );
        set.conversation(key);
      });
      return { value: conversationOrFail(facts.id), changes };
    },
    page,
    pageAtDate({ conversationId, at, limit }) {
      const found = sql.get(
        `SELECT sort_major, sort_minor, ordinal FROM message
         WHERE conversation = (SELECT key FROM conversation WHERE id = ?) AND created_at >= ?
         AND deleted = 0 AND sort_major < ${PENDING_MAJOR}
         ORDER BY created_at, sort_major, sort_minor, ordinal LIMIT 1`,
        conversationId,
        at,
      );
      if (found === null) return { ...page({ conversationId, limit }), hasNewer: false };
      const first = {
        major: Number(found['sort_major']),
        minor: Number(found['sort_minor']),
        ordinal: Number(found['ordinal']),
      };
      const after = { ...first, ordinal: first.ordinal - 1 };
      const rows = upkeep.pageAfter({ conversationId, after, limit: limit + 1 });
      const older = page({ conversationId, before: first, limit: 1 });
      return {
        messages: rows.slice(0, limit),
        hasOlder: older.messages.length > 0 || older.hasOlder,
        hasNewer: rows.length > limit,
      };
    },
    pageAround({ conversationId, position, limit }) {
      const half = Math.ceil(limit / 2);
      const until = { ...position, ordinal: position.ordinal + 1 };
      const older = page({ conversationId, before: until, limit: half });
      const newer = upkeep.pageAfter({ conversationId, after: position, limit: limit - half + 1 });
      return {
        messages: [...older.messages, ...newer.slice(0, limit - half)],
        hasOlder: older.hasOlder,
        hasNewer: newer.length > limit - half,
      };
    },
    search: createChatSearch(sql),
    holeOnNewerPage({ conversationId, after, limit }) {
      const last = sql.get(
        `SELECT sort_major FROM message WHERE conversation = (SELECT key FROM conversation WHERE id = ?)
         AND (sort_major, sort_minor, ordinal) > (?, ?, ?) AND deleted = 0
         ORDER BY sort_major, sort_minor, ordinal LIMIT 1 OFFSET ?`,
        conversationId,
        after.major,
        after.minor,
        after.ordinal,
        limit - 1,
      );
      const highest = last === null ? null : Number(last['sort_major']);
      return numbers.holeAbove({ conversationId, above: after.major, highest });
    },
    holeOnPage({ conversationId, before, limit }) {
      const older = before === undefined ? '' : 'AND (sort_major, sort_minor, ordinal) < (?, ?, ?)';
      const bounds = before === undefined ? [] : [before.major, before.minor, before.ordinal];
      const last = sql.get(
        `SELECT sort_major FROM message WHERE conversation = (SELECT key FROM conversation WHERE id = ?) ${older}
         AND deleted = 0 ORDER BY sort_major DESC, sort_minor DESC, ordinal DESC LIMIT 1 OFFSET ?`,
        conversationId,
        ...bounds,
        limit - 1,
      );
      const lowest = last === null ? null : Number(last['sort_major']);
      return numbers.holeOnPage({ conversationId, ...(before === undefined ? {} : { before }), lowest });
    },
    mediaPage: createMediaPages(sql),
    message(id) {
      const row = messageRow(id);
      return row === null ? null : toMessage(row);
    },
    enqueue({ clientMessageId, conversationId, content, sender, now, mentions, heldUntil = 0 }) {
      const { changes } = write((set) => {
        const key = keyOf(conversationId);
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
    receive: (input) => write((set) => intake.receive(input, set), input.shown),
    syncCursor() {
      const row = sql.get(`SELECT value FROM meta WHERE name = 'cursor'`);
      return row === null ? null : Number(row['value']);
    },
    applySync: ({ page, reset }) =>
      write((set) => {
        for (const state of page.conversations) intake.state(state, reset, set);
        for (const recall of page.recalls) intake.recall(recall, set);
        const told = page.groups ?? [];
        // What an unknown device learns at first is how things are, not what happened.
        const isNews = !reset && sql.get(`SELECT 1 AS found FROM meta WHERE name = 'cursor'`) !== null;
        const membership = told.flatMap((state) => groups.put(state, isNews) ?? []);
        sql.run(`INSERT OR REPLACE INTO meta (name, value) VALUES ('cursor', ?)`, page.cursor);
        return { groupIds: told.map(({ groupId }) => groupId), membership };
      }),
    group: (groupId) => groups.get(groupId),
    endMembership: ({ conversationId, ended }) =>
      write((set) => {
        const row = sql.get(
          `SELECT key FROM conversation WHERE id = ? AND kind = 'group' AND head_seq = 0 AND ended IS NOT ?`,
          conversationId,
          ended,
        );
        if (row === null) return false;
        sql.run('UPDATE conversation SET ended = ? WHERE key = ?', ended, Number(row['key']));
        set.conversation(Number(row['key']));
        return true;
      }),
    setMembership: ({ groupId, membership }) =>
      sql.transaction(() => {
        groups.set(groupId, membership);
        return null;
      }),
    gaps: () => numbers.gaps(),
    storeStretch: (input) =>
      write((set) => {
        intake.stretch(input, set);
        return null;
      }, input.shown),
    raiseMarks: (marks) =>
      write((set) => {
        for (const one of marks) intake.marks(one, set);
        return null;
      }),
    untoldReads: () =>
      sql
        .all(
          `SELECT id, read_seq FROM conversation WHERE read_seq > read_told AND head_seq > 0 AND kind <> 'service'`,
        )
        .map((row) => ({ conversationId: String(row['id']), sequence: Number(row['read_seq']) })),
    readTold: ({ conversationId, sequence }) =>
      sql.transaction(() => {
        sql.run(
          'UPDATE conversation SET read_told = MAX(read_told, ?) WHERE id = ?',
          sequence,
          conversationId,
        );
        return null;
      }),
    recallTarget(messageId) {
      const row = messageOrFail(messageId);
      if (row['own'] !== 1 || row['server_id'] === null || row['recalled'] === 1)
        throw new MagpieError('not-allowed', 'not an own message that the server has');
      const { id, name, avatars } = conversationOrFail(String(row['conversation_id']));
      return {
        conversationId: id,
        serverId: String(row['server_id']),
        createdAt: Number(row['created_at']),
        name,
        avatar: avatars[0] ?? '',
      };
    },
    markUnread: (conversationId) =>
      write((set) => {
        const key = keyOf(conversationId);
        sql.run('UPDATE conversation SET marked_unread = 1 WHERE key = ?', key);
        set.conversation(key);
        return null;
      }),
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
    acknowledge: (input) => write((set) => intake.acknowledge(input, set)),
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
    deleteMessage: (messageId) =>
      write((set) => {
        const row = messageOrFail(messageId);
        // The ids stay, the words go. A pending row leaves the outbox by its new status.
        sql.run(
          `UPDATE message SET deleted = 1, counts = 0, body = '{"kind":"notice","text":""}', failure = NULL,
           status = CASE WHEN status = 'pending' THEN 'failed' ELSE status END WHERE ordinal = ?`,
          Number(row['ordinal']),
        );
        set.message(Number(row['ordinal']));
        return null;
      }),
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
    markRead: (conversationId) =>
      write((set) => {
        const row = sql.get('SELECT key, unread FROM conversation WHERE id = ?', conversationId);
        if (row === null) return null;
        const key = Number(row['key']);
        // What is complete here was in front of the person; what is still to be fetched was not.
        const read = numbers.top(key);
        const { changes } = sql.run(
          `UPDATE conversation SET unread = 0, marked_unread = 0, read_seq = MAX(read_seq, ?), read_ordinal = ${LAST_ROW}
           WHERE key = ? AND (unread > 0 OR read_seq < ?)`,
          read,
          key,
          read,
        );
        if (changes > 0) set.conversation(key);
        return null;
      }),
    saveDraft: ({ conversationId, text }) =>
      write((set) => {
        const key = keyOf(conversationId);
        sql.run('UPDATE conversation SET draft = ? WHERE key = ?', text, key);
        set.conversation(key);
        return null;
      }),
    setSwitch({ conversationId, name, value }) {
      const { changes } = write((set) => {
        const key = keyOf(conversationId);
        sql.run(`UPDATE conversation SET ${SWITCH_COLUMNS[name]} = ? WHERE key = ?`, Number(value), key);
        set.conversation(key);
      });
      return { value: conversationOrFail(conversationId), changes };
    },
    hide: (conversationId) =>
      write((set) => {
        const key = keyOf(conversationId);
        sql.run(
          `UPDATE conversation SET hidden = 1, unread = 0, marked_unread = 0, pinned = 0,
           read_seq = MAX(read_seq, head_seq), read_ordinal = ${LAST_ROW} WHERE key = ?`,
          key,
        );
        set.conversation(key);
        return null;
      }),
    unhide: ({ conversationId, pinned, unread }) =>
      write((set) => {
        const key = keyOf(conversationId);
        sql.run(
          'UPDATE conversation SET hidden = 0, pinned = ?, marked_unread = MAX(marked_unread, ?) WHERE key = ?',
          Number(pinned),
          Number(unread),
          key,
        );
        set.conversation(key);
        return null;
      }),
    clear: (conversationId) => write((set) => upkeep.clear(conversationId, set)),
    standing: upkeep.standing,
    proveRange: upkeep.proveRange,
    repairRange: (input) => write((set) => upkeep.repairRange(input, set)),
    pageAfter: upkeep.pageAfter,
    countMessages: upkeep.countMessages,
    expire: (input) => write((set) => expire(input, set)),
    tryWrite: (now) =>
      sql.transaction(() => {
        sql.run(`INSERT OR REPLACE INTO meta (name, value) VALUES ('tried', ?)`, now);
        return null;
      }),
  };
}

export type { ConversationFacts };
