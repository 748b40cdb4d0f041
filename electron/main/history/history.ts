/**
 * The history of one account on this machine, behind an interface: the engine (SQLite, synchronous) runs in a worker
 * thread, everybody else talks to it by promises.
 */
import type { Conversation, ConversationId, ConversationSwitch } from '#protocol/model/conversation';
import type { Message, MessageContent, MessageFailure, MessagePosition } from '#protocol/model/message';
import type { DatedPage, HistoryChanges, MediaPage, MessagePage } from '#protocol/ipc';
import type {
  Acknowledgement,
  ConversationFacts,
  ConversationMarks,
  IncomingMessage,
  Recall,
  RecallTarget,
  SyncPage,
} from '../dialects/chat-dialect.ts';
import type { Membership, Mentions } from '#protocol/model/group';
import type { GroupState, MembershipChange } from '../dialects/group-calls.ts';
import type { SearchInput, SearchPiece } from './chat-search.ts';
import type { MediaPageInput } from './media-pages.ts';
import type { RangeProof } from './range-proof.ts';

export interface OpenInput {
  path: string;
  /** 32 random bytes in hex. */
  key: string;
}

/** A write answers what it changed, in the shape of the event that the window gets. */
export interface Written<Value> {
  value: Value;
  changes: HistoryChanges;
}

export interface Sender {
  id: number;
  name: string;
  avatar: string;
}

export interface PendingMessage {
  clientMessageId: string;
  conversationId: ConversationId;
  content: MessageContent;
  /** Null where nobody is meant. */
  mentions?: Mentions | null;
  /** Milliseconds until it may go; 0 when it may go now and can no longer be undone. */
  wait: number;
}

export interface ReceiveInput {
  messages: IncomingMessage[];
  recalls: Recall[];
  /** The conversation that the person is looking at right now: nothing in it becomes unread. */
  reading: ConversationId | null;
  /** New messages are answered of these only, and the newest of each other one; of all without it. */
  shown?: readonly ConversationId[];
}

/** Numbers of a conversation that are not on this machine, both ends included. */
export interface Gap {
  conversationId: ConversationId;
  from: number;
  to: number;
}

/** What a piece of the log told of groups. */
export interface GroupNews {
  groupIds: number[];
  membership: MembershipChange[];
}

export interface GapQuery {
  conversationId: ConversationId;
  before?: MessagePosition;
}

