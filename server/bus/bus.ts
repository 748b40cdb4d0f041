import type { ChangeKind } from '../storage/records.ts';

/** News between the parts of a server (later: between processes). Losing one must be harmless: the queue has the truth. */
export type BusEvent =
  /** A delivery was committed; events of one account come in the order of their ordinals. */
  | { type: 'queued'; accountId: number; ordinal: number; payload: string }
  /** A message was recalled before it reached everybody: these deliveries must not be written any more. */
  | { type: 'withdrawn'; accountId: number; ordinal: number }
  /** The session has to go; `kicked` when another sign-in took its place, so that the person is told. */
  | { type: 'session-ended'; accountId: number; tokenHash: string; kicked: boolean }
  /** An administrator shut the account out or signed it out: its sockets are told the sentence and closed. */
  | { type: 'account-refused'; accountId: number; text: string }
  /** The change log of the account has a new entry. */
  | { type: 'changed'; accountId: number; cursor: number; kind: ChangeKind }
  /** The account sent a message; its other devices may show it at once. */
  | { type: 'sent'; accountId: number; tokenHash: string; payload: string }
  /** Somebody has read further; for all our clients of the account. */
  | { type: 'read'; accountId: number; mark: ReadMark }
  /** Something happened to the membership of the account; for all its clients of ours. */
  | { type: 'membership'; accountId: number; news: MembershipNews }
  | GroupEvent;

/** What concerns many accounts at once. */
export type GroupEvent =
  /** The change logs of these accounts have a new entry. */
  | { type: 'all-changed'; accountIds: readonly number[]; cursor: number }
  /** A message for those who do not depend on the queue. */
  | { type: 'posted'; accountIds: readonly number[]; payload: string }
  /** A member has read further; told to the others a moment later, together with other marks. */
  | {
      type: 'member-read';
      accountIds: readonly number[];
      groupId: number;
      accountId: number;
      readSeq: number;
    };

export interface ReadMark {
  chatType: 'single' | 'group';
  /** The conversation in the eyes of the account that is told. */
  id: number;
  /** Who has read. */
  account_id: number;
  read_seq: number;
}

export interface MembershipNews {
  /** The group. */
  id: number;
  name: string;
  event: 'joined' | 'waiting' | 'refused' | 'removed' | 'left' | 'dissolved';
}

export interface Bus {
  publish(event: BusEvent): void;
  /** Returns the function that ends the subscription. */
  subscribe(listener: (event: BusEvent) => void): () => void;
}
