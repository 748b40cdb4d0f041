/** News between the parts of a server (later: between processes). Losing one must be harmless: the queue has the truth. */
export type BusEvent =
  /** A delivery was committed; events of one account come in the order of their ordinals. */
  | { type: 'queued'; accountId: number; ordinal: number; payload: string }
  /** The account signed in again: every socket with another token has to give way. */
  | { type: 'session-replaced'; accountId: number; tokenHash: string; sameDevice: boolean }
  | { type: 'session-ended'; accountId: number };

export interface Bus {
  publish(event: BusEvent): void;
  /** Returns the function that ends the subscription. */
  subscribe(listener: (event: BusEvent) => void): () => void;
}
