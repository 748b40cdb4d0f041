import { computed, onScopeDispose, shallowRef } from 'vue';
import { defineStore } from 'pinia';
import type {
  ConnectionState,
  EmbeddedServerState,
  SessionState,
  StorageState,
} from '#protocol/model/session';
import type { Dialect, Presence } from '#protocol/model/account';
import type { AppSnapshot } from '#protocol/ipc';
import { call, listen, speakFor } from '../bridge.ts';

interface ServerDetails {
  dialect?: Dialect | 'detect';
  guestSalt?: string;
  /** Of the certificate that an invitation or an announcement names. */
  fingerprint?: string;
}

/** Which server, who is signed in, and how the connection is doing. */
export const useSessionStore = defineStore('session', () => {
  const session = shallowRef<SessionState>({ phase: 'welcome' });
  const connection = shallowRef<ConnectionState>({ state: 'connecting', attempt: 0 });
  const storage = shallowRef<StorageState>('ok');
  const embeddedServer = shallowRef<EmbeddedServerState>({ state: 'stopped' });

  const presence = shallowRef<Presence>({ online: [], offline: [] });

  onScopeDispose(listen('presence:changed', (changed) => (presence.value = changed)));
  function adopt(state: SessionState): void {
    // First: whoever watches the session asks for the new account's data at once.
    speakFor(state.phase === 'signed-in' ? state.accountKey : null);
    session.value = state;
  }
  onScopeDispose(listen('session:changed', adopt));
  onScopeDispose(listen('connection:changed', (changed) => (connection.value = changed)));
  onScopeDispose(listen('storage:changed', (changed) => (storage.value = changed)));
  onScopeDispose(listen('server:changed', (changed) => (embeddedServer.value = changed)));

  async function fetchSnapshot(): Promise<AppSnapshot> {
    const snapshot = await call('app:get-snapshot');
    adopt(snapshot.session);
    connection.value = snapshot.connection;
    storage.value = snapshot.storage;
    embeddedServer.value = snapshot.embeddedServer;
    presence.value = snapshot.presence;
    return snapshot;
  }

  /** Every call that moves the session answers with its new state. */
  async function follow(answer: Promise<SessionState>): Promise<void> {
    adopt(await answer);
  }

  return {
    session: computed(() => session.value),
    connection: computed(() => connection.value),
    storage: computed(() => storage.value),
    embeddedServer: computed(() => embeddedServer.value),
    account: computed(() => (session.value.phase === 'signed-in' ? session.value.account : null)),
    isGuest: computed(() => session.value.phase === 'signed-in' && session.value.account.role === 'visitor'),
    /** Whose data is shown; null for nobody. */
    accountKey: computed(() => (session.value.phase === 'signed-in' ? session.value.accountKey : null)),
    /** Changes exactly when another person's data is to be shown. */
    identity: computed(() =>
      session.value.phase === 'signed-in'
        ? `${session.value.accountKey}|${session.value.server.origin}|${session.value.account.role}`
        : null,
    ),
    presence: computed(() => presence.value),
    fetchSnapshot,
    useThisComputer: () => follow(call('server:use-this-computer')),
    connect: (address: string, details: ServerDetails = {}) =>
      follow(call('server:connect', { address, ...details })),
    /** Into a server that is known, without an account; where it lets no guest in, its form to sign in is there. */
    connectAsGuest: async (address: string, details: ServerDetails = {}) => {
      await follow(call('server:connect', { address, ...details }));
      await follow(call('session:enter-as-guest'));
    },
    leaveServer: () => follow(call('server:leave')),
    signIn: (username: string, password: string) => follow(call('session:sign-in', { username, password })),
    register: (username: string, password: string) =>
      follow(call('session:register', { username, password })),
    enterAsGuest: () => follow(call('session:enter-as-guest')),
    signOut: () => follow(call('session:sign-out')),
    signOutToGuest: () => follow(call('session:sign-out-to-guest')),
    switchAccount: (key: string) => follow(call('accounts:switch', { key })),
    addAccount: () => follow(call('accounts:add')),
    removeAccount: (key: string) => follow(call('accounts:remove', { key })),
    /** For somebody who does not know the passphrase of the lock any more. */
    forgetPassphrase: () => follow(call('lock:forget')),
    acknowledgeEnd: () => follow(call('session:acknowledge-end')),
    reconnect: () => call('connection:reconnect'),
    /** Failing again changes nothing that is not on screen already. */
    retryStorage: () => call('storage:retry').catch(() => undefined),
    /** A hint: main would find out by itself, only later. */
    checkConnection: () => void call('connection:check').catch(() => undefined),
  };
});
