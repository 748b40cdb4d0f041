import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshData } from '../../../electron/main/settings/stored-data.ts';

/** Nobody listens there: the app shows what it has. */
const NOWHERE = 'http://127.0.0.1:9';
const ACCOUNT = 'b'.repeat(32);

/** A profile folder whose app is signed in; gives the place for its history. */
export function makeProfile(folder: string, historyKey: string): string {
  const plain = (text: string) => ({ sealed: false, data: Buffer.from(text).toString('base64') });
  const history = join(folder, 'accounts', ACCOUNT);
  mkdirSync(history, { recursive: true });
  writeFileSync(
    join(folder, 'settings.json'),
    JSON.stringify({
      ...freshData(),
      chosen: {
        server: { origin: NOWHERE, dialect: 'egg-im', embedded: false, extensions: true },
        guestSalt: null,
        accountKey: ACCOUNT,
        lastUsername: 'bench',
      },
      accounts: {
        [ACCOUNT]: {
          account: { id: 1, uuid: 'u', username: 'bench', nickname: '', avatar: '', role: 'user' },
          token: plain('token'),
          historyKey: plain(historyKey),
          retiredKeys: [],
        },
      },
    }),
  );
  return join(history, 'history.db');
}
