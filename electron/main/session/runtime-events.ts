import type { MagpieError } from '#protocol/errors';
import type { HistoryChanges, Notice, TransferProgress } from '#protocol/ipc';
import type { Account, AccountId, Presence } from '#protocol/model/account';
import type { Progress } from '#protocol/model/completeness';
import type { Conversation, ConversationId } from '#protocol/model/conversation';
import type { GroupId, GroupMarks } from '#protocol/model/group';
import type { ConnectionState, StorageState } from '#protocol/model/session';

/**
 * For whoever calls the person to what is new. `opened` comes first: what waits in the history. `stored`: all that a
 * write changed, whichever conversation is on screen. `marked`: nothing came, the person set it to unread.
 */
export type AttentionNews =
  | { kind: 'opened'; conversations: Conversation[]; unreadTotal: number }
  | { kind: 'stored' | 'marked'; changes: HistoryChanges };

/** What an account that runs tells about itself. */
export interface RuntimeEvents {
  connection(state: ConnectionState): void;
  storage(state: StorageState): void;
  history(changes: HistoryChanges): void;
  attention(news: AttentionNews): void;
  contacts(change: { pendingCount: number }): void;
  notice(notice: Notice): void;
  typing(change: { conversationId: ConversationId; accountIds: AccountId[] }): void;
  presence(presence: Presence): void;
  /** Name or picture of the account itself changed. */
  account(account: Account): void;
  checked(progress: Progress): void;
  exported(progress: Progress): void;
  transferred(progress: TransferProgress): void;
  groups(change: { groupIds: GroupId[] }): void;
  groupMarks(change: { groupId: GroupId; marks: GroupMarks }): void;
  ended(end: { kicked: boolean; error: MagpieError }): void;
}
