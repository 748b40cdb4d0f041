import { join } from 'node:path';
import { MagpieError, toWireError } from '#protocol/errors';
import type { Progress } from '#protocol/model/completeness';
import type { HistoryChanges, Notice } from '#protocol/ipc';
import type { Account, AccountId, Presence, ServerInfo } from '#protocol/model/account';
import type { ConversationId } from '#protocol/model/conversation';
import type { ConnectionState, SessionEndReason, SessionState } from '#protocol/model/session';
import type { ChatDialect, Credentials, ServerEntrance, SignedIn } from '../dialects/chat-dialect.ts';
import type { EggImOptions } from '../dialects/egg-im/egg-im-dialect.ts';
import type { EntranceOptions } from '../dialects/egg-im/entrance.ts';
import { normaliseAddress, type ServerAbilities } from '../dialects/egg-im/probe.ts';
import type { History, OpenInput } from '../history/history.ts';
import type { SettingsStore } from '../settings/settings.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import { createAccountRuntime, type AccountRuntime } from './account-runtime.ts';
import { createAccountVault } from './account-vault.ts';
import type { SecretBox } from './secrets.ts';

export interface SessionEvents {
  session(state: SessionState): void;
  connection(state: ConnectionState): void;
  history(changes: HistoryChanges): void;
  contacts(change: { pendingCount: number }): void;
  notice(notice: Notice): void;
  typing(change: { conversationId: ConversationId; accountIds: AccountId[] }): void;
  presence(presence: Presence): void;
  checked(progress: Progress): void;
  exported(progress: Progress): void;
}

export interface SessionOptions {
  settings: SettingsStore;
  secrets: SecretBox;
  clock: Clock;
  logger: Logger;
  userData: string;
  events: SessionEvents;
  /** The server inside the app; starting it again while it runs only tells its origin. */
  embedded: { start(): Promise<string>; guestSalt: string };
  defaultGuestSalt: string;
  probe(origin: string): Promise<ServerAbilities>;
  createEntrance(options: EntranceOptions): ServerEntrance;
  createDialect(options: EggImOptions): ChatDialect;
  openHistory(input: OpenInput & { onReset: () => void }): Promise<History>;
  /** For tests: frames that never arrived. */
  dropFrame?(text: string): boolean;
}

const OFFLINE: ConnectionState = { state: 'offline', reason: 'signed-out', retryAt: null };
const NOBODY: Presence = { online: [], offline: [] };
const SIGN_OUT_PATIENCE = 3_000;

export type SessionManager = ReturnType<typeof createSessionManager>;

