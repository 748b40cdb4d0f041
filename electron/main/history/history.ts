/**
 * The history of one account on this machine, behind an interface: the engine (SQLite, synchronous) runs in a worker
 * thread, everybody else talks to it by promises.
 */
import type { Conversation, ConversationId } from '#protocol/model/conversation';
import type { Message, MessageContent, MessageFailure, MessagePosition } from '#protocol/model/message';
import type { HistoryChanges, MessagePage } from '#protocol/ipc';
import type {
  Acknowledgement,
  ConversationFacts,
  ConversationMarks,
  IncomingMessage,
  Recall,
  RecallTarget,
  SyncPage,
} from '../dialects/chat-dialect.ts';
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
  /** Milliseconds until it may go; 0 when it may go now and can no longer be undone. */
  wait: number;
}

export interface ReceiveInput {
  messages: IncomingMessage[];
  recalls: Recall[];
  /** The conversation that the person is looking at right now: nothing in it becomes unread. */
  reading: ConversationId | null;
}

/** Numbers of a conversation that are not on this machine, both ends included. */
export interface Gap {
  conversationId: ConversationId;
  from: number;
  to: number;
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
  message(id: string): Message | null;
  /** Stores an own message as pending and clears the draft. */
  enqueue(input: {
    clientMessageId: string;
    conversationId: ConversationId;
    content: MessageContent;
    sender: Sender;
    now: number;
    /** Not sent before. */
    heldUntil?: number;
  }): Written<Message>;
  /** `torn`: a number came that does not continue what is complete, so something may be missing. */
  receive(input: ReceiveInput): Written<{ added: number; torn: boolean }>;
  /** Where the change log was left; null before the first time. */
  syncCursor(): number | null;
  /** Changes and the cursor that covers them, in one transaction. */
  applySync(input: { page: SyncPage; reset: boolean }): Written<null>;
  /** What should be fetched without anybody asking. */
  gaps(): Gap[];
  /** The first hole that this page would cross, or null. */
  holeOnPage(input: GapQuery & { limit: number }): Gap | null;
  /** A stretch of the server's history: afterwards everything in it is complete. */
  storeStretch(input: Gap & { messages: IncomingMessage[]; reading: ConversationId | null }): Written<null>;
  /** Read marks that came as hints; marks only rise. */
  raiseMarks(marks: ConversationMarks[]): Written<null>;
  /** Own read marks that the server does not know yet. */
  untoldReads(): { conversationId: ConversationId; sequence: number }[];
  readTold(input: { conversationId: ConversationId; sequence: number }): null;
  /** `not-found`, or `not-allowed` when it is not an own message that the server has. */
  recallTarget(messageId: string): RecallTarget;
  markUnread(conversationId: ConversationId): Written<null>;
  acknowledge(input: { clientMessageId: string; acknowledgement: Acknowledgement }): Written<null>;
  /** Ends the tries of a pending message. */
  settle(input: {
    clientMessageId: string;
    status: 'failed' | 'unconfirmed';
    failure: MessageFailure | null;
  }): Written<null>;
  /** Makes a failed or unconfirmed message pending again; `not-found` when there is none. */
  retry(messageId: string): Written<Message>;
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
    name: 'pinned' | 'muted';
    value: boolean;
  }): Written<Conversation>;
  hide(conversationId: ConversationId): Written<null>;
  /** Forgets all messages but those that wait to be sent; none of them comes back. */
  clear(conversationId: ConversationId): Written<null>;
  /** First and last number that belong here, and how many of them are. */
  standing(conversationId: ConversationId): { first: number; head: number; here: number };
  proveRange(range: Gap): RangeProof;
  /** Makes a range equal to the server's: adds what is missing, moves what stands elsewhere. */
  repairRange(
    input: Gap & { messages: IncomingMessage[]; reading: ConversationId | null },
  ): Written<{ fetched: number; corrected: number }>;
  /** From the oldest on, ascending; for reading a conversation from one end to the other. */
  pageAfter(input: { conversationId: ConversationId; after?: MessagePosition; limit: number }): Message[];
  countMessages(conversationId: ConversationId): number;
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
  message: true,
  enqueue: true,
  receive: true,
  syncCursor: true,
  applySync: true,
  gaps: true,
  holeOnPage: true,
  storeStretch: true,
  raiseMarks: true,
  untoldReads: true,
  readTold: true,
  recallTarget: true,
  markUnread: true,
  acknowledge: true,
  settle: true,
  retry: true,
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
  clear: true,
  standing: true,
  proveRange: true,
  repairRange: true,
  pageAfter: true,
  countMessages: true,
};
export const HISTORY_METHODS = Object.keys(names) as (keyof HistoryMethods)[];

export function noChanges(unreadTotal = 0): HistoryChanges {
  return { conversations: [], removedConversations: [], messages: [], removedMessages: [], unreadTotal };
}