/** What the engine can do; every write is one durable transaction. */
export interface HistoryMethods {
  listConversations(): { conversations: Conversation[]; unreadTotal: number };
  conversation(id: ConversationId): Conversation | null;
  /** Creates the row, or shows it again when it was hidden. */
  ensureConversation(input: { facts: ConversationFacts; now: number }): Written<Conversation>;
  /** Newest page, or the page older than `before`; ascending. */
  page(input: { conversationId: ConversationId; before?: MessagePosition; limit: number }): MessagePage;
  /** The page that begins with the first message of this time or later, or the last page; ascending. */
  pageAtDate(input: { conversationId: ConversationId; at: number; limit: number }): DatedPage;
  /** The page with this message somewhere in its middle; ascending. */
  pageAround(input: { conversationId: ConversationId; position: MessagePosition; limit: number }): DatedPage;
  /** One piece of a search inside a conversation. */
  search(input: SearchInput): SearchPiece;
  /** Pictures and films, or files, wherever in the conversation they are; ascending. */
  mediaPage(input: MediaPageInput): MediaPage;
  message(id: string): Message | null;
  /** Stores an own message as pending and clears the draft. */
  enqueue(input: {
    clientMessageId: string;
    conversationId: ConversationId;
    content: MessageContent;
    sender: Sender;
    now: number;
    /** Members whom it means. */
    mentions?: Mentions | null;
    /** Not sent before. */
    heldUntil?: number;
  }): Written<Message>;
  /** `torn`: a number came that does not continue what is complete, so something may be missing. */
  receive(input: ReceiveInput): Written<{ added: number; torn: boolean }>;
  /** Where the change log was left; null before the first time. */
  syncCursor(): number | null;
  /** Changes and the cursor that covers them, in one transaction. */
  applySync(input: { page: SyncPage; reset: boolean }): Written<GroupNews>;
  /** What the log told of a group; null when it never did. */
  group(groupId: number): GroupState | null;
  /** By one's own doing; what the log tells later is compared with it. */
  setMembership(input: { groupId: number; membership: Membership }): null;
  /**
   * Membership of a group is over, as learned without a change log; a new message of it says otherwise. False where it
   * was known, and where a log tells by itself.
   */
  endMembership(input: {
    conversationId: ConversationId;
    ended: NonNullable<Conversation['ended']>;
  }): Written<boolean>;
  /** What should be fetched without anybody asking. */
  gaps(): Gap[];
  /** The first hole that this page would cross, or null. */
  holeOnPage(input: GapQuery & { limit: number }): Gap | null;
  /** The first hole that a page behind this message would cross, or null. */
  holeOnNewerPage(input: {
    conversationId: ConversationId;
    after: MessagePosition;
    limit: number;
  }): Gap | null;
  /** A stretch of the server's history: afterwards everything in it is complete. */
  storeStretch(
    input: Gap & {
      messages: IncomingMessage[];
      reading: ConversationId | null;
      shown?: readonly ConversationId[];
    },
  ): Written<null>;
  /** Read marks that came as hints; marks only rise. */
  raiseMarks(marks: ConversationMarks[]): Written<null>;
  /** Own read marks that the server does not know yet. */
  untoldReads(): { conversationId: ConversationId; sequence: number }[];
  readTold(input: { conversationId: ConversationId; sequence: number }): null;
  /** `not-found`, or `not-allowed` when it is not an own message that the server has. */
  recallTarget(messageId: string): RecallTarget;
  markUnread(conversationId: ConversationId): Written<null>;
  /** The files of an unsent message became ready, or got other addresses. */
  replaceContent(input: { clientMessageId: string; content: MessageContent }): Written<null>;
  /** Contents of all messages that wait to be sent, or that a person may send again, by message id. */
  unsentContents(): { messageId: string; content: MessageContent }[];
  acknowledge(input: { clientMessageId: string; acknowledgement: Acknowledgement }): Written<null>;
  /** Ends the tries of a pending message. */
  settle(input: {
    clientMessageId: string;
    status: 'failed' | 'unconfirmed';
    failure: MessageFailure | null;
  }): Written<null>;
  /** Makes a failed or unconfirmed message pending again; `not-found` when there is none. */
  retry(messageId: string): Written<Message>;
  /** Takes a pending message out of the way of those behind it; `not-allowed` when it is none. */
  setAside(messageId: string): Written<Message>;
  /** Messages of all conversations that wait to be sent. */
  unsentCount(): number;
  /** The person knows that an unconfirmed message arrived: it stays where it was written; else `not-allowed`. */
  keep(messageId: string): Written<Message>;
  deleteMessage(messageId: string): Written<null>;
  /** Conversations with something to send, longest waiting first. */
  pendingConversations(): ConversationId[];
  /** Without a time nothing is held. */
  nextPending(conversationId: ConversationId, now?: number): PendingMessage | null;
  /** Takes a held message back into the draft; `not-allowed` when it is on its way. */
  undo(input: { messageId: string; now: number }): Written<{ text: string; conversationId: ConversationId }>;
  /** Notes that a send is under way whose repeat could become a second copy. */
  setAttempted(input: { clientMessageId: string; attempted: boolean }): null;
  /** After a crash: sends that were under way become `unconfirmed`. */
  settleAttempted(): Written<null>;
  markRead(conversationId: ConversationId): Written<null>;
  saveDraft(input: { conversationId: ConversationId; text: string }): Written<null>;
  setSwitch(input: {
    conversationId: ConversationId;
    name: ConversationSwitch;
    value: boolean;
  }): Written<Conversation>;
  hide(conversationId: ConversationId): Written<null>;
  /** Takes {@link hide} back: what was told as read meanwhile stays told, and counts as marked unread here. */
  unhide(input: { conversationId: ConversationId; pinned: boolean; unread: boolean }): Written<null>;
  /** Forgets all messages but those that wait to be sent; none of them comes back. */
  clear(conversationId: ConversationId): Written<null>;
  /** First and last number that belong here, and how many of them are. */
  standing(conversationId: ConversationId): {
    first: number;
    head: number;
    here: number;
    /** Numbers between first and head that lie outside of one's memberships. */
    outside: number;
  };
  proveRange(range: Gap): RangeProof;
  /** Makes a range equal to the server's: adds what is missing, moves what stands elsewhere. */
  repairRange(
    input: Gap & { messages: IncomingMessage[]; reading: ConversationId | null },
  ): Written<{ fetched: number; corrected: number }>;
  /** From the oldest on, ascending; for reading a conversation from one end to the other. */
  pageAfter(input: { conversationId: ConversationId; after?: MessagePosition; limit: number }): Message[];
  countMessages(conversationId: ConversationId): number;
  /**
   * Removes at most so many messages from before a time, in milliseconds of the server's clock; they do not come back.
   * Fewer than asked: that was all.
   */
  expire(input: { before: number; limit: number }): Written<{ removed: number }>;
  /** Writes something that says nothing: whether the disk takes it is the answer. */
  tryWrite(now: number): null;
}

export type History = {
  [Name in keyof HistoryMethods]: (
    ...input: Parameters<HistoryMethods[Name]>
  ) => Promise<ReturnType<HistoryMethods[Name]>>;
} & { close(): Promise<void> };

/** Names of the methods, for the remote procedure calls; the type keeps the list complete. */
const names: Record<keyof HistoryMethods, true> = {
  listConversations: true,
  conversation: true,
  ensureConversation: true,
  page: true,
  pageAtDate: true,
  pageAround: true,
  search: true,
  mediaPage: true,
  message: true,
  enqueue: true,
  receive: true,
  syncCursor: true,
  group: true,
  setMembership: true,
  endMembership: true,
  applySync: true,
  gaps: true,
  holeOnPage: true,
  holeOnNewerPage: true,
  storeStretch: true,
  raiseMarks: true,
  untoldReads: true,
  readTold: true,
  recallTarget: true,
  markUnread: true,
  replaceContent: true,
  unsentContents: true,
  acknowledge: true,
  settle: true,
  retry: true,
  setAside: true,
  unsentCount: true,
  keep: true,
  deleteMessage: true,
  pendingConversations: true,
  nextPending: true,
  undo: true,
  setAttempted: true,
  settleAttempted: true,
  markRead: true,
  saveDraft: true,
  setSwitch: true,
  hide: true,
  unhide: true,
  clear: true,
  standing: true,
  proveRange: true,
  repairRange: true,
  pageAfter: true,
  countMessages: true,
  expire: true,
  tryWrite: true,
};
export const HISTORY_METHODS = Object.keys(names) as (keyof HistoryMethods)[];

export function noChanges(unreadTotal = 0): HistoryChanges {
  return { conversations: [], removedConversations: [], messages: [], removedMessages: [], unreadTotal };
}
