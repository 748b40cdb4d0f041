import { PENDING_MAJOR } from '#protocol/model/message';
import type { Acknowledgement, ConversationFacts, IncomingMessage } from '../dialects/chat-dialect.ts';
import type { ChangeSet } from './change-set.ts';
import type { Sql } from './database.ts';
import type { ReceiveInput } from './history.ts';

/** How messages enter history: recognised, numbered, counted. Runs inside the caller's transaction. */
export interface Intake {
  /** Creates or updates the row; gives its key. */
  conversation(facts: ConversationFacts, now: number): number;
  receive(input: ReceiveInput, set: ChangeSet): { added: number };
  acknowledge(input: { clientMessageId: string; acknowledgement: Acknowledgement }, set: ChangeSet): null;
}

export function createIntake(sql: Sql): Intake {
  const conversation = (facts: ConversationFacts, now: number): number => {
    const known = sql.get('SELECT key, name, avatars, link FROM conversation WHERE id = ?', facts.id);
    const avatars = facts.avatars === null ? null : JSON.stringify(facts.avatars);
    if (known === null) {
      return sql.run(
        'INSERT INTO conversation (id, kind, name, avatars, link, last_activity_at) VALUES (?, ?, ?, ?, ?, ?)',
        facts.id,
        facts.kind,
        facts.name ?? '',
        avatars ?? '[]',
        facts.link,
        now,
      ).lastInsertRowid;
    }
    const key = Number(known['key']);
    const [name, pictures, link] = [
      facts.name ?? known['name'] ?? '',
      avatars ?? known['avatars'] ?? '[]',
      facts.link ?? known['link'] ?? null,
    ];
    if (name !== known['name'] || pictures !== known['avatars'] || link !== known['link'])
      sql.run(
        'UPDATE conversation SET name = ?, avatars = ?, link = ? WHERE key = ?',
        name,
        pictures,
        link,
        key,
      );
    return key;
  };

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
  const minorOf = (sequence: number | null, createdAt: number) => (sequence === null ? createdAt : 0);

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
      sql.run('UPDATE message SET deleted = 1, server_id = NULL WHERE ordinal = ?', twin);
      set.message(twin);
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
    set.message(ordinal);
  };

  const receiveOne = (message: IncomingMessage, reading: string | null, set: ChangeSet): boolean => {
    const key = conversation(message.conversation, message.createdAt);
    set.conversation(key);
    const { clientMessageId } = message;
    const own = clientMessageId === null ? null : ordinalOfOwn(key, clientMessageId);
    if (own !== null) {
      confirm(own, key, message, set);
      return false;
    }
    if (ordinalByServerId(key, message.serverId) !== null) return false;
    if (
      message.standing &&
      sql.get('SELECT 1 AS found FROM message WHERE conversation = ? LIMIT 1', key) !== null
    )
      return false;
    const { lastInsertRowid } = sql.run(
      `INSERT INTO message (conversation, server_id, client_message_id, sort_major, sort_minor, sender_id, sender_name,
       sender_avatar, own, body, status, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'sent', ?)`,
      key,
      message.serverId,
      isFree(clientMessageId) ? clientMessageId : null,
      majorOf(key, message.sequence),
      minorOf(message.sequence, message.createdAt),
      message.senderId,
      message.senderName,
      message.senderAvatar,
      Number(message.own),
      JSON.stringify(message.content),
      message.createdAt,
    );
    const isUnread = message.counts && message.conversation.id !== reading;
    sql.run('UPDATE conversation SET hidden = 0, unread = unread + ? WHERE key = ?', Number(isUnread), key);
    set.message(lastInsertRowid);
    return true;
  };

  /** An id that already names a row of another conversation is not taken a second time. */
  const isFree = (clientMessageId: string | null) =>
    clientMessageId !== null &&
    sql.get('SELECT 1 AS found FROM message WHERE client_message_id = ?', clientMessageId) === null;

  return {
    conversation,
    receive({ messages, recalls, reading }, set) {
      let added = 0;
      for (const message of messages) if (receiveOne(message, reading, set)) added += 1;
      for (const { conversationId, serverId } of recalls) {
        const row = sql.get(
          `SELECT m.ordinal FROM message m JOIN conversation c ON c.key = m.conversation
           WHERE c.id = ? AND m.server_id = ?`,
          conversationId,
          serverId,
        );
        if (row === null) continue;
        sql.run('UPDATE message SET recalled = 1 WHERE ordinal = ?', Number(row['ordinal']));
        set.message(Number(row['ordinal']));
      }
      return { added };
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
