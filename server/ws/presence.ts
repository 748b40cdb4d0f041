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
  readonly #watched = new Map<Connection, Set<number>>();
  /** What the watchers of an account were told last. */
  readonly #told = new Map<number, boolean>();
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
    const wanted = new Set(ids);
    this.#watched.set(connection, wanted);
    for (const id of wanted) {
      const watchers = this.#watchers.get(id) ?? new Set();
      this.#watchers.set(id, watchers.add(connection));
      if (!this.#told.has(id)) this.#told.set(id, this.#isOnline(id));
    }
    for (const id of wanted) {
      // A newer list took over meanwhile, or the socket is gone.
      if (this.#watched.get(connection) !== wanted) return;
      await this.#tell(connection, id);
    }
  }

  forget(connection: Connection): void {
    for (const id of this.#watched.get(connection) ?? []) {
      const watchers = this.#watchers.get(id);
      watchers?.delete(connection);
      if (watchers?.size !== 0) continue;
      this.#watchers.delete(id);
      this.#told.delete(id);
    }
    this.#watched.delete(connection);
  }

  /** The account came or went, or perhaps only changed its socket. */
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
        const online = this.#isOnline(id);
        if (this.#told.get(id) === online || !this.#watchers.has(id)) continue;
        this.#told.set(id, online);
        for (const watcher of [...(this.#watchers.get(id) ?? [])]) await this.#tell(watcher, id);
      }
    } catch (error) {
      this.#log.error({ err: error }, 'presence could not be told');
    }
  }

  /** The right to see is asked every time: contacts change. */
  async #tell(connection: Connection, id: number): Promise<void> {
    if (!(await this.#attention.maySee(connection.accountId, id))) return;
    connection.tell(
      extensionFrame({ type: 'presence', data: { account_id: id, online: this.#isOnline(id) } }),
    );
  }
}
