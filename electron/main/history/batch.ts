import type { ConversationId } from '#protocol/model/conversation';
import type { ConversationFacts } from '../dialects/chat-dialect.ts';
import type { ChangeSet } from './change-set.ts';
import type { Sql } from './database.ts';
import type { Numbers } from './numbers.ts';

/** What is remembered of a conversation while one batch is taken in, and written at its end. */
interface Remembered {
  key: number;
  name: string;
  /** As they are stored. */
  avatars: string;
  link: string | null;
  hidden: number;
  cleared: number;
  head: number;
  /** Highest complete number, with what came in this batch. */
  top: number;
  /** Came in this batch and is not noted as complete yet. */
  fresh: { from: number; to: number } | null;
  /** The newest of somebody else in this batch: what a notification speaks of, wherever the person looks. */
  newest: { ordinal: number; sequence: number } | null;
  /** The newest of them that means me: others may follow it in the same batch, and yet it is told. */
  meant: { ordinal: number; sequence: number } | null;
}

/** Rows of conversations while messages come into them: read once and written once for all of a batch. */
export function createBatch(sql: Sql, numbers: Numbers) {
  /** By key; null outside of a batch, where everything is written at once. */
  let batch: Map<number, Remembered> | null = null;
  const keys = new Map<ConversationId, number>();

  const remember = (key: number): Remembered | null => {
    const known = batch?.get(key);
    if (known !== undefined || batch === null) return known ?? null;
    const row = sql.get(
      'SELECT id, name, avatars, link, hidden, cleared_seq, head_seq FROM conversation WHERE key = ?',
      key,
    );
    if (row === null) return null;
    const one: Remembered = {
      key,
      name: String(row['name']),
      avatars: String(row['avatars']),
      link: row['link'] === null ? null : String(row['link']),
      hidden: Number(row['hidden']),
      cleared: Number(row['cleared_seq']),
      head: Number(row['head_seq']),
      top: numbers.top(key),
      fresh: null,
      newest: null,
      meant: null,
    };
    batch.set(key, one);
    keys.set(String(row['id']), key);
    return one;
  };
  const noteFresh = (one: Pick<Remembered, 'key' | 'fresh'>) => {
    if (one.fresh === null) return;
    numbers.cover(one.key, one.fresh.from, one.fresh.to);
    sql.run(
      'UPDATE conversation SET head_seq = ? WHERE key = ? AND head_seq > 0 AND head_seq < ?',
      one.fresh.to,
      one.key,
      one.fresh.to,
    );
    one.fresh = null;
  };
  /** Much of what single messages need is the same for all of a batch, and what they change is the same row. */
  const inBatch = <Value>(set: ChangeSet, work: () => Value): Value => {
    const mine = new Map<number, Remembered>();
    batch = mine;
    keys.clear();
    try {
      const value = work();
      for (const one of mine.values()) {
        noteFresh(one);
        if (one.newest !== null) set.message(one.newest.ordinal);
        if (one.meant !== null) set.message(one.meant.ordinal);
      }
      return value;
    } finally {
      batch = null;
      keys.clear();
    }
  };

  const conversation = (facts: ConversationFacts, now: number): number => {
    const before = keys.get(facts.id);
    const same = before === undefined ? undefined : batch?.get(before);
    if (
      same !== undefined &&
      (facts.name ?? same.name) === same.name &&
      (facts.avatars === null || JSON.stringify(facts.avatars) === same.avatars) &&
      (facts.link ?? same.link) === same.link
    )
      return same.key;
    const key = writeConversation(facts, now);
    if (batch !== null && same === undefined) remember(key);
    else if (same !== undefined) {
      same.name = facts.name ?? same.name;
      same.avatars = facts.avatars === null ? same.avatars : JSON.stringify(facts.avatars);
      same.link = facts.link ?? same.link;
    }
    return key;
  };
  const writeConversation = (facts: ConversationFacts, now: number): number => {
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

  const number = (key: number, sequence: number) => {
    const one = remember(key) ?? { key, head: 0, top: 0, fresh: null };
    const { fresh } = one;
    if (fresh !== null && sequence >= fresh.from && sequence <= fresh.to + 1)
      fresh.to = Math.max(fresh.to, sequence);
    else {
      noteFresh(one);
      one.fresh = { from: sequence, to: sequence };
    }
    one.top = Math.max(one.top, sequence);
    if (one.head > 0) one.head = Math.max(one.head, sequence);
    if (batch === null) noteFresh(one);
  };
  /** Nothing up to this number comes back: the person cleared it here. */
  const clearedUpTo = (key: number) =>
    remember(key)?.cleared ??
    Number(sql.get('SELECT cleared_seq FROM conversation WHERE key = ?', key)?.['cleared_seq'] ?? 0);

  return {
    /** Everything that `work` takes in is one batch. */
    inBatch,
    /** Creates or updates the row; gives its key. */
    conversation,
    /** Null for a conversation that is not here. */
    knownKey(id: ConversationId): number | null {
      const key = keys.get(id) ?? sql.get('SELECT key FROM conversation WHERE id = ?', id)?.['key'] ?? null;
      return key === null ? null : Number(key);
    },
    /** What is known of a row in this batch; null outside of one. */
    remember,
    /** A number is complete here. */
    number,
    clearedUpTo,
  };
}
