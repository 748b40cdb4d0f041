import { expect, test } from 'vitest';
import { plainSecretBox } from '../session/secrets.ts';
import { createAccountVault } from '../session/account-vault.ts';
import { settingsOver } from './settings.ts';
import { freshData, readStoredData } from './stored-data.ts';

const full = () => Object.assign(new Error('no space left'), { code: 'ENOSPC' });
const account = { id: 1, uuid: 'u', username: 'ann', nickname: '', avatar: '', role: 'user' as const };
const server = { origin: 'http://x', dialect: 'egg-im' as const, embedded: false, extensions: true };

const home = { server, guestSalt: null, deviceId: null };

test('a disk that cannot be written is told of once, and stops nothing but what must be kept', () => {
  let isFull = true;
  const failures: unknown[] = [];
  const saved: unknown[] = [];
  const settings = settingsOver(
    freshData(),
    (data) => {
      if (isFull) throw full();
      saved.push(data.embeddedPort);
    },
    (thrown) => failures.push(thrown),
  );
  settings.update(() => ({ embeddedPort: 1 }));
  settings.update(() => ({ embeddedPort: 2 }));
  expect(settings.read().embeddedPort).toBe(2);
  expect(failures).toHaveLength(1);
  // A key that is not on the disk would make the history unreadable tomorrow: no sign-in then.
  const vault = createAccountVault(settings, plainSecretBox);
  const key = vault.keyOf(server, account);
  expect(() => vault.remember(key, account, 'token', home)).toThrow(
    expect.objectContaining({ code: 'disk-full' }),
  );
  isFull = false;
  vault.remember(key, account, 'token', home);
  expect(saved).toEqual([2]);
  expect(vault.recall(key)?.token).toBe('token');
});

test('one damaged account does not take the keys of the others with it', () => {
  const settings = settingsOver();
  const vault = createAccountVault(settings, plainSecretBox);
  vault.remember('good', account, 'token', home);
  vault.remember('bad', account, 'token', home);
  const raw = JSON.parse(JSON.stringify(settings.read())) as { accounts: Record<string, object> };
  expect(readStoredData(raw)).toMatchObject({ incomplete: false });
  raw.accounts['bad'] = { account: 7 };
  const read = readStoredData(raw);
  expect(Object.keys(read?.data.accounts ?? {})).toEqual(['good']);
  expect(read?.incomplete).toBe(true);
});
