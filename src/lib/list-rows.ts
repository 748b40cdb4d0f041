/** The rows of the conversation list: of one account, or of several in one order. */
import type { Conversation, ConversationId } from '#protocol/model/conversation';

export interface ListRow {
  accountKey: string;
  conversation: Conversation;
}

export type Rows = ReadonlyMap<ConversationId, Conversation>;
export const NO_ROWS: Rows = new Map();

/** Ids of conversations are unique within one account only. */
export function rowKey({ accountKey, conversation }: ListRow): string {
  return `${accountKey}|${conversation.id}`;
}

function byOrder(one: ListRow, other: ListRow): number {
  const [a, b] = [one.conversation, other.conversation];
  return (
    Number(b.pinned) - Number(a.pinned) ||
    b.lastActivityAt - a.lastActivityAt ||
    (a.id === b.id ? (one.accountKey < other.accountKey ? -1 : 1) : a.id < b.id ? -1 : 1)
  );
}

/** Pinned ones first, then by the latest activity, whichever account they belong to. */
export function mergedRows(lists: readonly (readonly [accountKey: string, rows: Rows])[]): ListRow[] {
  return lists
    .flatMap(([accountKey, rows]) => [...rows.values()].map((conversation) => ({ accountKey, conversation })))
    .sort(byOrder);
}
