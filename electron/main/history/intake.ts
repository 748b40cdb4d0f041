import { PENDING_MAJOR } from '#protocol/model/message';
import { countsAsUnread } from '#protocol/wire/sync';
import type {
  Acknowledgement,
  ConversationFacts,
  ConversationMarks,
  ConversationState,
  IncomingMessage,
  Recall,
} from '../dialects/chat-dialect.ts';
import { createBatch } from './batch.ts';
import type { ChangeSet } from './change-set.ts';
import type { Sql } from './database.ts';
import type { Gap, ReceiveInput } from './history.ts';
import type { Numbers } from './numbers.ts';

/** What stays of a recalled message's words. */
const NOTHING = '{"kind":"text","text":""}';

/** How messages enter history: recognised, numbered, counted. Runs inside the caller's transaction. */
export interface Intake {
  /** Creates or updates the row; gives its key. */
  conversation(facts: ConversationFacts, now: number): number;
  receive(input: ReceiveInput, set: ChangeSet): { added: number; torn: boolean };
  stretch(input: Gap & { messages: IncomingMessage[]; reading: string | null }, set: ChangeSet): void;
  recall(recall: Recall, set: ChangeSet): void;
  /** Where a conversation stands by the server's word; after a reset its numbers may be lower than ours. */
  state(state: ConversationState, reset: boolean, set: ChangeSet): void;
  marks(marks: ConversationMarks, set: ChangeSet): void;
  acknowledge(input: { clientMessageId: string; acknowledgement: Acknowledgement }, set: ChangeSet): null;
}

