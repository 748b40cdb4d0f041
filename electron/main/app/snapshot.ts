import { app } from 'electron';
import type { AppSnapshot } from '#protocol/ipc';
import { presentAccounts, presentSession } from '../bridge/present.ts';
import type { EmbeddedServer } from '../embedded-server/embedded-server.ts';
import type { SecretBox } from '../session/secrets.ts';
import type { SessionManager } from '../session/session-manager.ts';
import type { SettingsStore } from '../settings/settings.ts';
import type { AppLock } from './app-lock.ts';
import type { ChatWindows } from './chat-windows.ts';
import { systemLocale } from './system-locale.ts';

export interface SnapshotParts {
  settings: SettingsStore;
  session: SessionManager;
  embedded: EmbeddedServer;
  secrets: SecretBox;
  lock: AppLock;
  chatWindows: ChatWindows;
}

/** What a page needs for its first frame. Locked, it does not even learn who is signed in. */
export function takeSnapshot({ settings, session, ...parts }: SnapshotParts): AppSnapshot {
  const { enabled, locked } = parts.lock;
  return {
    version: app.getVersion(),
    platform: process.platform as 'linux' | 'darwin' | 'win32',
    systemLocale: systemLocale(),
    settings: settings.read().settings,
    session: locked ? { phase: 'welcome' } : presentSession(session.state),
    connection: session.connection,
    storage: session.storage,
    embeddedServer: parts.embedded.state,
    secureStorage: parts.secrets.secure,
    presence: locked ? { online: [], offline: [] } : session.presence,
    accounts: locked ? { accounts: [], unreadTotal: 0 } : presentAccounts(session.accounts()),
    lock: { enabled, locked },
    chatWindows: locked ? [] : parts.chatWindows.conversationIds,
  };
}
