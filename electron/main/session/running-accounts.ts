import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { toWireError, type MagpieError } from '#protocol/errors';
import type { Notice } from '#protocol/ipc';
import type { Account, Presence } from '#protocol/model/account';
import type { ConnectionState, StorageState } from '#protocol/model/session';
import { createServerTime } from '../connection/server-time.ts';
import { LOOK_EVERY, storageStateOf } from '../history/storage-watch.ts';
import type { AccountHome } from '../settings/stored-data.ts';
import type { Logger } from '../support/logger.ts';
import { createAccountRuntime, type AccountRuntime } from './account-runtime.ts';
import type { AccountVault } from './account-vault.ts';
import type { Entrances } from './entrances.ts';
import { NOBODY, OFFLINE, type OnScreen } from './on-screen.ts';
import type { RuntimeEvents } from './runtime-events.ts';
import type { SessionOptions } from './session-options.ts';

/** An account with what it needs to run. */
export interface Identity {
  key: string;
  home: AccountHome;
  account: Account;
  token: string;
}

/** One signed-in account and what runs for it, on screen or behind. */
export interface Running extends Readonly<Omit<Identity, 'account'>> {
  account: Account;
  runtime: Promise<AccountRuntime>;
  connection: ConnectionState;
  presence: Presence;
  storage: StorageState;
  pendingCount: number;
  unread: number;
}

export interface RunningAccountsOptions {
  session: Pick<
    SessionOptions,
    | 'settings'
    | 'clock'
    | 'logger'
    | 'userData'
    | 'events'
    | 'createDialect'
    | 'openHistory'
    | 'beforeEnd'
    | 'dropFrame'
  >;
  log: Logger;
  vault: Pick<AccountVault, 'historyKey'>;
  entrances: Pick<Entrances, 'deviceOf'>;
  screen: OnScreen;
  /** Connection or unread count of one of them changed. */
  onChanged(): void;
  onAccount(one: Running, account: Account): void;
  onEnded(one: Running, end: { kicked: boolean; error: MagpieError }): void;
}

export type RunningAccounts = ReturnType<typeof createRunningAccounts>;

/**
 * The accounts that run. One is on screen and its events reach the window; the others receive, send and count behind
 * it.
 */