/** Which server, which account, and what runs for it. Changes of session happen one after the other. */
export function createSessionManager(options: SessionOptions) {
  const { settings, clock, events } = options;
  const log = options.logger.module('session');
  const vault = createAccountVault(settings, options.secrets);
  let state: SessionState = { phase: 'welcome' };
  let connection: ConnectionState = OFFLINE;
  let presence: Presence = NOBODY;
  let running: { key: string; token: string; runtime: Promise<AccountRuntime> } | null = null;
  let queue: Promise<unknown> = Promise.resolve();

  const inTurn = <Value>(work: () => Promise<Value>): Promise<Value> => {
    const turn = queue.then(work, work);
    queue = turn.catch(() => undefined);
    return turn;
  };
  const become = (next: SessionState): SessionState => {
    state = next;
    log.info('phase', { phase: next.phase });
    events.session(next);
    return next;
  };
  const tellConnection = (next: ConnectionState) => {
    connection = next;
    events.connection(next);
  };
  const tellPresence = (next: Presence) => {
    presence = next;
    events.presence(next);
  };
  const chosenServer = (): ServerInfo => {
    const chosen = settings.read().chosen;
    if (chosen === null) throw new MagpieError('not-allowed', 'no server is chosen');
    return chosen.server;
  };
  const entrance = (): ServerEntrance => {
    const { chosen, deviceId } = settings.read();
    const server = chosenServer();
    const salt = server.embedded ? options.embedded.guestSalt : chosen?.guestSalt;
    return options.createEntrance({
      origin: server.origin,
      deviceId,
      guestSalt: salt ?? options.defaultGuestSalt,
    });
  };

  const launch = (server: ServerInfo, account: Account, token: string, key: string) => {
    const open = async (): Promise<AccountRuntime> => {
      const history = await options.openHistory({
        path: join(options.userData, 'accounts', key, 'history.db'),
        key: vault.historyKey(key),
        onReset: () => events.notice({ kind: 'history-reset' }),
      });
      const { deviceId } = settings.read();
      const { origin, extensions } = server;
      const runtime = createAccountRuntime({
        account,
        history,
        clock,
        logger: options.logger,
        undoSeconds: () => settings.read().settings.undoSeconds,
        ...(options.dropFrame === undefined ? {} : { dropFrame: options.dropFrame }),
        dialect: options.createDialect({ origin, accountId: account.id, token, deviceId, extensions }),
        events: {
          connection: (next) => running?.key === key && tellConnection(next),
          history: events.history,
          contacts: events.contacts,
          notice: events.notice,
          typing: events.typing,
          presence: tellPresence,
          checked: events.checked,
          exported: events.exported,
          ended: (end) => void inTurn(() => sessionEnded(key, token, end)),
        },
      });
      try {
        await runtime.start();
      } catch (thrown) {
        // The next call makes another one: two sockets of one session would sign each other out.
        await runtime.stop().catch((error: unknown) => log.error('not-stopped', error));
        throw thrown;
      }
      return runtime;
    };
    const runtime = open();
    running = { key, token, runtime };
    runtime.catch((thrown: unknown) => {
      log.error('history-not-opened', thrown);
      events.notice({ kind: 'error', error: toWireError(thrown) });
    });
  };

  const shutDown = async () => {
    const last = running;
    running = null;
    const runtime = await last?.runtime.catch(() => null);
    await runtime?.stop();
    tellPresence(NOBODY);
    tellConnection(OFFLINE);
  };

  const sessionEnded = async (key: string, token: string, end: { kicked: boolean; error: MagpieError }) => {
    // A late word about a session that was replaced meanwhile says nothing about the present one.
    if (running?.key !== key || running.token !== token || state.phase !== 'signed-in') return;
    const reason: SessionEndReason = end.kicked
      ? 'signed-in-elsewhere'
      : end.error.code === 'account-disabled'
        ? 'account-disabled'
        : 'session-ended';
    log.warn('ended', { reason });
    const { server, account } = state;
    vault.forgetToken(key);
    settings.update(({ chosen }) => ({ chosen: chosen === null ? null : { ...chosen, accountKey: null } }));
    const serverText = end.error.details?.serverText;
    await shutDown();
    become({
      phase: 'signed-out',
      server,
      lastUsername: account.username,
      ended: { reason, ...(serverText === undefined ? {} : { serverText }) },
    });
  };

  const choose = async (server: ServerInfo, guestSalt: string | null): Promise<SessionState> => {
    if (state.phase === 'signed-in') await leaveAccount();
    const former = settings.read().chosen;
    const isSame = former?.server.embedded === server.embedded && former.server.origin === server.origin;
    const lastUsername = isSame ? former.lastUsername : '';
    settings.update(() => ({ chosen: { server, guestSalt, accountKey: null, lastUsername } }));
    return become({ phase: 'signed-out', server, lastUsername, ended: null });
  };

  const leaveAccount = async () => {
    const last = running;
    const runtime = await last?.runtime.catch(() => null);
    if (runtime !== null && runtime !== undefined) {
      const patience = new Promise<void>((resolve) => clock.after(SIGN_OUT_PATIENCE, resolve));
      await Promise.race([runtime.signOutOnServer().catch(() => undefined), patience]);
    }
    if (last !== null) vault.forgetToken(last.key);
    settings.update(({ chosen }) => ({ chosen: chosen === null ? null : { ...chosen, accountKey: null } }));
    await shutDown();
  };

  const enter = (how: (door: ServerEntrance) => Promise<SignedIn>) =>
    inTurn(async () => {
      if (state.phase !== 'signed-out') throw new MagpieError('not-allowed', 'not signed out');
      let server = chosenServer();
      const { account, token } = await how(entrance());
      if (!server.embedded) {
        // The server may have learned or lost our extensions since it was chosen.
        const abilities = await options.probe(server.origin).catch(() => null);
        if (abilities !== null) server = { ...server, extensions: abilities.extensions };
      }
      const key = vault.keyOf(server, account);
      vault.remember(key, account, token);
      settings.update(({ chosen }) => ({
        chosen: {
          guestSalt: chosen?.guestSalt ?? null,
          server,
          accountKey: key,
          lastUsername: account.role === 'visitor' ? (chosen?.lastUsername ?? '') : account.username,
        },
      }));
      await shutDown();
      launch(server, account, token, key);
      return become({ phase: 'signed-in', server, account, ended: null });
    });

  return {
    get state() {
      return state;
    },
    get connection() {
      return connection;
    },
    get presence() {
      return presence;
    },
    /** Offline first: the stored account is signed in at once, the network follows when it can. */
    restore(): SessionState {
      const chosen = settings.read().chosen;
      if (chosen === null) return become({ phase: 'welcome' });
      const { server, accountKey, lastUsername } = chosen;
      if (server.embedded) options.embedded.start().catch((thrown) => log.error('embedded-server', thrown));
      const known = accountKey === null ? null : vault.recall(accountKey);
      if (accountKey === null || known === null)
        return become({ phase: 'signed-out', server, lastUsername, ended: null });
      launch(server, known.account, known.token, accountKey);
      return become({ phase: 'signed-in', server, account: known.account, ended: null });
    },
    useThisComputer: () =>
      inTurn(async () => {
        const origin = await options.embedded.start();
        return choose({ origin, dialect: 'egg-im', embedded: true, extensions: true }, null);
      }),
    connect: (address: string, guestSalt?: string) =>
      inTurn(async () => {
        const origin = normaliseAddress(address);
        const { extensions } = await options.probe(origin);
        return choose({ origin, dialect: 'egg-im', embedded: false, extensions }, guestSalt ?? null);
      }),
    leaveServer: () =>
      inTurn(async () => {
        if (state.phase === 'signed-in') await leaveAccount();
        settings.update(() => ({ chosen: null }));
        return become({ phase: 'welcome' });
      }),
    signIn: (credentials: Credentials) => enter((door) => door.signIn(credentials)),
    register: (credentials: Credentials) => enter((door) => door.register(credentials)),
    enterAsGuest: () => enter((door) => door.enterAsGuest()),
    signOut: () =>
      inTurn(async () => {
        if (state.phase !== 'signed-in') throw new MagpieError('not-signed-in', 'nobody is signed in');
        const { server, account } = state;
        await leaveAccount();
        return become({ phase: 'signed-out', server, lastUsername: account.username, ended: null });
      }),
    acknowledgeEnd(): SessionState {
      return state.phase === 'signed-out' ? become({ ...state, ended: null }) : state;
    },
    /** The server inside the app runs, perhaps behind another port than before. */
    embeddedServerRuns: (origin: string) =>
      inTurn(async () => {
        if (state.phase === 'welcome' || !state.server.embedded) return;
        if (state.server.origin === origin) {
          (await running?.runtime.catch(() => null))?.reconnectNow();
          return;
        }
        const server = { ...state.server, origin };
        settings.update(({ chosen }) => ({ chosen: chosen === null ? null : { ...chosen, server } }));
        const last = running;
        if (state.phase === 'signed-in' && last !== null) {
          const { account } = state;
          await shutDown();
          launch(server, account, last.token, last.key);
        }
        become({ ...state, server });
      }),
    /** What runs for the signed-in account; `not-signed-in`, or why its history cannot be opened. */
    async runtime(): Promise<AccountRuntime> {
      if (running === null || state.phase !== 'signed-in')
        throw new MagpieError('not-signed-in', 'nobody is signed in');
      const current = running;
      try {
        return await current.runtime;
      } catch (thrown) {
        // The disk may have room again: the next call tries anew.
        if (running === current) launch(state.server, state.account, current.token, current.key);
        throw thrown;
      }
    },
    /** For the end of the app: nothing is signed out. */
    close: () => inTurn(shutDown),
  };
}
