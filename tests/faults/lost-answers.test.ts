/** The longest bad luck: the server stores the message at the first try, and a thousand answers are lost in a row. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testNetwork } from '../helpers/test-network.ts';
import { createEggImDialect } from '../../electron/main/dialects/egg-im/egg-im-dialect.ts';
import { openDatabase } from '../../electron/main/history/database.ts';
import { createHistoryEngine } from '../../electron/main/history/engine.ts';
import { inProcessHistory } from '../../electron/main/history/in-process.ts';
import { createAccountRuntime } from '../../electron/main/session/account-runtime.ts';
import { systemClock, type Clock } from '../../electron/main/support/clock.ts';
import { silentLogger } from '../../electron/main/support/logger.ts';
import { SAMPLE_KEY } from '../helpers/history/temporary-history.ts';
import { startFaultProxy } from '../helpers/fault-proxy.ts';
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { ServerProcess } from '../helpers/server-process.ts';
import { readServer } from './server-truth.ts';

const LOST = 1_000;

/** The shortest pause before a retry, one second, always comes and passes at once. */
const clock: Clock = {
  ...systemClock,
  after: (milliseconds, callback) => systemClock.after(milliseconds === 1_000 ? 0 : milliseconds, callback),
  random: () => 0,
};

test(`the answer of a send is lost ${LOST} times in a row: one copy, and nothing stays pending`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'magpie-answers-'));
  const server = await ServerProcess.start(['--log-level', 'silent', '--sends-per-second', '0']);
  const client = new PlainClient(server.origin);
  const [anna, bert] = await client.registerFriends('anna01', 'bert01');
  let lost = 0;
  let state = '';
  const proxy = await startFaultProxy({
    target: () => Number(new URL(server.origin).port),
    losesAnswer: (head) => head.includes('/sendmessage') && lost++ < LOST,
  });
  const { sql } = openDatabase(join(folder, 'history.db'), SAMPLE_KEY);
  const runtime = createAccountRuntime({
    account: { id: anna.id, uuid: anna.uuid, username: 'anna01', nickname: '', avatar: '', role: 'user' },
    dialect: createEggImDialect(
      {
        origin: proxy.origin,
        accountId: anna.id,
        token: anna.token,
        deviceId: 'device',
        extensions: true,
      },
      testNetwork(),
    ),
    folder,
    secret: SAMPLE_KEY,
    history: inProcessHistory(createHistoryEngine(sql), () => sql.close()),
    clock,
    serverTime: clock,
    logger: silentLogger,
    // Or the log would be asked, and tell what the answers did not.
    dropFrame: () => true,
    undoSeconds: () => 0,
    uploadPlace: () => 'server',
    mediaCache: () => 1_000_000_000,
    keepDays: () => 0,
    freeSpace: async () => Infinity,
    events: {
      connection: (next) => void (state = next.state),
      storage: () => undefined,
      history: () => undefined,
      attention: () => undefined,
      contacts: () => undefined,
      notice: () => undefined,
      typing: () => undefined,
      presence: () => undefined,
      checked: () => undefined,
      exported: () => undefined,
      transferred: () => undefined,
      groups: () => undefined,
      groupMarks: () => undefined,
      account: () => undefined,
      ended: () => undefined,
    },
  });
  try {
    await runtime.start();
    await expect.poll(() => state, { timeout: 20_000 }).toBe('online');
    const { id } = await runtime.openSingle(bert.id);
    const texts = ['first', 'second', 'third'];
    for (const text of texts) await runtime.sendText(id, text);
    const bubbles = async () =>
      (await runtime.page({ conversationId: id, limit: 50 })).messages
        .filter(({ content }) => content.kind === 'text')
        .map(({ content, status, position }) => [position.major, content.text, status]);
    // Number 1 is the notice of the friendship.
    const sent = texts.map((text, index) => [index + 2, text, 'sent']);
    await expect.poll(bubbles, { timeout: 50_000 }).toEqual(sent);
    expect(proxy.faults['answer lost']).toBe(LOST);
    const [stored] = readServer(server.dataFolder);
    expect(stored?.messages.filter(({ isNotice }) => !isNotice).map(({ text }) => text)).toEqual(texts);
  } finally {
    await runtime.stop();
    await proxy.close();
    await server.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
});
