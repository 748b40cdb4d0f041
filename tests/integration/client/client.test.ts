/** The real main-process modules, short of Electron, against the real server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEggImDialect } from '../../../electron/main/dialects/egg-im/egg-im-dialect.ts';
import { createEntrance } from '../../../electron/main/dialects/egg-im/entrance.ts';
import { probeServer } from '../../../electron/main/dialects/egg-im/probe.ts';
import { openDatabase } from '../../../electron/main/history/database.ts';
import { createHistoryEngine } from '../../../electron/main/history/engine.ts';
import { inProcessHistory } from '../../../electron/main/history/in-process.ts';
import { plainSecretBox } from '../../../electron/main/session/secrets.ts';
import { createSessionManager, type SessionManager } from '../../../electron/main/session/session-manager.ts';
import { settingsOver, type SettingsStore } from '../../../electron/main/settings/settings.ts';
import { freshData } from '../../../electron/main/settings/stored-data.ts';
import { systemClock } from '../../../electron/main/support/clock.ts';
import { silentLogger } from '../../../electron/main/support/logger.ts';
import type { Notice } from '../../../protocol/ipc.ts';
import type { Message } from '../../../protocol/model/message.ts';
import { defaultConfig, startServer, type RunningServer } from '../../../server/server.ts';

let folder: string;
let server: RunningServer;
let open: SessionManager[];

const serve = (port = 0) =>
  startServer(defaultConfig({ port, dataDirectory: join(folder, 'server'), logLevel: 'silent' }));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'magpie-client-'));
  open = [];
  server = await serve();
});
afterEach(async () => {
  await Promise.all(open.map((session) => session.close()));
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Person {
  session: SessionManager;
  settings: SettingsStore;
  notices: Notice[];
  contactsChanged: number;
}

function person(name: string, settings = settingsOver(freshData())): Person {
  const self: Person = { settings, notices: [], contactsChanged: 0, session: undefined as never };
  self.session = createSessionManager({
    settings,
    secrets: plainSecretBox,
    clock: systemClock,
    logger: silentLogger,
    userData: join(folder, name),
    embedded: { start: async () => server.origin, guestSalt: 'magpie-guest' },
    defaultGuestSalt: 'magpie-guest',
    probe: probeServer,
    createEntrance,
    createDialect: createEggImDialect,
    openHistory: async ({ path, key }) => {
      const { sql } = openDatabase(path, key);
      return inProcessHistory(createHistoryEngine(sql), () => sql.close());
    },
    events: {
      session: () => undefined,
      connection: () => undefined,
      history: () => undefined,
      contacts: () => void (self.contactsChanged += 1),
      typing: () => undefined,
      presence: () => undefined,
      notice: (notice) => void self.notices.push(notice),
    },
  });
  open.push(self.session);
  return self;
}

const credentials = (username: string) => ({ username, password: 'correct-horse' });
const online = ({ session }: Person) =>
  expect.poll(() => session.connection.state, { timeout: 20_000 }).toBe('online');
const account = ({ session }: Person) => {
  if (session.state.phase !== 'signed-in') throw new Error('not signed in');
  return session.state.account;
};
const page = async ({ session }: Person, conversationId: string): Promise<Message[]> =>
  (await (await session.runtime()).page({ conversationId, limit: 100 })).messages;
const texts = async (who: Person, id: string) =>
  (await page(who, id)).flatMap(({ content }) => (content.kind === 'text' ? [content.text] : []));

async function register(name: string): Promise<Person> {
  const one = person(name);
  await one.session.connect(server.origin);
  await one.session.register(credentials(name));
  await online(one);
  return one;
}

/** Two people who are each other's contacts; gives the conversation ids as each of them sees it. */
async function friends() {
  const [ann, bob] = [await register('ann01'), await register('bob01')];
  await (await ann.session.runtime()).apply(account(bob).id, 'hi');
  const runtime = await bob.session.runtime();
  const { applications } = await runtime.listApplications(1);
  const pending = applications.find(({ status }) => status === 'pending');
  if (pending !== undefined) await runtime.handleApplication(pending.id, 'agree');
  await expect.poll(async () => (await runtime.listContacts()).length).toBe(1);
  const withBob = await (await ann.session.runtime()).openSingle(account(bob).id);
  return { ann, bob, withBob: withBob.id, withAnn: `single:${account(ann).id}` };
}

test('an address is normalised, probed, and refused when no chat server lives there', async () => {
  const one = person('one');
  const { host } = new URL(server.origin);
  expect(await one.session.connect(`  ${host}/ `)).toMatchObject({
    phase: 'signed-out',
    server: { origin: server.origin, extensions: true, embedded: false },
  });
  await expect(one.session.connect('127.0.0.1:9')).rejects.toMatchObject({ code: 'server-unreachable' });
  await expect(one.session.connect('::::')).rejects.toMatchObject({ code: 'invalid-input' });
  expect(one.session.state.phase).toBe('signed-out');
});

