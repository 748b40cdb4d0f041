/** All sockets of this process: which one gets the messages of an account, and which have to go. */
import { assertNever } from '#protocol/errors';
import type { BusEvent } from '../bus/bus.ts';
import type { Delivery } from '../domain/delivery.ts';
import type { Connection } from './connection.ts';

export class Hub {
  /** The delivery target of each account. */
  readonly #targets = new Map<number, Connection>();
  /** Every open socket, also those that gave way and have not closed yet. */
  readonly #open = new Map<number, Set<Connection>>();
  readonly #unsubscribe: () => void;
  readonly #maxPerAccount: number;

  constructor(delivery: Delivery, maxPerAccount: number) {
    this.#maxPerAccount = maxPerAccount;
    this.#unsubscribe = delivery.subscribe((event) => this.#on(event));
  }

  /** Makes a socket the delivery target of its account; the one before is told and closed (quirk Q8). */
  add(connection: Connection): void {
    const { accountId } = connection;
    this.#targets.get(accountId)?.giveWay();
    this.#targets.set(accountId, connection);
    const open = this.#open.get(accountId) ?? new Set();
    this.#open.set(accountId, open.add(connection));
    for (const old of open) {
      if (open.size <= this.#maxPerAccount) break;
      open.delete(old);
      old.terminate();
    }
  }

  /** Forgets a closed socket. The registration goes only if it still owns it. */
  remove(connection: Connection): void {
    const { accountId } = connection;
    this.#dropTarget(accountId, connection);
    const open = this.#open.get(accountId);
    open?.delete(connection);
    if (open?.size === 0) this.#open.delete(accountId);
  }

  /** Pushes the queue of an account to its socket, if it has one (E26). */
  replay(accountId: number): void {
    this.#targets.get(accountId)?.replay();
  }

  close(): void {
    this.#unsubscribe();
    for (const connections of this.#open.values()) for (const connection of connections) connection.goAway();
    this.#targets.clear();
  }

  #on(event: BusEvent): void {
    const target = this.#targets.get(event.accountId);
    if (target === undefined) return;
    switch (event.type) {
      case 'queued':
        return target.push(event.ordinal, event.payload);
      case 'session-replaced':
        if (target.tokenHash === event.tokenHash) return;
        this.#dropTarget(event.accountId, target);
        return event.sameDevice ? target.linger() : target.giveWay();
      case 'session-ended':
        this.#dropTarget(event.accountId, target);
        return target.linger();
      default:
        return assertNever(event, 'bus event');
    }
  }

  #dropTarget(accountId: number, connection: Connection): void {
    if (this.#targets.get(accountId) === connection) this.#targets.delete(accountId);
  }
}
