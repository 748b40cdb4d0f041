import { MagpieError } from '#protocol/errors';
import type { ConversationSwitch } from '#protocol/model/conversation';
import type { ConversationFacts } from '../dialects/chat-dialect.ts';
import { createChatSearch } from './chat-search.ts';
import { createWriter, unreadTotal } from './change-set.ts';
import type { Sql } from './database.ts';
import type { HistoryMethods } from './history.ts';
import { createGroupStates } from './group-states.ts';
import { createIntake } from './intake.ts';
import { createLookups } from './lookups.ts';
import { createNumbers } from './numbers.ts';
import { createOutgoing } from './outgoing.ts';
import { createPages } from './pages.ts';
import { CONVERSATION_COLUMNS, toConversation, toMessage } from './rows.ts';
import { createMediaPages } from './media-pages.ts';
import { createRetention } from './retention.ts';
import { createUpkeep } from './upkeep.ts';

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
  const write = createWriter(sql);
  const numbers = createNumbers(sql);
  const intake = createIntake(sql, numbers);
  const upkeep = createUpkeep(sql, numbers, intake);
  const expire = createRetention(sql, numbers);
  const groups = createGroupStates(sql);

  const lookups = createLookups(sql);
  const { conversationKey, readConversation, conversationOrFail, messageRow, messageOrFail } = lookups;

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
    ...createPages(sql, numbers, upkeep.pageAfter),
    search: createChatSearch(sql),
    mediaPage: createMediaPages(sql),
    message(id) {
      const row = messageRow(id);
      return row === null ? null : toMessage(row);
    },
    ...createOutgoing(sql, write, lookups),
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
        const key = conversationKey(conversationId);
        sql.run('UPDATE conversation SET marked_unread = 1 WHERE key = ?', key);
        set.conversation(key);
        return null;
      }),
    acknowledge: (input) => write((set) => intake.acknowledge(input, set)),
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
        const key = conversationKey(conversationId);
        sql.run('UPDATE conversation SET draft = ? WHERE key = ?', text, key);
        set.conversation(key);
        return null;
      }),
    setSwitch({ conversationId, name, value }) {
      const { changes } = write((set) => {
        const key = conversationKey(conversationId);
        sql.run(`UPDATE conversation SET ${SWITCH_COLUMNS[name]} = ? WHERE key = ?`, Number(value), key);
        set.conversation(key);
      });
      return { value: conversationOrFail(conversationId), changes };
    },
    hide: (conversationId) =>
      write((set) => {
        const key = conversationKey(conversationId);
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
        const key = conversationKey(conversationId);
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
