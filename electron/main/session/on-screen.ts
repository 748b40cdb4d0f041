import type { Presence } from '#protocol/model/account';
import type { ConnectionState, SessionState, StorageState } from '#protocol/model/session';
import type { Logger } from '../support/logger.ts';
import type { SessionEvents } from './session-options.ts';

export const OFFLINE: ConnectionState = { state: 'offline', reason: 'signed-out', retryAt: null };
export const NOBODY: Presence = { online: [], offline: [] };

export interface OnScreenOptions {
  events: Pick<SessionEvents, 'session' | 'connection' | 'storage' | 'presence'>;
  log: Logger;
  /** Called after every change of the session. */
  onSession(): void;
}

export type OnScreen = ReturnType<typeof createOnScreen>;

/** What the window knows of the session that it shows. It is kept for a window that asks later than it was told. */
export function createOnScreen({ events, log, onSession }: OnScreenOptions) {
  let session: SessionState = { phase: 'welcome' };
  let connection: ConnectionState = OFFLINE;
  let presence: Presence = NOBODY;
  let storage: StorageState = 'ok';

  const tellConnection = (next: ConnectionState): void => {
    connection = next;
    events.connection(next);
  };
  const tellPresence = (next: Presence): void => {
    presence = next;
    events.presence(next);
  };
  const tellStorage = (next: StorageState): void => {
    if (next === storage) return;
    storage = next;
    log.info('storage', { state: next });
    events.storage(next);
  };

  return {
    get session() {
      return session;
    },
    get connection() {
      return connection;
    },
    get presence() {
      return presence;
    },
    get storage() {
      return storage;
    },
    become(next: SessionState): SessionState {
      session = next;
      log.info('phase', { phase: next.phase });
      events.session(next);
      onSession();
      return next;
    },
    tellConnection,
    tellPresence,
    tellStorage,
    /** Nobody is connected any more as far as the window is concerned. */
    disconnected(): void {
      tellPresence(NOBODY);
      tellConnection(OFFLINE);
    },
  };
}
