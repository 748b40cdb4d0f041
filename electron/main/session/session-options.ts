import type { AccountChanges, Notice, TransferProgress } from '#protocol/ipc';
import type { AccountId, Presence } from '#protocol/model/account';
import type { Progress } from '#protocol/model/completeness';
import type { ConversationId } from '#protocol/model/conversation';
import type { GroupId, GroupMarks } from '#protocol/model/group';
import type { AccountList, ConnectionState, SessionState, StorageState } from '#protocol/model/session';
import type { ChatDialect, ServerEntrance } from '../dialects/chat-dialect.ts';
import type { EggImOptions } from '../dialects/egg-im/egg-im-dialect.ts';
import type { EntranceOptions } from '../dialects/egg-im/entrance.ts';
import type { ServerAbilities } from '../dialects/egg-im/probe.ts';
import type { History, OpenInput } from '../history/history.ts';
import type { SettingsStore } from '../settings/settings.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import type { AttentionNews } from './runtime-events.ts';
import type { SecretBox } from './secrets.ts';

export interface SessionEvents {
  session(state: SessionState): void;
  connection(state: ConnectionState): void;
  /** Whether the history of this account can be written. */
  storage(state: StorageState): void;
  /** Of every account that runs; of those behind without messages. */
  history(changes: AccountChanges): void;
  /** What waits in an account, on screen or behind. */
  attention(accountKey: string, news: AttentionNews): void;
  contacts(change: { pendingCount: number }): void;
  notice(notice: Notice): void;
  typing(change: { conversationId: ConversationId; accountIds: AccountId[] }): void;
  presence(presence: Presence): void;
  checked(progress: Progress): void;
  exported(progress: Progress): void;
  transferred(progress: TransferProgress): void;
  groups(change: { groupIds: GroupId[] }): void;
  groupMarks(change: { groupId: GroupId; marks: GroupMarks }): void;
  /** Who is signed in, and what waits for them, over all accounts. The other events are of the account on screen. */
  accounts(list: AccountList): void;
}

export interface SessionOptions {
  settings: SettingsStore;
  secrets: SecretBox;
  clock: Clock;
  logger: Logger;
  userData: string;
  events: SessionEvents;
  /** The server inside the app; starting it again while it runs only tells its origin. */
  embedded: { start(): Promise<string>; guestSalt: string };
  defaultGuestSalt: string;
  probe(origin: string): Promise<ServerAbilities>;
  createEntrance(options: EntranceOptions): ServerEntrance;
  createDialect(options: EggImOptions): ChatDialect;
  openHistory(input: OpenInput & { onReset: () => void }): Promise<History>;
  /**
   * Lets the window write down what is being typed while the history is still open. Resolves soon, whatever it does;
   * nothing happens without one.
   */
  beforeEnd?(): Promise<void>;
  /** For tests: frames that never arrived. */
  dropFrame?(text: string): boolean;
}
