/** Who is there: told to our clients that watch, a moment later, so that a reconnection is no news. */
import type { Logger } from '../domain/context.ts';
import type { Attention } from '../domain/attention.ts';
import type { Connection } from './connection.ts';
import { extensionFrame } from './frames.ts';

/** Milliseconds for which changes are gathered. */
const DELAY = 250;

export class Presence {
  readonly #attention: Attention;
  readonly #isOnline: (accountId: number) => boolean;
  readonly #log: Logger;
  readonly #watchers = new Map<number, Set<Connection>>();
  /** Per socket: the accounts it watches and what it was told about each last. */
  readonly #watched = new Map<Connection, Map<number, boolean | undefined>>();
  readonly #dirty = new Set<number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: { attention: Attention; isOnline: (accountId: number) => boolean; log: Logger }) {
    this.#attention = options.attention;
    this.#isOnline = options.isOnline;
    this.#log = options.log;
  }

  /** Replaces the list of a socket and answers for every account on it that its owner may see. */
  async watch(connection: Connection, ids: readonly number[]): Promise<void> {
    this.forget(connection);
    const wanted = new Map<number, boolean | undefined>();
    for (const id of ids) wanted.set(id, undefined);
    this.#watched.set(connection, wanted);
    for (const id of wanted.keys()) {
      const watchers = this.#watchers.get(id) ?? new Set();
      this.#watchers.set(id, watchers.add(connection));
    }
    for (const id of wanted.keys()) {
      // A newer list took over meanwhile, or the socket is gone.
      if (this.#watched.get(connection) !== wanted) return;
      await this.#tell(connection, id);
    }
  }

  forget(connection: Connection): void {
    for (const id of this.#watched.get(connection)?.keys() ?? []) {
      const watchers = this.#watchers.get(id);
      watchers?.delete(connection);
      if (watchers?.size === 0) this.#watchers.delete(id);
    }
    this.#watched.delete(connection);
  }

  /** The account came or went, perhaps only changed its socket, or lets other people see it than before. */
  changed(accountId: number): void {
    if (!this.#watchers.has(accountId)) return;
    this.#dirty.add(accountId);
    this.#timer ??= setTimeout(() => void this.#flush(), DELAY);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  async #flush(): Promise<void> {
    this.#timer = undefined;
    const ids = [...this.#dirty];
    this.#dirty.clear();
    try {
      for (const id of ids) {
        for (const watcher of [...(this.#watchers.get(id) ?? [])]) await this.#tell(watcher, id);
      }
    } catch (error) {
      this.#log.error({ err: error }, 'presence could not be told');
    }
  }

  /** The right to see is asked every time: contacts change. Who loses it sees the account leave. */
  async #tell(connection: Connection, id: number): Promise<void> {
    const allowed = await this.#attention.maySee(connection.accountId, id);
    const watched = this.#watched.get(connection);
    const last = watched?.get(id);
    if (watched?.has(id) !== true || (!allowed && last === undefined)) return;
    const online = allowed && this.#isOnline(id);
    if (online === last) return;
    watched.set(id, online);
    connection.tell(extensionFrame({ type: 'presence', data: { account_id: id, online } }));
  }
}
