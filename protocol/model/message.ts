import type { AccountId } from './account.ts';
import type { ConversationId } from './conversation.ts';

/**
 * What a message says. Kinds that this version cannot draw arrive as `unsupported` with a label, so that nothing
 * that somebody sent is ever invisible.
 */
export type MessageContent =
  | { kind: 'text'; text: string }
  | { kind: 'notice'; text: string }
  | { kind: 'unsupported'; label: string; text: string; url?: string };

export type MessageKind = MessageContent['kind'];

/**
 * Life of a message on this machine.
 * `pending`: durable here, not yet acknowledged. `sent`: the server has it (also every received message).
 * `failed`: refused for good, `failure` says why. `unconfirmed`: the answer was lost on a server where a repeat
 * could become a second copy, so the person decides. `read`: acknowledged and read by the other side.
 */
export type MessageStatus = 'pending' | 'sent' | 'failed' | 'unconfirmed' | 'read';

/**
 * Place in the conversation: compare `major`, then `minor`, then `ordinal`.
 * `major` is the server's `seq`; unacknowledged messages carry {@link PENDING_MAJOR} and so stay at the end. Clocks of
 * client machines never take part in it.
 */
export interface MessagePosition {
  major: number;
  minor: number;
  /** Local row number, in order of arrival on this machine. */
  ordinal: number;
}

export const PENDING_MAJOR = Number.MAX_SAFE_INTEGER;

export function comparePositions(a: MessagePosition, b: MessagePosition): number {
  return a.major - b.major || a.minor - b.minor || a.ordinal - b.ordinal;
}

export interface MessageFailure {
  /** The server's own sentence, if it gave one. */
  serverText?: string;
  code: string;
}

export interface Message {
  /** Local id: stable for the whole life of the row, from pending to sent and after every restart. */
  id: string;
  conversationId: ConversationId;
  /** Null until the server acknowledged it. */
  serverId: string | null;
  position: MessagePosition;
  senderId: AccountId;
  senderName: string;
  senderAvatar: string;
  own: boolean;
  content: MessageContent;
  status: MessageStatus;
  failure: MessageFailure | null;
  /** Waits on this machine until then, so that it can be undone; missing for all others. */
  heldUntil?: number;
  recalled: boolean;
  /** The server would still take it back for everybody; its answer is the last word. */
  recallable: boolean;
  /** Milliseconds; the server's clock once acknowledged, before that this machine's. */
  createdAt: number;
}
