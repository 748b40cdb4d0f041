import { createHash, randomBytes } from 'node:crypto';
import type { Account, ServerInfo } from '#protocol/model/account';
import type { SettingsStore } from '../settings/settings.ts';
import { openSecret, sealSecret, type SecretBox } from './secrets.ts';

/** The accounts known on this machine: their tokens and the keys of their histories, sealed. */
export interface AccountVault {
  /** Name of the account's folder; the server inside this app is one server whatever its port. */
  keyOf(server: ServerInfo, account: Account): string;
  remember(key: string, account: Account, token: string): void;
  forgetToken(key: string): void;
  /** Account and token as they were when it last signed in; null when it must sign in again. */
  recall(key: string): { account: Account; token: string } | null;
  /** Key of the history; made at the first sign-in. A key that cannot be opened is retired and replaced. */
  historyKey(key: string): string;
}

export function createAccountVault(settings: SettingsStore, box: SecretBox): AccountVault {
  const stored = (key: string) => settings.read().accounts[key];

  return {
    keyOf(server, account) {
      const place = server.embedded ? 'embedded' : server.origin;
      return createHash('sha256')
        .update(`${place}\n${account.id}\n${account.uuid}`)
        .digest('hex')
        .slice(0, 32);
    },
    remember(key, account, token) {
      const known = stored(key);
      settings.update(({ accounts }) => ({
        accounts: {
          ...accounts,
          [key]: {
            account,
            token: sealSecret(box, token),
            historyKey: known?.historyKey ?? sealSecret(box, newKey()),
            retiredKeys: known?.retiredKeys ?? [],
          },
        },
      }));
      // A history under a key that is gone tomorrow would be lost with it.
      settings.ensureSaved();
    },
    forgetToken(key) {
      const known = stored(key);
      if (known === undefined) return;
      settings.update(({ accounts }) => ({ accounts: { ...accounts, [key]: { ...known, token: null } } }));
    },
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

const newKey = () => randomBytes(32).toString('hex');
