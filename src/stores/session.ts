import { computed, onScopeDispose, shallowRef } from 'vue';
import { defineStore } from 'pinia';
import type { ConnectionState, EmbeddedServerState, SessionState } from '#protocol/model/session';
import type { Presence } from '#protocol/model/account';
import type { AppSnapshot } from '#protocol/ipc';
import { call, listen } from '../bridge.ts';

/** Which server, who is signed in, and how the connection is doing. */
export const useSessionStore = defineStore('session', () => {
  const session = shallowRef<SessionState>({ phase: 'welcome' });
  const connection = shallowRef<ConnectionState>({ state: 'connecting', attempt: 0 });
  const embeddedServer = shallowRef<EmbeddedServerState>({ state: 'stopped' });

  const presence = shallowRef<Presence>({ online: [], offline: [] });

  onScopeDispose(listen('presence:changed', (changed) => (presence.value = changed)));
  onScopeDispose(listen('session:changed', (changed) => (session.value = changed)));
  onScopeDispose(listen('connection:changed', (changed) => (connection.value = changed)));
  onScopeDispose(listen('server:changed', (changed) => (embeddedServer.value = changed)));

  async function fetchSnapshot(): Promise<AppSnapshot> {
    const snapshot = await call('app:get-snapshot');
    session.value = snapshot.session;
    connection.value = snapshot.connection;
    embeddedServer.value = snapshot.embeddedServer;
    presence.value = snapshot.presence;
    return snapshot;
  }

  /** Every call that moves the session answers with its new state. */
  async function follow(answer: Promise<SessionState>): Promise<void> {
    session.value = await answer;
  }

  return {
    session: computed(() => session.value),
    connection: computed(() => connection.value),
    embeddedServer: computed(() => embeddedServer.value),
    account: computed(() => (session.value.phase === 'signed-in' ? session.value.account : null)),
    isGuest: computed(() => session.value.phase === 'signed-in' && session.value.account.role === 'visitor'),
    /** Changes exactly when another person's data is to be shown. */
    identity: computed(() =>
      session.value.phase === 'signed-in'
        ? `${session.value.server.origin}|${session.value.account.id}|${session.value.account.role}`
        : null,
    ),
    presence: computed(() => presence.value),
    fetchSnapshot,
    useThisComputer: () => follow(call('server:use-this-computer')),
    connect: (address: string, guestSalt?: string) =>
      follow(call('server:connect', guestSalt === undefined ? { address } : { address, guestSalt })),
    leaveServer: () => follow(call('server:leave')),
    signIn: (username: string, password: string) => follow(call('session:sign-in', { username, password })),
    register: (username: string, password: string) =>
      follow(call('session:register', { username, password })),
    enterAsGuest: () => follow(call('session:enter-as-guest')),
    signOut: () => follow(call('session:sign-out')),
    acknowledgeEnd: () => follow(call('session:acknowledge-end')),
    reconnect: () => call('connection:reconnect'),
  };
});
