import type { AccountEntry, AccountList, ConnectionState } from '#protocol/model/session';
import type { SettingsStore } from '../settings/settings.ts';

/** What is known of an account that runs. */
export interface RunningFacts {
  connection: ConnectionState;
  unread: number;
}

export interface RosterOptions {
  settings: SettingsStore;
  /** Null for one that does not run. */
  running(key: string): RunningFacts | null;
  shownKey(): string | null;
  onChanged(list: AccountList): void;
}

/** The accounts of this app, for the switcher and the badge of all of them. */
export function createRoster({ settings, running, shownKey, onChanged }: RosterOptions) {
  let told = '';

  const list = (): AccountList => {
    const accounts: AccountEntry[] = [];
    for (const [key, { account, home, listed, colour }] of Object.entries(settings.read().accounts)) {
      if (!listed || home === null) continue;
      const facts = running(key);
      accounts.push({
        key,
        account,
        server: home.server,
        colour,
        state: facts === null ? 'signed-out' : key === shownKey() ? 'shown' : 'signed-in',
        connection: facts?.connection.state ?? 'offline',
        unread: facts?.unread ?? 0,
      });
    }
    return { accounts, unreadTotal: accounts.reduce((sum, { unread }) => sum + unread, 0) };
  };

  return {
    list,
    /** Tells what changed, if anything did. */
    tell(): void {
      const now = list();
      const text = JSON.stringify(now);
      if (text === told) return;
      told = text;
      onChanged(now);
    },
  };
}
