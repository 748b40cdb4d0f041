import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MagpieError } from '#protocol/errors';
import { expect, test } from 'vitest';
import { createEggImDialect } from '../dialects/egg-im/egg-im-dialect.ts';
import { createEntrance } from '../dialects/egg-im/entrance.ts';
import { openDatabase } from '../history/database.ts';
import { createHistoryEngine } from '../history/engine.ts';
import { inProcessHistory } from '../history/in-process.ts';
import { settingsOver } from '../settings/settings.ts';
import { freshData } from '../settings/stored-data.ts';
import { systemClock } from '../support/clock.ts';
import { silentLogger } from '../support/logger.ts';
import { testNetwork } from '../../../tests/helpers/test-network.ts';
import { createAccountVault } from './account-vault.ts';
import { plainSecretBox } from './secrets.ts';
import { createSessionManager } from './session-manager.ts';

test('a start that fails half-way leaves nothing running beside the next one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'magpie-session-'));
  const settings = settingsOver(freshData());
  const account = { id: 1, uuid: 'u', username: 'ann', nickname: '', avatar: '', role: 'user' as const };
  // Nobody listens there.
  const server = {
    origin: 'http://127.0.0.1:9',
    dialect: 'egg-im',
    embedded: false,
    extensions: true,
  } as const;
  const home = { server, guestSalt: null, deviceId: null };
  createAccountVault(settings, plainSecretBox).remember('key', account, 'token', home);
  const chosen = { ...home, accountKey: 'key', lastUsername: 'ann' };
  settings.update(() => ({ chosen }));

  let opened = 0;
  let open = 0;
  const network = testNetwork();
  const session = createSessionManager({
    settings,
    secrets: plainSecretBox,
    clock: systemClock,
    logger: silentLogger,
    userData: folder,
    embedded: { start: () => Promise.reject(new Error('none')), guestSalt: '' },
    defaultGuestSalt: '',
    probe: () => Promise.reject(new Error('none')),
    createEntrance: (given) => createEntrance(given, network),
    createDialect: (given) => createEggImDialect(given, network),
    openHistory: async ({ key }) => {
      opened += 1;
      open += 1;
      const { sql } = openDatabase(join(folder, `history-${opened}.db`), key);
      const history = inProcessHistory(createHistoryEngine(sql), () => {
        open -= 1;
        sql.close();
      });
      const died = () => Promise.reject(new MagpieError('history-unavailable', 'the history worker ended'));
      return opened === 1 ? { ...history, pendingConversations: died } : history;
    },
    events: {
      session: () => undefined,
      connection: () => undefined,
      storage: () => undefined,
      history: () => undefined,
      attention: () => undefined,
      contacts: () => undefined,
      typing: () => undefined,
      presence: () => undefined,
      checked: () => undefined,
      exported: () => undefined,
      transferred: () => undefined,
      groups: () => undefined,
      groupMarks: () => undefined,
      accounts: () => undefined,
      notice: () => undefined,
    },
  });
  try {
    session.restore();
    await expect(session.runtime()).rejects.toMatchObject({ code: 'history-unavailable' });
    expect(open).toBe(1);
    await session.runtime();
    expect([opened, open]).toEqual([2, 1]);
    await session.close();
    expect(open).toBe(0);
  } finally {
    await session.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
