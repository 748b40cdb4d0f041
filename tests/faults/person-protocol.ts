/** What a test and the process of a person tell each other. */
import type { MessageStatus } from '../../protocol/model/message.ts';

export interface PersonSetup {
  name: string;
  password: string;
  origin: string;
  folder: string;
  /** Accounts to write to, with their names. */
  peers: { id: number; name: string }[];
  /** How many times faster than real the pauses of the client are. */
  haste: number;
  /** Milliseconds by which this computer's clock is wrong. */
  skew: number;
  /** Share of the socket's frames that are lost. */
  loss: number;
  /** Writes nothing by itself. */
  quiet: boolean;
  seed: number;
}

/** `calm`: write no more, lose no more, connect at once. */
export type Question = 'calm' | 'report' | 'kill-worker';

export interface SeenMessage {
  text: string;
  isNotice: boolean;
  own: boolean;
  status: MessageStatus;
  /** The server's number, or the place of what is still unsent. */
  major: number;
  minor: number;
}

export interface PersonReport {
  phase: string;
  conversations: { peerId: number; unread: number; messages: SeenMessage[] }[];
}

export type Answer = { id: number; value: unknown } | { id: number; problem: string } | { ready: true };