test("a refused sign-in carries the server's own words and changes nothing", async () => {
  const one = person('one');
  await one.session.connect(server.origin);
  await expect(one.session.signIn(credentials('nobody'))).rejects.toMatchObject({
    code: 'refused',
    details: { serverText: expect.stringMatching(/./u) as string },
  });
  expect(one.session.state.phase).toBe('signed-out');
});

test('a guest can enter', async () => {
  const one = person('one');
  await one.session.connect(server.origin);
  expect(await one.session.enterAsGuest()).toMatchObject({
    phase: 'signed-in',
    account: { role: 'visitor' },
  });
  await online(one);
});

test('two people write to each other: acknowledged, in order, unread until looked at', async () => {
  const { ann, bob, withBob, withAnn } = await friends();
  const written = Array.from({ length: 30 }, (_, index) => `message ${index}`);
  const annRuntime = await ann.session.runtime();
  for (const text of written) await annRuntime.sendText(withBob, text);
  await expect.poll(() => texts(bob, withAnn), { timeout: 20_000 }).toEqual(written);
  await expect
    .poll(async () =>
      (await page(ann, withBob)).filter(({ own }) => own).every(({ status }) => status === 'sent'),
    )
    .toBe(true);
  expect(await texts(ann, withBob)).toEqual(written);
  const bobRuntime = await bob.session.runtime();
  const row = async () =>
    (await bobRuntime.listConversations()).conversations.find(({ id }) => id === withAnn);
  expect((await row())?.unread).toBeGreaterThanOrEqual(30);
  await bobRuntime.setActive({ conversationId: withAnn, focused: true });
  expect((await row())?.unread).toBe(0);
  await annRuntime.sendText(withBob, 'seen at once');
  await expect.poll(() => texts(bob, withAnn)).toContain('seen at once');
  expect((await row())?.unread).toBe(0);
});

test('what is written while the server is down arrives once when it is back, across a restart of the app', async () => {
  const { ann, bob, withBob, withAnn } = await friends();
  const port = Number(new URL(server.origin).port);
  await server.stop();
  const message = await (await ann.session.runtime()).sendText(withBob, 'into the dark');
  expect(message.status).toBe('pending');
  await ann.session.close();

  const again = person('ann01', ann.settings);
  expect(again.session.restore()).toMatchObject({ phase: 'signed-in', account: { username: 'ann01' } });
  expect(await texts(again, withBob)).toContain('into the dark');
  await (await again.session.runtime()).sendText(withBob, 'and another');

  server = await serve(port);
  (await again.session.runtime()).reconnectNow();
  (await bob.session.runtime()).reconnectNow();
  await expect.poll(() => texts(bob, withAnn), { timeout: 30_000 }).toEqual(['into the dark', 'and another']);
  await expect
    .poll(async () => (await page(again, withBob)).filter(({ own }) => own).map(({ status }) => status))
    .toEqual(['sent', 'sent']);
  expect((await page(again, withBob)).find(({ id }) => id === message.id)?.status).toBe('sent');
});

test('signing in elsewhere ends this session and says so; the history is there again afterwards', async () => {
  const { ann, bob, withBob, withAnn } = await friends();
  await (await ann.session.runtime()).sendText(withBob, 'before');
  await expect.poll(() => texts(bob, withAnn)).toEqual(['before']);
  const elsewhere = person('elsewhere');
  await elsewhere.session.connect(server.origin);
  await elsewhere.session.signIn(credentials('bob01'));
  await expect.poll(() => bob.session.state.phase, { timeout: 20_000 }).toBe('signed-out');
  expect(bob.session.state).toMatchObject({
    lastUsername: 'bob01',
    ended: { reason: 'signed-in-elsewhere' },
  });
  expect(bob.session.acknowledgeEnd()).toMatchObject({ ended: null });
  await expect(bob.session.runtime()).rejects.toMatchObject({ code: 'not-signed-in' });
  await bob.session.signIn(credentials('bob01'));
  expect(await texts(bob, withAnn)).toEqual(['before']);
});

test('signing out forgets the token, keeps the history, and a restart stays signed out', async () => {
  const one = await register('ann01');
  await one.session.signOut();
  expect(one.session.state).toMatchObject({ phase: 'signed-out', lastUsername: 'ann01', ended: null });
  expect(Object.values(one.settings.read().accounts)).toMatchObject([{ token: null }]);
  const again = person('ann01', one.settings);
  expect(again.session.restore()).toMatchObject({ phase: 'signed-out', lastUsername: 'ann01' });
  expect(await again.session.leaveServer()).toEqual({ phase: 'welcome' });
});
