import { PENDING_MAJOR, type MessageContent, type MessagePosition } from '#protocol/model/message';
import { containsFolded, foldedForSearch } from '#protocol/search-text';
import type { ConversationId } from '#protocol/model/conversation';
import type { SearchHit } from '#protocol/ipc';
import type { Sql } from './database.ts';
import { messageIdOf } from './rows.ts';

export interface SearchInput {
  conversationId: ConversationId;
  text: string;
  /** Messages older than this are looked at; without it all. */
  before?: MessagePosition;
  /** Messages that are read at most: the worker answers others in between. */
  limit: number;
}

/** One piece of a search, newest first. */
export interface SearchPiece {
  hits: SearchHit[];
  /** Messages that were read. */
  scanned: number;
  /** Where the next piece begins; null when all were read. */
  next: MessagePosition | null;
}

/** Above all positions there are. */
const TOP: MessagePosition = { major: PENDING_MAJOR, minor: PENDING_MAJOR, ordinal: PENDING_MAJOR };

/** What of a message is searched: its words, and the names of its files. */
function wordsOf(content: MessageContent): string {
  if ('file' in content) return content.kind === 'sticker' ? content.name : content.file.name;
  return content.kind === 'unsupported' ? `${content.label} ${content.text}` : content.text;
}

/**
 * Finds a text inside one conversation by reading it from its newest end, a bounded piece at a time. No index: any text of one
 * character or more is found, in any script, and one conversation is read faster than a person types the next key.
 */
export function createChatSearch(sql: Sql): (input: SearchInput) => SearchPiece {
  return ({ conversationId, text, before = TOP, limit }) => {
    const wanted = foldedForSearch(text);
    const rows = sql.all(
      `SELECT m.ordinal, m.client_message_id, m.sort_major, m.sort_minor, m.body, m.created_at FROM message m
       WHERE m.conversation = (SELECT key FROM conversation WHERE id = ?)
       AND (m.sort_major, m.sort_minor, m.ordinal) < (?, ?, ?) AND m.deleted = 0 AND m.recalled = 0
       ORDER BY m.sort_major DESC, m.sort_minor DESC, m.ordinal DESC LIMIT ?`,
      conversationId,
      before.major,
      before.minor,
      before.ordinal,
      limit,
    );
    const positionOf = (row: (typeof rows)[number]): MessagePosition => ({
      major: Number(row['sort_major']),
      minor: Number(row['sort_minor']),
      ordinal: Number(row['ordinal']),
    });
    const hits = rows
      .filter((row) => containsFolded(wordsOf(JSON.parse(String(row['body'])) as MessageContent), wanted))
      .map((row) => ({
        messageId: messageIdOf(row),
        position: positionOf(row),
        createdAt: Number(row['created_at']),
      }));
    const last = rows.at(-1);
    return {
      hits,
      scanned: rows.length,
      next: rows.length < limit || last === undefined ? null : positionOf(last),
    };
  };
}
