/**
 * Getting messages to their recipients. The queue in the database is the truth: a row is written in the transaction of
 * its message and goes only when the recipient's socket proved to have received it. The bus merely says "look".
 */
import type { Bus, BusEvent } from '../bus/bus.ts';
import type { UnitOfWork } from '../storage/storage.ts';
import type { DomainContext } from './context.ts';
import { withGroup } from './group-notices.ts';

/** Milliseconds for which receipts are gathered before they are written: they need no flush of their own each. */
const RECEIPT_DELAY = 100;

export interface NewDelivery {
  recipientId: number;
  /** Null for service notices, which are no message of a conversation. */
  messageId: number | null;
  payload: string;
  /** The recipient's copy differs from the stored message and is kept with the delivery. */
  ownCopy?: boolean;
}

/** Queues a delivery in the unit of its message and tells the sockets once it is committed. */
export async function enqueue(unit: UnitOfWork, bus: Bus, delivery: NewDelivery): Promise<void> {
  const { recipientId: accountId, messageId, payload, ownCopy } = delivery;
  const kept = messageId === null || ownCopy === true ? payload : null;
  const ordinal = await unit.deliveries.enqueue(accountId, messageId, kept);
  unit.afterCommit(() => bus.publish({ type: 'queued', accountId, ordinal, payload }));
}

export interface Delivery {
  /** News for the sockets; returns the function that ends the subscription. */
  subscribe(listener: (event: BusEvent) => void): () => void;
  /** Queued messages of an account above an ordinal, oldest first. */
  pending(
    accountId: number,
    afterOrdinal: number,
    limit: number,
  ): Promise<{ ordinal: number; payload: string }[]>;
  /**
   * A session of the account has received everything up to this ordinal. Written a little later, together with others.
   * The queue belongs to the plain session while there is one: the others have the change log.
   */
  received(accountId: number, ordinal: number, plain: boolean): void;
  /** Writes what is still gathered. */
  flush(): Promise<void>;
}

export function deliveryRules({ storage, bus, log }: DomainContext): Delivery {
  /** Highest ordinals by account: received by its plain session, and by one that named its device. */
  let gathered = new Map<number, { plain: number; named: number }>();
  let timer: NodeJS.Timeout | undefined;

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (gathered.size === 0) return;
    const receipts = gathered;
    gathered = new Map();
    try {
      await storage.write(async (unit) => {
        for (const [accountId, { plain, named }] of receipts) {
          const hasPlain =
            named > plain &&
            (await unit.sessions.list(accountId)).some((session) => session.deviceKind === '');
          await unit.deliveries.removeUpTo(accountId, hasPlain ? plain : Math.max(plain, named));
        }
      });
    } catch (error) {
      // The rows stay and are delivered again; clients drop a known id.
      log.warn({ error }, 'receipts were not written');
    }
  }

  return {
    subscribe: (listener) => bus.subscribe(listener),
    async pending(accountId, afterOrdinal, limit) {
      const queued = await storage.deliveries.after(accountId, afterOrdinal, limit);
      return queued.map(({ ordinal, payload, group }) => ({ ordinal, payload: withGroup(payload, group) }));
    },
    received(accountId, ordinal, plain) {
      const known = gathered.get(accountId) ?? { plain: 0, named: 0 };
      if (plain) known.plain = Math.max(ordinal, known.plain);
      else known.named = Math.max(ordinal, known.named);
      gathered.set(accountId, known);
      timer ??= setTimeout(() => void flush(), RECEIPT_DELAY);
    },
    flush,
  };
}
