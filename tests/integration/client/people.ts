/** People with the real main-process modules, short of Electron, against the real server. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { createEggImDialect } from '../../../electron/main/dialects/egg-im/egg-im-dialect.ts';
import { createEntrance } from '../../../electron/main/dialects/egg-im/entrance.ts';
import { probeServer } from '../../../electron/main/dialects/egg-im/probe.ts';
import { openDatabase, type Sql } from '../../../electron/main/history/database.ts';
import { createHistoryEngine } from '../../../electron/main/history/engine.ts';
import { inProcessHistory } from '../../../electron/main/history/in-process.ts';
import type { OpenNetwork } from '../../../electron/main/network/open-network.ts';
import { plainSecretBox } from '../../../electron/main/session/secrets.ts';
import { createSessionManager, type SessionManager } from '../../../electron/main/session/session-manager.ts';
import { settingsOver, type SettingsStore } from '../../../electron/main/settings/settings.ts';
import { freshData } from '../../../electron/main/settings/stored-data.ts';
import { systemClock, type Clock } from '../../../electron/main/support/clock.ts';
import { silentLogger } from '../../../electron/main/support/logger.ts';
import type { Presence } from '../../../protocol/model/account.ts';
import type { Progress } from '../../../protocol/model/completeness.ts';
import type { GroupMarks } from '../../../protocol/model/group.ts';
import type { AccountChanges, Notice } from '../../../protocol/ipc.ts';
import type { AccountList, StorageState } from '../../../protocol/model/session.ts';
import type { Message } from '../../../protocol/model/message.ts';
import { defaultConfig, startServer, type RunningServer } from '../../../server/server.ts';
import { testNetwork } from '../../helpers/test-network.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

let folder: string;
/** The running one; put another in its place after a restart. */
export let server: RunningServer;
let open: SessionManager[];

type ServerChange = Partial<Parameters<typeof defaultConfig>[0]>;

const serve = (port = 0, change: ServerChange = {}, now: () => number = Date.now) =>
  startServer(
    defaultConfig({
      dataDirectory: join(folder, 'server'),
      logLevel: 'silent',
      sendsPerSecond: 100_000,
      requestsPerSecond: 100_000,
      ...change,
      port,
    }),
    { now },
  );

/** Starts the stopped server again, where people expect it. */
export async function serveAgain(port: number, change?: ServerChange, now?: () => number): Promise<void> {
  server = await serve(port, change, now);
}

export const portOf = () => Number(new URL(server.origin).port);

/** Data of the server. */
export const dataFolder = () => join(folder, 'server');

beforeEach(async () => {
  folder = temporaryFolder('client');
  open = [];
  server = await serve();
});
afterEach(async () => {
  await Promise.all(open.map((session) => session.close()));
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

export interface Person {
  session: SessionManager;
  settings: SettingsStore;
  notices: Notice[];
  /** How the disk was doing, one change after the other. */
  storage: StorageState[];
  contactsChanged: number;
  typing: number[];
  presence: Presence;
  checked: Progress[];
  /** What was told last about who has read what, by group. */
  groupMarks: Map<number, GroupMarks>;
  /** What the window was told about the account on screen. */
  shown: AccountChanges[];
  /** What was told last about the accounts of this app. */
  accounts: AccountList;
  /** The open history, to damage it on purpose. */
  database(): Sql;
  /** Share of the frames that are lost on the way to this person. */
  loss: number;
}

export function person(
  name: string,
  settings = settingsOver(freshData()),
  clock: Clock = systemClock,
  network: OpenNetwork = testNetwork({ settings }),
): Person {
  const databases: Sql[] = [];
  const self: Person = {
    settings,
    notices: [],
    storage: [],
    contactsChanged: 0,
    typing: [],
    presence: { online: [], offline: [] },
    checked: [],
    groupMarks: new Map(),
    database: () => databases.at(-1) as Sql,
    loss: 0,
    shown: [],
    accounts: { accounts: [], unreadTotal: 0 },
    session: undefined as never,
  };
  self.session = createSessionManager({
    settings,
    secrets: plainSecretBox,
    clock,
    logger: silentLogger,
    userData: join(folder, name),
    embedded: { start: async () => server.origin, guestSalt: 'magpie-guest' },
    defaultGuestSalt: 'magpie-guest',
    probe: (origin) => probeServer(origin, network),
    createEntrance: (options) => createEntrance(options, network),
    createDialect: (options) => createEggImDialect(options, network),
    openHistory: async ({ path, key }) => {
      const { sql } = openDatabase(path, key);
      databases.push(sql);
      return inProcessHistory(createHistoryEngine(sql), () => sql.close());
    },
    dropFrame: () => Math.random() < self.loss,
    events: {
      session: () => undefined,
      connection: () => undefined,
      storage: (state) => void self.storage.push(state),
      history: (changes) => void self.shown.push(changes),
      attention: () => undefined,
      contacts: () => void (self.contactsChanged += 1),
      typing: ({ accountIds }) => void (self.typing = accountIds),
      presence: (presence) => void (self.presence = presence),
      checked: (progress) => void self.checked.push(progress),
      exported: () => undefined,
      transferred: () => undefined,
      groups: () => undefined,
      groupMarks: ({ groupId, marks }) => void self.groupMarks.set(groupId, marks),
      accounts: (list) => void (self.accounts = list),
      notice: (notice) => void self.notices.push(notice),
    },
  });
  open.push(self.session);
  return self;
}

export const credentials = (username: string) => ({ username, password: 'correct-horse' });
export const online = ({ session }: Person) =>
  expect.poll(() => session.connection.state, { timeout: 20_000 }).toBe('online');
export const account = ({ session }: Person) => {
  if (session.state.phase !== 'signed-in') throw new Error('not signed in');
  return session.state.account;
};
export const page = async ({ session }: Person, conversationId: string): Promise<Message[]> =>
  (await (await session.runtime()).page({ conversationId, limit: 100 })).messages;
export const texts = async (who: Person, id: string) =>
  (await page(who, id)).flatMap(({ content }) => (content.kind === 'text' ? [content.text] : []));

export async function register(name: string, origin = server.origin): Promise<Person> {
  const one = person(name);
  await one.session.connect(origin);
  await one.session.register(credentials(name));
  await online(one);
  return one;
}

/** Two people who are each other's contacts; gives the conversation ids as each of them sees it. */
export async function friends() {
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
