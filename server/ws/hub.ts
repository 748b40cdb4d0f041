/** All sockets of this process: which one gets the messages of a session, who is told what, and which have to go. */
import { assertNever } from '#protocol/errors';
import type { BusEvent } from '../bus/bus.ts';
import type { Delivery } from '../domain/delivery.ts';
import type { Connection } from './connection.ts';
import { extensionFrame, messageFrame } from './frames.ts';
import { GroupMarks } from './group-marks.ts';

export interface HubOptions {
  delivery: Delivery;
  maxPerAccount: number;
  now: () => number;
  /** The account got its first socket, lost its last one, or changed its contacts. */
  onPresence: (accountId: number) => void;
}

export class Hub {
  /** The delivery target of each session: account → hash of the token → socket. */
  readonly #targets = new Map<number, Map<string, Connection>>();
  /** Every open socket, also those that gave way and have not closed yet. */
  readonly #open = new Map<number, Set<Connection>>();
  /** Cursors to tell, gathered while one commit is announced. */
  readonly #changed = new Map<number, number>();
  readonly #marks = new GroupMarks((accountId, frame) => this.tell(accountId, frame));
  readonly #unsubscribe: () => void;
  readonly #options: HubOptions;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#unsubscribe = options.delivery.subscribe((event) => this.#on(event));
  }

  /** Makes a socket the delivery target of its session; the one before is closed. */
  add(connection: Connection): void {
    const { accountId, tokenHash } = connection;
    const targets = this.#targets.get(accountId) ?? new Map<string, Connection>();
    targets.get(tokenHash)?.makeRoom();
    this.#targets.set(accountId, targets.set(tokenHash, connection));
    const open = this.#open.get(accountId) ?? new Set();
    this.#open.set(accountId, open.add(connection));
    for (const old of [...open].sort((one, other) => Number(other.retired) - Number(one.retired))) {
      if (open.size <= this.#options.maxPerAccount) break;
      if (old === connection) continue;
      open.delete(old);
      this.#dropTarget(old);
      old.terminate();
    }
    this.#options.onPresence(accountId);
  }

  /** Forgets a closed socket. The registration goes only if it still owns it. */
  remove(connection: Connection): void {
    const { accountId } = connection;
    this.#dropTarget(connection);
    const open = this.#open.get(accountId);
    open?.delete(connection);
    if (open?.size === 0) this.#open.delete(accountId);
  }

  /** Pushes the queue of an account to the socket of a session, if it has one (E26). */
  replay(accountId: number, tokenHash: string): void {
    this.#targets.get(accountId)?.get(tokenHash)?.replay();
  }

  isOnline(accountId: number): boolean {
    return this.#targets.has(accountId);
  }

  /** Sends a frame of our extensions to all sockets of an account that announced themselves as ours. */
  tell(accountId: number, frame: string): void {
    for (const connection of this.#targets.get(accountId)?.values() ?? []) connection.tell(frame);
  }

  /** Every socket that is open and has not given way. */
  list(): Connection[] {
    return [...this.#open.values()].flatMap((all) => [...all]).filter((connection) => !connection.retired);
  }

  /** Ends one socket as a stopping server would, so that its client connects again by itself. */
  end(id: number): boolean {
    const connection = this.list().find((one) => one.id === id);
    if (connection === undefined) return false;
    this.#dropTarget(connection);
    connection.goAway();
    return true;
  }

  close(): void {
    this.#unsubscribe();
    this.#marks.close();
    for (const connections of this.#open.values()) for (const connection of connections) connection.goAway();
    this.#targets.clear();
  }

  #on(event: BusEvent): void {
    if (event.type === 'all-changed') {
      for (const id of event.accountIds) if (this.#targets.has(id)) this.#announce(id, event.cursor);
      return;
    }
    if (event.type === 'member-read') return this.#marks.add(event);
    if (event.type === 'posted') return this.#show(event.accountIds, event.payload);
    // Contacts decide who may see the account.
    if (event.type === 'changed' && event.kind === 'contacts') this.#options.onPresence(event.accountId);
    const targets = this.#targets.get(event.accountId);
    if (targets === undefined) return;
    switch (event.type) {
      case 'queued':
        for (const target of targets.values()) target.push(event.ordinal, event.payload);
        return;
      case 'withdrawn':
        for (const target of targets.values()) target.withdraw(event.ordinal);
        return;
      case 'session-ended': {
        const target = targets.get(event.tokenHash);
        if (target === undefined) return;
        this.#dropTarget(target);
        return event.kicked ? target.giveWay() : target.linger();
      }
      case 'account-refused':
        for (const target of [...targets.values()]) {
          this.#dropTarget(target);
          target.refuse(event.text);
        }
        return;
      case 'changed':
        return this.#announce(event.accountId, event.cursor);
      case 'sent': {
        const frame = messageFrame(event.payload, this.#options.now());
        for (const target of targets.values()) if (target.tokenHash !== event.tokenHash) target.tell(frame);
        return;
      }
      case 'read':
        return this.tell(event.accountId, extensionFrame({ type: 'read', data: event.mark }));
      case 'membership':
        return this.tell(event.accountId, extensionFrame({ type: 'membership', data: event.news }));
      default:
        return assertNever(event, 'bus event');
    }
  }

  #show(accountIds: readonly number[], payload: string): void {
    const frame = messageFrame(payload, this.#options.now());
    for (const id of accountIds)
      for (const target of this.#targets.get(id)?.values() ?? []) target.show(frame);
  }

  /** One hint for all that a commit changed. */
  #announce(accountId: number, cursor: number): void {
    if (this.#changed.size === 0) {
      setImmediate(() => {
        const changed = [...this.#changed];
        this.#changed.clear();
        for (const [id, highest] of changed) {
          this.tell(id, extensionFrame({ type: 'changed', cursor: highest }));
        }
      });
    }
    this.#changed.set(accountId, cursor);
  }

  #dropTarget(connection: Connection): void {
    const { accountId, tokenHash } = connection;
    const targets = this.#targets.get(accountId);
    if (targets?.get(tokenHash) !== connection) return;
    targets.delete(tokenHash);
    if (targets.size > 0) return;
    this.#targets.delete(accountId);
    this.#options.onPresence(accountId);
  }
}