export function createRunningAccounts(options: RunningAccountsOptions) {
  const { log, vault, entrances, screen } = options;
  const { settings, clock, events, ...session } = options.session;
  let shown: Running | null = null;
  const behind = new Map<string, Running>();
  /** Once in a run: whoever lets their clock be wrong knows it by then. */
  let clockOffTold = false;

  const all = (): Running[] => (shown === null ? [...behind.values()] : [shown, ...behind.values()]);

  /** Of an account behind the person is told whose it is. */
  const post = ({ key }: Running, notice: Notice) =>
    events.notice(shown?.key === key ? notice : { ...notice, accountKey: key });

  const eventsOf = (mine: Running): RuntimeEvents => {
    const ifShown =
      <Payload>(tell: (payload: Payload) => void) =>
      (payload: Payload) => {
        if (shown === mine) tell(payload);
      };
    return {
      connection(next) {
        mine.connection = next;
        if (shown === mine) screen.tellConnection(next);
        options.onChanged();
      },
      storage(next) {
        mine.storage = next;
        if (shown === mine) screen.tellStorage(next);
      },
      history(changes) {
        mine.unread = changes.unreadTotal;
        const seen = shown === mine ? {} : { messages: [], removedMessages: [] };
        events.history({ ...changes, ...seen, accountKey: mine.key });
        options.onChanged();
      },
      attention: (news) => events.attention(mine.key, news),
      contacts(change) {
        mine.pendingCount = change.pendingCount;
        if (shown === mine) events.contacts(change);
      },
      presence(next) {
        mine.presence = next;
        if (shown === mine) screen.tellPresence(next);
      },
      notice: (notice) => post(mine, notice),
      typing: ifShown(events.typing),
      checked: ifShown(events.checked),
      exported: ifShown(events.exported),
      transferred: ifShown(events.transferred),
      groups: ifShown(events.groups),
      groupMarks: ifShown(events.groupMarks),
      account: (account) => options.onAccount(mine, account),
      ended: (end) => options.onEnded(mine, end),
    };
  };

  const open = async (mine: Running): Promise<AccountRuntime> => {
    const { key, token, home, account } = mine;
    const folder = join(session.userData, 'accounts', key);
    const secret = vault.historyKey(key);
    let started = false;
    const history = await session.openHistory({
      path: join(folder, 'history.db'),
      key: secret,
      onReset: () => {
        post(mine, { kind: 'history-reset' });
        // A new history has no cursor: the log is read from its start, without waiting for its next turn.
        if (started)
          mine.runtime.then(
            (runtime) => runtime.renewConnection(),
            () => undefined,
          );
      },
    });
    const { origin, extensions } = home.server;
    const serverTime = createServerTime({
      clock,
      onClockOff(by) {
        if (clockOffTold) return;
        clockOffTold = true;
        events.notice({ kind: 'clock-off', by });
      },
    });
    const runtime = createAccountRuntime({
      ...{ account, folder, secret, history, clock, serverTime },
      logger: session.logger,
      freeSpace: async () => {
        const { bavail, bsize } = await statfs(folder);
        return bavail * bsize;
      },
      mediaCache: () => settings.read().settings.mediaCache,
      uploadPlace: (kind) =>
        settings.read().settings.storageUploads[key]?.includes(kind) ? 'object-storage' : 'server',
      keepDays: () => settings.read().settings.keepDays,
      undoSeconds: () => settings.read().settings.undoSeconds,
      ...(session.dropFrame === undefined ? {} : { dropFrame: session.dropFrame }),
      dialect: session.createDialect({
        ...{ origin, accountId: account.id, token, deviceId: entrances.deviceOf(home), extensions },
        onServerTime: (milliseconds, took) => serverTime.heard(milliseconds, took),
      }),
      events: eventsOf(mine),
    });
    try {
      mine.unread = (await history.listConversations()).unreadTotal;
      options.onChanged();
      await runtime.start();
      started = true;
      mine.storage = runtime.storage;
      if (shown === mine) screen.tellStorage(mine.storage);
    } catch (thrown) {
      // The next call makes another one: two sockets of one session would sign each other out.
      await runtime.stop().catch((error: unknown) => log.error('not-stopped', error));
      throw thrown;
    }
    return runtime;
  };

  const launch = ({ key, token, home, account }: Identity): Running => {
    const mine: Running = {
      ...{ key, token, home, account, connection: OFFLINE, presence: NOBODY, pendingCount: 0, unread: 0 },
      storage: 'ok',
      runtime: undefined as never,
    };
    mine.runtime = open(mine);
    mine.runtime.catch((thrown: unknown) => {
      log.error('history-not-opened', thrown);
      const found = storageStateOf(thrown);
      if (found === null) {
        post(mine, { kind: 'error', error: toWireError(thrown) });
        return;
      }
      mine.storage = found;
      if (shown === mine) screen.tellStorage(found);
      // Nobody may ask for anything meanwhile, and a disk has room again without telling.
      clock.after(LOOK_EVERY, () => relaunch(mine));
    });
    return mine;
  };

  /** Takes the place of one whose history did not open; does nothing when that one is not in any place any more. */
  const relaunch = (one: Running): void => {
    if (!all().includes(one)) return;
    const again = launch(one);
    again.storage = one.storage;
    if (shown === one) shown = again;
    else behind.set(one.key, again);
  };

  const stop = async (one: Running): Promise<void> => (await one.runtime.catch(() => null))?.stop();

  /** Nobody is on screen any more: what ran there ends. */
  const shutDown = async (): Promise<void> => {
    if (shown !== null) await session.beforeEnd?.();
    const last = shown;
    shown = null;
    if (last !== null) await stop(last);
    screen.disconnected();
    screen.tellStorage('ok');
  };

  return {
    get shown(): Running | null {
      return shown;
    },
    /** All of them, the one on screen first. */
    all,
    behind: (key: string): Running | undefined => behind.get(key),
    keysBehind: (): string[] => [...behind.keys()],
    /** Starts what runs for an account; it has no place yet. */
    launch,
    relaunch,
    /** On screen from here on; nobody may be there. */
    bringForward(one: Running): void {
      behind.delete(one.key);
      shown = one;
    },
    startBehind(identity: Identity): void {
      behind.set(identity.key, launch(identity));
    },
    async endBehind(key: string): Promise<void> {
      const one = behind.get(key);
      behind.delete(key);
      if (one !== undefined) await stop(one);
    },
    shutDown,
    /** Nobody is on screen any more: what ran there goes on behind. */
    async stepBack(): Promise<void> {
      const last = shown;
      if (last === null) return;
      await session.beforeEnd?.();
      const runtime = await last.runtime.catch(() => null);
      runtime?.offScreen();
      // A history that did not open is tried anew by whoever asks for it, perhaps just now.
      const still = shown ?? last;
      shown = null;
      behind.set(still.key, still);
    },
    /** The same account on the same server at another address. */
    async moveTo(one: Running, origin: string): Promise<void> {
      const { key, token, account } = one;
      const moved = { key, token, account, home: { ...one.home, server: { ...one.home.server, origin } } };
      if (shown === one) {
        await shutDown();
        shown = launch(moved);
      } else {
        await stop(one);
        behind.set(key, launch(moved));
      }
    },
    /** For the end of the app. */
    async stopAll(): Promise<void> {
      const others = [...behind.values()];
      behind.clear();
      await Promise.all([shutDown(), ...others.map(stop)]);
    },
  };
}
