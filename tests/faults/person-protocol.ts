/** What a test and the process of a person tell each other. */
import type { ConversationId } from '../../protocol/model/conversation.ts';
import type { MessageStatus } from '../../protocol/model/message.ts';

/** Whom a person writes to, by the name that stands in the texts. */
export interface Partner {
  conversationId: ConversationId;
  name: string;
}

export interface PersonSetup {
  /** Of the account. */
  username: string;
  /** Of the device, which stands in the texts: two devices can belong to one account. */
  name: string;
  password: string;
  origin: string;
  folder: string;
  partners: Partner[];
  /** Built entry of the history's worker. */
  historyWorker: string;
  /** How many times faster than real the pauses of the client are. */
  haste: number;
  /** Milliseconds by which this computer's clock is wrong. */
  skew: number;
  /** Writes nothing by itself. */
  quiet: boolean;
  seed: number;
  /** The step of the outbox at which the process kills itself. */
  dieAt: DeathOfPerson | null;
}

/** Each step once; `during` is after the request has left and before its answer. */
export const DEATHS_OF_PERSON = [
  'before enqueue',
  'after enqueue',
  'before nextPending',
  'after nextPending',
  'before sendText',
  'during sendText',
  'after sendText',
  'before acknowledge',
  'after acknowledge',
] as const;
export type DeathOfPerson = (typeof DEATHS_OF_PERSON)[number];

/**
 * - `calm`: write no more, connect at once
 * - `lose-power`: the computer goes off at the next transaction
 * - `fill-disk`: no room for that many milliseconds; answers how many transactions were refused for it
 * - `set-clock`: it is wrong by that many milliseconds from now on
 * - `sleep`: all clocks go on by that many milliseconds, and then the computer wakes
 */
export type Question =
  | { ask: 'calm' | 'report' | 'kill-worker' | 'lose-power' }
  | { ask: 'send'; text: string; to: ConversationId }
  | { ask: 'fill-disk' | 'set-clock' | 'sleep'; milliseconds: number };

export interface SeenMessage {
  text: string;
  isNotice: boolean;
  recalled: boolean;
  own: boolean;
  status: MessageStatus;
  /** The server's number, or the place of what is still unsent. */
  major: number;
  minor: number;
}

export interface PersonReport {
  phase: string;
  /** As on the badge of the app. */
  unreadTotal: number;
  /** The rows of the list, of whatever kind. */
  rows: { id: ConversationId; unread: number; muted: boolean }[];
  conversations: { id: ConversationId; unread: number; messages: SeenMessage[] }[];
}

export type Answer = { id: number; value: unknown } | { id: number; problem: string } | { ready: true };
