import { createHash, randomBytes } from 'node:crypto';
import type { Account, ServerInfo } from '#protocol/model/account';
import { ACCOUNT_COLOURS } from '#protocol/model/session';
import type { SettingsStore } from '../settings/settings.ts';
import type { AccountHome, StoredAccount } from '../settings/stored-data.ts';
import { openSecret, sealSecret, type SecretBox } from './secrets.ts';

/** The accounts known on this machine: their tokens and the keys of their histories, sealed. */
export interface AccountVault {
  /** Name of the account's folder; the server inside this app is one server whatever its port. */
  keyOf(server: ServerInfo, account: Account): string;
  /** Puts it on the list of accounts. */
  remember(key: string, account: Account, token: string, home: AccountHome): void;
  /** An account of before several could be signed in learns where it does. */
  adopt(key: string, home: AccountHome): void;
  /** The server inside this app has another address than before. */
  embeddedServerMoved(origin: string): void;
  forgetToken(key: string): void;
  /** Takes it off the list; its history stays and is found again at the next sign-in. */
  unlist(key: string): void;
  /** Account and token as they were when it last signed in; null when it must sign in again. */
  recall(key: string): { account: Account; token: string } | null;
  /** Key of the history; made at the first sign-in. A key that cannot be opened is retired and replaced. */
  historyKey(key: string): string;
}

export function createAccountVault(settings: SettingsStore, box: SecretBox): AccountVault {
  const stored = (key: string) => settings.read().accounts[key];
  const change = (key: string, part: Partial<StoredAccount>) => {
    const known = stored(key);
    if (known === undefined) return;
    settings.update(({ accounts }) => ({ accounts: { ...accounts, [key]: { ...known, ...part } } }));
  };

  return {
    keyOf(server, account) {
      const place = server.embedded ? 'embedded' : server.origin;
      return createHash('sha256')
        .update(`${place}\n${account.id}\n${account.uuid}`)
        .digest('hex')
        .slice(0, 32);
    },
    remember(key, account, token, home) {
      const known = stored(key);
      settings.update(({ accounts }) => ({
        accounts: {
          ...accounts,
          [key]: {
            account,
            token: sealSecret(box, token),
            historyKey: known?.historyKey ?? sealSecret(box, newKey()),
            retiredKeys: known?.retiredKeys ?? [],
            home,
            listed: true,
            colour: known?.listed === true ? known.colour : freeColour(accounts),
          },
        },
      }));
      // A history under a key that is gone tomorrow would be lost with it.
      settings.ensureSaved();
    },
    adopt(key, home) {
      if (stored(key)?.home === null) change(key, { home, listed: true });
    },
    embeddedServerMoved(origin) {
      for (const [key, { home }] of Object.entries(settings.read().accounts)) {
        if (home?.server.embedded !== true || home.server.origin === origin) continue;
        change(key, { home: { ...home, server: { ...home.server, origin } } });
      }
    },
    forgetToken: (key) => change(key, { token: null }),
    unlist: (key) => change(key, { listed: false }),
    recall(key) {
      const known = stored(key);
      if (known === undefined || known.token === null) return null;
      const token = openSecret(box, known.token);
      return token === null ? null : { account: known.account, token };
    },
    historyKey(key) {
      const known = stored(key);
      if (known === undefined) throw new Error('The account must be remembered first');
      const opened = openSecret(box, known.historyKey);
      if (opened !== null) return opened;
      const fresh = newKey();
      settings.update(({ accounts }) => ({
        accounts: {
          ...accounts,
          [key]: {
            ...known,
            historyKey: sealSecret(box, fresh),
            retiredKeys: [...known.retiredKeys, known.historyKey],
          },
        },
      }));
      settings.ensureSaved();
      return fresh;
    },
  };
}

/** The one that the fewest of the listed accounts have, the first of those. */
function freeColour(accounts: Record<string, StoredAccount>): number {
  const uses = Array.from({ length: ACCOUNT_COLOURS }, () => 0);
  for (const { listed, colour } of Object.values(accounts))
    if (listed) uses[colour % ACCOUNT_COLOURS] = (uses[colour % ACCOUNT_COLOURS] ?? 0) + 1;
  return uses.indexOf(Math.min(...uses));
}

const newKey = () => randomBytes(32).toString('hex');
