import { randomUUID } from 'node:crypto';
import { MagpieError } from '#protocol/errors';
import type { Account, Dialect, Presence, ServerInfo } from '#protocol/model/account';
import type { AccountList, ConnectionState, SessionState, StorageState } from '#protocol/model/session';
import type { Credentials, ServerEntrance, SignedIn } from '../dialects/chat-dialect.ts';
import { normaliseAddress } from '../dialects/egg-im/probe.ts';
import type { AccountHome } from '../settings/stored-data.ts';
import type { AccountRuntime } from './account-runtime.ts';
import { createAccountVault } from './account-vault.ts';
import { createEntrances } from './entrances.ts';
import { createOnScreen } from './on-screen.ts';
import { createRoster } from './roster.ts';
import { createRunningAccounts, type Running } from './running-accounts.ts';
import { createSessionEnds } from './session-ends.ts';
import type { SessionOptions } from './session-options.ts';

const SIGN_OUT_PATIENCE = 3_000;

export type SessionManager = ReturnType<typeof createSessionManager>;

/**
 * Which servers, which accounts, and what runs for them. One account is on screen; the others go on behind it. Changes
 * of session happen one after the other.
 */
export function createSessionManager(options: SessionOptions) {
  const { settings, clock, events } = options;
  const log = options.logger.module('session');
  const vault = createAccountVault(settings, options.secrets);
  const entrances = createEntrances(options);
  let queue: Promise<unknown> = Promise.resolve();

  const inTurn = <Value>(work: () => Promise<Value>): Promise<Value> => {
    const turn = queue.then(work, work);
    queue = turn.catch(() => undefined);
    return turn;
  };

  const roster = createRoster({
    settings,
    running: (key) => (running.shown?.key === key ? running.shown : (running.behind(key) ?? null)),
    shownKey: () => running.shown?.key ?? null,
    onChanged: events.accounts,
  });
  const screen = createOnScreen({ events, log, onSession: roster.tell });
  const running = createRunningAccounts({
    ...{ session: options, log, vault, entrances, screen },
    onChanged: roster.tell,
    onAccount: (one, account) => accountChanged(one, account),
    onEnded: (one, end) => void inTurn(() => ends.ended(one, end)),
  });
  const ends = createSessionEnds({
    ...{ settings, clock, log, vault, entrances, screen, running },
    begin: (home, signedIn) => begin(home, signedIn),
    notice: events.notice,
    onChanged: roster.tell,
  });

  /** Name or picture changed, here or on another device. */
  const accountChanged = (one: Running, account: Account) => {
    if (!running.all().includes(one)) return;
    one.account = account;
    vault.remember(one.key, account, one.token, one.home);
    const { session } = screen;
    if (running.shown === one && session.phase === 'signed-in') screen.become({ ...session, account });
    else roster.tell();
  };

  const show = (one: Running): SessionState => {
    running.bringForward(one);
    ends.forget(one.key);
    const { server, guestSalt, deviceId } = one.home;
    const { account } = one;
    settings.update(({ chosen }) => ({
      chosen: {
        ...{ server, guestSalt, deviceId, accountKey: one.key },
        lastUsername: account.role === 'visitor' ? (chosen?.lastUsername ?? '') : account.username,
      },
    }));
    const next = screen.become({ phase: 'signed-in', server, account, accountKey: one.key, ended: null });
    screen.tellPresence(one.presence);
    screen.tellConnection(one.connection);
    screen.tellStorage(one.storage);
    if (one.pendingCount > 0) events.contacts({ pendingCount: one.pendingCount });
    return next;
  };

  /** Somebody is signed in from here on, in the place of whoever was on screen. */
  const begin = async (home: AccountHome, { account, token }: SignedIn): Promise<SessionState> => {
    const key = vault.keyOf(home.server, account);
    const former = running.shown;
    vault.remember(key, account, token, home);
    await running.shutDown();
    if (former !== null && former.key !== key) {
      vault.forgetToken(former.key);
      vault.unlist(former.key);
    }
    await running.endBehind(key);
    return show(running.launch({ key, home, account, token }));
  };

  /** @throws {MagpieError} `not-signed-in` while nobody is on screen */
  const signedInSession = () => {
    const { session } = screen;
    if (session.phase !== 'signed-in') throw new MagpieError('not-signed-in', 'nobody is signed in');
    return session;
  };

  const choose = async (server: ServerInfo, guestSalt: string | null): Promise<SessionState> => {
    if (screen.session.phase === 'signed-in') await leaveAccount();
    const former = settings.read().chosen;
    const isSame = former?.server.embedded === server.embedded && former.server.origin === server.origin;
    const lastUsername = isSame ? former.lastUsername : '';
    const deviceId = isSame ? former.deviceId : entrances.deviceFor(server);
    settings.update(() => ({ chosen: { server, guestSalt, deviceId, accountKey: null, lastUsername } }));
    return screen.become({ phase: 'signed-out', server, lastUsername, ended: null });
  };

  /** Ends the session on the server, within a time, and forgets it here. */
  const signOff = async (one: Running) => {
    const runtime = await one.runtime.catch(() => null);
    if (runtime !== null) {
      const patience = new Promise<void>((resolve) => clock.after(SIGN_OUT_PATIENCE, resolve));
      await Promise.race([runtime.signOutOnServer().catch(() => undefined), patience]);
    }
    vault.forgetToken(one.key);
    vault.unlist(one.key);
  };
  const leaveAccount = async () => {
    if (running.shown !== null) await signOff(running.shown);
    settings.update(({ chosen }) => ({ chosen: chosen === null ? null : { ...chosen, accountKey: null } }));
    await running.shutDown();
  };

  const enter = (
    how: (door: ServerEntrance, guest: Account | null) => Promise<SignedIn>,
    homeAt: (server: ServerInfo) => AccountHome = entrances.homeOf,
  ) =>
    inTurn(async () => {
      const { session } = screen;
      const guest =
        session.phase === 'signed-in' && session.account.role === 'visitor' ? session.account : null;
      if (session.phase !== 'signed-out' && guest === null)
        throw new MagpieError('not-allowed', 'not signed out');
      let server = entrances.chosenServer();
      const signedIn = await how(entrances.to(homeAt(server)), guest);
      if (!server.embedded) {
        // The server may have learned or lost our extensions since it was chosen.
        const abilities = await options.probe(server.origin).catch(() => null);
        if (abilities !== null) server = { ...server, extensions: abilities.extensions };
      }
      return begin(homeAt(server), signedIn);
    });

  /** Shows an account of the list: as it runs, or the form to sign in with. */
  const switchTo = async (key: string): Promise<SessionState> => {
    if (running.shown?.key === key) return screen.session;
    const entry = settings.read().accounts[key];
    if (entry?.listed !== true || entry.home === null) throw new MagpieError('not-found', 'no such account');
    await running.stepBack();
    const next = running.behind(key);
    if (next !== undefined) return show(next);
    const { account, home } = entry;
    const known = vault.recall(key);
    if (known !== null) return show(running.launch({ key, home, ...known }));
    const lastUsername = account.role === 'visitor' ? '' : account.username;
    settings.update(() => ({ chosen: { ...home, accountKey: null, lastUsername } }));
    screen.disconnected();
    const ended = ends.take(key);
    return screen.become({ phase: 'signed-out', server: home.server, lastUsername, ended });
  };

  return {
    get state(): SessionState {
      return screen.session;
    },
    get connection(): ConnectionState {
      return screen.connection;
    },
    get storage(): StorageState {
      return screen.storage;
    },
    get presence(): Presence {
      return screen.presence;
    },
    /** Whose data the calls of the window are about; null while nobody is on screen. */
    get accountKey(): string | null {
      return running.shown?.key ?? null;
    },
    accounts: (): AccountList => roster.list(),
    /** Offline first: the stored accounts are signed in at once, the network follows when it can. */
    restore(): SessionState {
      const before = settings.read().chosen;
      if (before !== null && before.accountKey !== null)
        vault.adopt(before.accountKey, entrances.homeOf(before.server));
      const { chosen, accounts } = settings.read();
      const signedIn = Object.entries(accounts).flatMap(([key, { home, listed }]) => {
        const known = listed && home !== null ? vault.recall(key) : null;
        return known === null || home === null ? [] : [{ key, home, ...known }];
      });
      const front = signedIn.find(({ key }) => key === chosen?.accountKey) ?? signedIn[0];
      const servers = [
        ...signedIn.map(({ home }) => home.server),
        ...(chosen === null ? [] : [chosen.server]),
      ];
      if (servers.some(({ embedded }) => embedded))
        options.embedded.start().catch((thrown) => log.error('embedded-server', thrown));
      for (const one of signedIn) if (one !== front) running.startBehind(one);
      if (front !== undefined) return show(running.launch(front));
      if (chosen === null) return screen.become({ phase: 'welcome' });
      const { server, lastUsername } = chosen;
      return screen.become({ phase: 'signed-out', server, lastUsername, ended: null });
    },
    useThisComputer: () =>
      inTurn(async () => {
        const origin = await options.embedded.start();
        return choose({ origin, dialect: 'egg-im', embedded: true, extensions: true }, null);
      }),
    connect: (address: string, guestSalt?: string, dialect: Dialect | 'detect' = 'detect') =>
      inTurn(async () => {
        const origin = normaliseAddress(address);
        const { extensions } = await options.probe(origin).catch((thrown: unknown) => {
          // The person knows better what answers there; without a word from the server it has no extensions.
          const unclear = thrown instanceof MagpieError && thrown.code === 'not-a-chat-server';
          if (unclear && dialect !== 'detect') return { extensions: false };
          throw thrown;
        });
        return choose({ origin, dialect: 'egg-im', embedded: false, extensions }, guestSalt ?? null);
      }),
    leaveServer: () =>
      inTurn(async () => {
        if (screen.session.phase === 'signed-in') await leaveAccount();
        settings.update(() => ({ chosen: null }));
        return screen.become({ phase: 'welcome' });
      }),
    signIn: (credentials: Credentials) =>
      enter(
        (door) => door.signIn(credentials),
        (server) => entrances.homeOfUser(server, credentials.username),
      ),
    /** A guest on screen becomes the user, with all that is theirs. */
    register: (credentials: Credentials) =>
      enter((door, guest) =>
        guest === null ? door.register(credentials) : door.registerGuest(credentials, guest),
      ),
    enterAsGuest: () =>
      enter((door, guest) => {
        if (guest !== null) throw new MagpieError('not-allowed', 'a guest already');
        return door.enterAsGuest();
      }),
    signOut: () =>
      inTurn(async () => {
        const { server, account } = signedInSession();
        await leaveAccount();
        return screen.become({ phase: 'signed-out', server, lastUsername: account.username, ended: null });
      }),
    /** Signs out and goes on as the guest of this device; signed out when the server lets no guest in. */
    signOutToGuest: () =>
      inTurn(async () => {
        const { server, account } = signedInSession();
        if (account.role === 'visitor') throw new MagpieError('not-allowed', 'a guest already');
        await leaveAccount();
        screen.become({ phase: 'signed-out', server, lastUsername: account.username, ended: null });
        const home = entrances.homeOf(server);
        return begin(home, await entrances.to(home).enterAsGuest());
      }),
    /**
     * Everybody goes, and nobody comes back without a password: a guest's account is the device, so this installation
     * becomes another one. Histories stay under their keys until their users sign in again.
     */
    signOutAll: () =>
      inTurn(async () => {
        for (const key of running.keysBehind()) {
          const one = running.behind(key);
          if (one !== undefined) await signOff(one);
          await running.endBehind(key);
        }
        await leaveAccount();
        const keys = Object.keys(settings.read().accounts);
        for (const key of keys) {
          vault.forgetToken(key);
          vault.unlist(key);
          ends.forget(key);
        }
        settings.update(() => ({ deviceId: randomUUID(), chosen: null }));
        return screen.become({ phase: 'welcome' });
      }),
    /** The person read why their session ended: they go on as a guest where nothing of theirs is harmed by it. */
    acknowledgeEnd: () =>
      inTurn(async () => {
        const { session } = screen;
        if (session.phase !== 'signed-out' || session.ended === null) return session;
        const standIn = await ends.standIn(session.server);
        return standIn === null
          ? screen.become({ ...session, ended: null })
          : begin(standIn.home, standIn.signedIn);
      }),
    switchAccount: (key: string) => inTurn(() => switchTo(key)),
    /** To the choice of a server; whoever is on screen stays signed in. */
    addAccount: () =>
      inTurn(async () => {
        await running.stepBack();
        settings.update(() => ({ chosen: null }));
        screen.disconnected();
        return screen.become({ phase: 'welcome' });
      }),
    /** Signs an account out and takes it off the list; its history stays on this machine. */
    removeAccount: (key: string) =>
      inTurn(async () => {
        if (settings.read().accounts[key]?.listed !== true)
          throw new MagpieError('not-found', 'no such account');
        const one = running.shown?.key === key ? running.shown : null;
        if (one === null) {
          const other = running.behind(key);
          if (other !== undefined) await signOff(other);
          await running.endBehind(key);
          vault.forgetToken(key);
          vault.unlist(key);
          ends.forget(key);
          roster.tell();
          return screen.session;
        }
        const { server } = one.home;
        await leaveAccount();
        const next = running.keysBehind()[0];
        if (next !== undefined) return switchTo(next);
        return screen.become({ phase: 'signed-out', server, lastUsername: '', ended: null });
      }),
    /** The server inside the app runs, perhaps behind another port than before. */
    embeddedServerRuns: (origin: string) =>
      inTurn(async () => {
        vault.embeddedServerMoved(origin);
        for (const one of running.all()) {
          if (!one.home.server.embedded) continue;
          if (one.home.server.origin === origin) (await one.runtime.catch(() => null))?.reconnectNow();
          else await running.moveTo(one, origin);
        }
        const { chosen } = settings.read();
        roster.tell();
        if (chosen?.server.embedded !== true || chosen.server.origin === origin) return;
        const server = { ...chosen.server, origin };
        settings.update(() => ({ chosen: { ...chosen, server } }));
        const { session } = screen;
        if (session.phase !== 'welcome' && session.server.embedded) screen.become({ ...session, server });
      }),
    /** What runs for the account on screen; `not-signed-in`, or why its history cannot be opened. */
    async runtime(): Promise<AccountRuntime> {
      const current = running.shown;
      if (current === null || screen.session.phase !== 'signed-in')
        throw new MagpieError('not-signed-in', 'nobody is signed in');
      try {
        return await current.runtime;
      } catch (thrown) {
        // The disk may have room again: the next call tries anew.
        running.relaunch(current);
        throw thrown;
      }
    },
    /** Of an account that is signed in, on screen or behind. */
    async runtimeOf(accountKey: string): Promise<AccountRuntime> {
      const one = running.all().find(({ key }) => key === accountKey);
      if (one === undefined) throw new MagpieError('not-signed-in', 'this account is not signed in');
      return one.runtime;
    },
    /** All whose history is open, the one on screen first. */
    async runtimes(): Promise<AccountRuntime[]> {
      const all = await Promise.all(running.all().map(({ runtime }) => runtime.catch(() => null)));
      return all.filter((runtime) => runtime !== null);
    },
    /** For the end of the app: nothing is signed out. */
    close: () => inTurn(running.stopAll),
  };
}