export function createIntake(sql: Sql, numbers: Numbers): Intake {
  const { inBatch, conversation, knownKey, remember, number, clearedUpTo } = createBatch(sql, numbers);

  /** Messages without a number go behind the last numbered one; on servers without numbers time alone decides. */
  const majorOf = (key: number, sequence: number | null): number => {
    if (sequence !== null) return sequence;
    const last = sql.get(
      `SELECT sort_major FROM message WHERE conversation = ? AND sort_major < ${PENDING_MAJOR}
       ORDER BY sort_major DESC LIMIT 1`,
      key,
    );
    return Number(last?.['sort_major'] ?? 0);
  };
  /** Zero means that the major is a number of the server. */
  const minorOf = (sequence: number | null, createdAt: number) =>
    sequence === null ? Math.max(1, createdAt) : 0;

  const ordinalByServerId = (key: number, serverId: string): number | null => {
    const row = sql.get(
      'SELECT ordinal FROM message WHERE conversation = ? AND server_id = ?',
      key,
      serverId,
    );
    return row === null ? null : Number(row['ordinal']);
  };
  const ordinalOfOwn = (key: number, clientMessageId: string): number | null => {
    const row = sql.get(
      'SELECT ordinal FROM message WHERE client_message_id = ? AND conversation = ?',
      clientMessageId,
      key,
    );
    return row === null ? null : Number(row['ordinal']);
  };

  const isNamed = (ordinal: number): boolean =>
    sql.get('SELECT 1 AS found FROM message WHERE ordinal = ? AND client_message_id IS NOT NULL', ordinal) !==
    null;

  const confirm = (
    ordinal: number,
    key: number,
    known: { serverId: string; sequence: number | null; createdAt: number },
    set: ChangeSet,
  ) => {
    const twin = ordinalByServerId(key, known.serverId);
    let serverId: string | null = known.serverId;
    if (twin !== null && twin !== ordinal && isNamed(twin)) {
      // A server that gives one id to two of our messages: neither of them may vanish for it.
      serverId = null;
    } else if (twin !== null && twin !== ordinal) {
      // The same message came in under another row before its answer did: one of the two must go, and it is the
      // nameless one, so that the id which the window knows stays.
      const wasRecalled = sql.get('SELECT recalled FROM message WHERE ordinal = ?', twin)?.['recalled'] === 1;
      sql.run('UPDATE message SET deleted = 1, counts = 0, server_id = NULL WHERE ordinal = ?', twin);
      set.message(twin);
      if (wasRecalled) forget(ordinal, set);
    }
    sql.run(
      `UPDATE message SET server_id = ?, sort_major = ?, sort_minor = ?, created_at = ?, status = 'sent',
       failure = NULL, attempted = 0 WHERE ordinal = ? AND (server_id IS NULL OR status <> 'sent')`,
      serverId,
      majorOf(key, known.sequence),
      minorOf(known.sequence, known.createdAt),
      known.createdAt,
      ordinal,
    );
    if (known.sequence !== null) number(key, known.sequence);
    set.message(ordinal);
  };

  /** The words go, the row and its number stay. */
  const forget = (ordinal: number, set: ChangeSet) => {
    sql.run(
      'UPDATE message SET recalled = 1, counts = 0, mentions = NULL, means_me = 0, body = ? WHERE ordinal = ?',
      NOTHING,
      ordinal,
    );
    set.message(ordinal);
  };

  /** Reading moves the mark even before the server's log is known: it is told later. */
  const readUpTo = (key: number, sequence: number) =>
    sql.run('UPDATE conversation SET read_seq = ? WHERE key = ? AND read_seq < ?', sequence, key, sequence);

  /** False when there is nothing to take the place of. */
  const refresh = (key: number, message: IncomingMessage, set: ChangeSet): boolean => {
    const former = sql.get(
      'SELECT ordinal FROM message WHERE conversation = ? AND deleted = 0 ORDER BY ordinal DESC LIMIT 1',
      key,
    );
    if (former === null) return false;
    sql.run(
      'UPDATE message SET body = ?, sender_name = ?, sender_avatar = ? WHERE ordinal = ?',
      JSON.stringify(message.content),
      message.senderName,
      message.senderAvatar,
      Number(former['ordinal']),
    );
    set.message(Number(former['ordinal']));
    return true;
  };

  const receiveOne = (message: IncomingMessage, reading: string | null, set: ChangeSet, isLive: boolean) => {
    const key = conversation(message.conversation, message.createdAt);
    set.conversation(key);
    const { clientMessageId, sequence } = message;
    const isRead = message.conversation.id === reading;
    if (sequence !== null) {
      if (isLive) number(key, sequence);
      if (isRead) readUpTo(key, sequence);
    }
    const own = clientMessageId === null ? null : ordinalOfOwn(key, clientMessageId);
    if (own !== null) {
      confirm(own, key, message, set);
      if (message.recalled) forget(own, set);
      return false;
    }
    const known = ordinalByServerId(key, message.serverId);
    if (known !== null) {
      if (message.recalled) forget(known, set);
      return false;
    }
    if (sequence !== null && sequence <= clearedUpTo(key)) return false;
    if (message.refreshes === true && refresh(key, message, set)) return false;
    if (
      message.standing &&
      sql.get('SELECT 1 AS found FROM message WHERE conversation = ? LIMIT 1', key) !== null
    )
      return false;
    const counts =
      message.counts &&
      countsAsUnread({
        type: message.content.kind === 'notice' ? 'systemNotice' : message.content.kind,
        own: message.own,
        recalled: message.recalled,
      });
    const { lastInsertRowid } = sql.run(
      `INSERT INTO message (conversation, server_id, client_message_id, sort_major, sort_minor, sender_id, sender_name,
       sender_avatar, own, body, status, created_at, recalled, counts, mentions, means_me)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'sent', ?, ?, ?, ?, ?)`,
      key,
      message.serverId,
      isFree(clientMessageId) ? clientMessageId : null,
      majorOf(key, message.sequence),
      minorOf(message.sequence, message.createdAt),
      message.senderId,
      message.senderName,
      message.senderAvatar,
      Number(message.own),
      message.recalled ? NOTHING : JSON.stringify(message.content),
      message.createdAt,
      Number(message.recalled),
      Number(counts),
      message.recalled ? null : mentionsText(message.mentions),
      Number(message.meansMe === true && !message.recalled),
    );
    // Old messages that are scrolled into bring no row back that was taken off the list.
    const one = remember(key);
    if (isLive && !message.own && (one?.head ?? 0) === 0) {
      // Without a log, hearing others in a group is the sign of being in it again.
      sql.run(
        'UPDATE conversation SET hidden = 0, ended = CASE WHEN head_seq = 0 THEN NULL ELSE ended END WHERE key = ?',
        key,
      );
      if (one !== null) one.hidden = 0;
    } else if (one?.hidden === 0) {
      // As almost always.
    } else if (isLive) {
      sql.run('UPDATE conversation SET hidden = 0 WHERE key = ?', key);
      if (one !== null) one.hidden = 0;
    } else
      sql.run(
        'UPDATE conversation SET hidden = 0 WHERE key = ? AND (hidden = 2 OR read_seq < ?)',
        key,
        sequence ?? 0,
      );
    if (isRead) sql.run('UPDATE conversation SET read_ordinal = ? WHERE key = ?', lastInsertRowid, key);
    set.message(lastInsertRowid, key);
    if (one !== null && !message.own && !message.recalled) {
      const here = { ordinal: lastInsertRowid, sequence: sequence ?? 0 };
      const isAfter = (other: typeof one.newest) => (sequence ?? Infinity) >= (other?.sequence ?? 0);
      if (isAfter(one.newest)) one.newest = here;
      if (message.meansMe === true && isAfter(one.meant)) one.meant = here;
    }
    return true;
  };

  /** Whether a live message is what comes next; one of a conversation that the log has not told yet never is. */
  const continues = ({ conversation: { id }, sequence }: IncomingMessage): boolean => {
    if (sequence === null) return true;
    const key = knownKey(id);
    const one = key === null ? null : remember(key);
    return one !== null && one.head > 0 && sequence <= one.top + 1;
  };

  /** A recall of a message that is not here leaves a row all the same: its words may still be on their way. */
  const recall = ({ conversationId, serverId, tombstone }: Recall, set: ChangeSet) => {
    const key = sql.get('SELECT key FROM conversation WHERE id = ?', conversationId)?.['key'];
    if (typeof key !== 'number') return;
    const known = ordinalByServerId(key, serverId);
    if (known !== null) forget(known, set);
    if (known !== null || tombstone === null) return;
    const { sequence, senderId, senderName, own, createdAt } = tombstone;
    if (sequence <= clearedUpTo(key)) return;
    const { lastInsertRowid } = sql.run(
      `INSERT INTO message (conversation, server_id, sort_major, sort_minor, sender_id, sender_name, sender_avatar, own,
       body, status, created_at, recalled, counts) VALUES (?, ?, ?, 0, ?, ?, '', ?, ?, 'sent', ?, 1, 0)`,
      key,
      serverId,
      sequence,
      senderId,
      senderName,
      Number(own),
      NOTHING,
      createdAt,
    );
    number(key, sequence);
    set.message(lastInsertRowid);
  };

  /** Own messages in (before, now] became read. */
  const readByPeer = (key: number, before: number, now: number, set: ChangeSet) => {
    if (now <= before) return;
    const rows = sql.all(
      `SELECT ordinal FROM message WHERE conversation = ? AND sort_major > ? AND sort_major <= ? AND own = 1
       ORDER BY sort_major DESC LIMIT 1000`,
      key,
      before,
      now,
    );
    for (const row of rows) set.message(Number(row['ordinal']));
  };

  /** Numbers between two memberships are none of ours: nothing is missing there. */
  const seeThrough = (key: number, { windows = [], ended = null }: ConversationState) => {
    sql.run('UPDATE conversation SET ended = ? WHERE key = ?', ended, key);
    sql.run('DELETE FROM outside WHERE conversation = ?', key);
    for (const [index, window] of windows.entries()) {
      const before = windows[index - 1]?.last ?? null;
      if (before === null || before + 1 >= window.first) continue;
      const insert = 'INSERT INTO outside (conversation, from_seq, to_seq) VALUES (?, ?, ?)';
      sql.run(insert, key, before + 1, window.first - 1);
      numbers.cover(key, before + 1, window.first - 1);
    }
  };

  /** An id that already names a row of another conversation is not taken a second time. */
  const isFree = (clientMessageId: string | null) =>
    clientMessageId !== null &&
    sql.get('SELECT 1 AS found FROM message WHERE client_message_id = ?', clientMessageId) === null;

  return {
    conversation,
    receive: ({ messages, recalls, reading }, set) =>
      inBatch(set, () => {
        let added = 0;
        let torn = false;
        for (const message of messages) {
          torn ||= !continues(message);
          if (receiveOne(message, reading, set, true)) added += 1;
        }
        for (const one of recalls) recall(one, set);
        return { added, torn };
      }),
    stretch({ conversationId, from, to, messages, reading }, set) {
      const key = sql.get('SELECT key FROM conversation WHERE id = ?', conversationId)?.['key'];
      if (typeof key !== 'number') return;
      inBatch(set, () => {
        for (const message of messages) receiveOne(message, reading, set, false);
      });
      numbers.cover(key, from, to);
      set.conversation(key);
    },
    recall,
    state(state, reset, set) {
      const isNew = sql.get('SELECT 1 AS found FROM conversation WHERE id = ?', state.facts.id) === null;
      const key = conversation(state.facts, 0);
      // It shows with its first message: without one it would have no place in the list.
      if (isNew) sql.run('UPDATE conversation SET hidden = 2 WHERE key = ?', key);
      if (reset) {
        numbers.cutAbove(key, state.headSeq);
        sql.run(
          `UPDATE conversation SET head_seq = ?, read_seq = MIN(read_seq, ?), read_told = 0,
           cleared_seq = MIN(cleared_seq, ?) WHERE key = ?`,
          state.headSeq,
          state.headSeq,
          state.headSeq,
          key,
        );
      }
      const before = sql.get('SELECT peer_read_seq FROM conversation WHERE key = ?', key);
      sql.run(
        `UPDATE conversation SET head_seq = MAX(head_seq, ?), first_seq = ?, read_seq = MAX(read_seq, ?),
         read_told = MAX(read_told, ?), peer_read_seq = MAX(peer_read_seq, ?) WHERE key = ?`,
        state.headSeq,
        state.firstSeq,
        state.readSeq,
        state.readSeq,
        state.peerReadSeq ?? 0,
        key,
      );
      if (state.windows !== undefined) seeThrough(key, state);
      readByPeer(key, Number(before?.['peer_read_seq'] ?? 0), state.peerReadSeq ?? 0, set);
      set.conversation(key);
    },
    marks({ conversationId, own, peer }, set) {
      const row = sql.get(
        'SELECT key, head_seq, peer_read_seq FROM conversation WHERE id = ? AND head_seq > 0',
        conversationId,
      );
      if (row === null) return;
      const key = Number(row['key']);
      // A hint may run ahead of what we know; the log tells the rest.
      const [ownSeq, peerSeq] = [own, peer].map((mark) => Math.min(mark ?? 0, Number(row['head_seq'])));
      sql.run(
        `UPDATE conversation SET read_seq = MAX(read_seq, ?), read_told = MAX(read_told, ?),
         peer_read_seq = MAX(peer_read_seq, ?) WHERE key = ?`,
        ownSeq ?? 0,
        ownSeq ?? 0,
        peerSeq ?? 0,
        key,
      );
      readByPeer(key, Number(row['peer_read_seq']), peerSeq ?? 0, set);
      set.conversation(key);
    },
    acknowledge({ clientMessageId, acknowledgement }, set) {
      const row = sql.get(
        'SELECT ordinal, conversation FROM message WHERE client_message_id = ?',
        clientMessageId,
      );
      if (row === null) return null;
      const key = Number(row['conversation']);
      const isSame =
        sql.get('SELECT id FROM conversation WHERE key = ?', key)?.['id'] === acknowledgement.conversation.id;
      if (isSame) conversation(acknowledgement.conversation, acknowledgement.createdAt);
      confirm(Number(row['ordinal']), key, acknowledgement, set);
      return null;
    },
  };
}

/** As it is kept; null for nobody. */
export const mentionsText = (mentions: IncomingMessage['mentions']): string | null =>
  mentions === undefined || mentions === null ? null : JSON.stringify(mentions);
