/** One person with the real main-process modules, in a process that may be killed at any moment. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEggImDialect } from '../../electron/main/dialects/egg-im/egg-im-dialect.ts';
import { createEntrance } from '../../electron/main/dialects/egg-im/entrance.ts';
import { probeServer } from '../../electron/main/dialects/egg-im/probe.ts';
import { openHistory } from '../../electron/main/history/client.ts';
import { plainSecretBox } from '../../electron/main/session/secrets.ts';
import { createSessionManager } from '../../electron/main/session/session-manager.ts';
import { systemClock, type Clock } from '../../electron/main/support/clock.ts';
import { createLogger } from '../../electron/main/support/logger.ts';
import { fileSink } from './log-sink.ts';
import { note, numbered, numberOf, readJournal } from './journal.ts';
import type { Answer, PersonReport, PersonSetup, Question, SeenMessage } from './person-protocol.ts';
import { createChance } from './random.ts';
import { settingsIn } from './settings-file.ts';
import { createHistoryWorker } from './worker-threads.ts';

const setup = JSON.parse(process.argv[2] ?? '') as PersonSetup;
const { folder, name, peers, haste, skew } = setup;
const chance = createChance(setup.seed);
const historyWorker = createHistoryWorker(folder);
const journal = join(folder, 'journal.txt');
const settings = settingsIn(join(folder, 'settings.json'));
const logger = createLogger(fileSink(join(folder, 'log.txt')), name);
let loss = setup.loss;
let isQuiet = setup.quiet;

const clock: Clock = {
  ...systemClock,
  now: () => Date.now() + skew,
  uptime: () => performance.now() * haste,
  after: (milliseconds, callback) => systemClock.after(milliseconds / haste, callback),
};

const session = createSessionManager({
  settings,
  secrets: plainSecretBox,
  clock,
  logger,
  userData: folder,
  embedded: { start: () => Promise.reject(new Error('no server inside')), guestSalt: '' },
  defaultGuestSalt: '',
  probe: probeServer,
  createEntrance,
  createDialect: createEggImDialect,
  openHistory: (input) =>
    openHistory({
      ...input,
      workerFile: historyWorker.workerFile,
      workerOptions: historyWorker.workerOptions,
      logger,
    }),
  dropFrame: () => chance.hits(loss),
  events: {
    session: () => undefined,
    connection: () => undefined,
    history({ messages }) {
      for (const { own, status, content } of messages)
        if (own && (status === 'sent' || status === 'read') && content.kind === 'text')
          note(journal, 'shown', content.text);
    },
    contacts: () => undefined,
    typing: () => undefined,
    presence: () => undefined,
    checked: () => undefined,
    exported: () => undefined,
    notice: (notice) => logger.info('notice', { kind: notice.kind }),
  },
});

const conversationOf = (peerId: number) => `single:${peerId}`;

async function write(peer: { id: number; name: string }): Promise<void> {
  const former = readJournal(journal).tried.filter((text) =>
    text.startsWith(numbered(name, peer.name, 0).slice(0, -1)),
  );
  let number = Math.max(0, ...former.map(numberOf));
  while (!isQuiet) {
    const text = numbered(name, peer.name, ++number);
    note(journal, 'tried', text);
    try {
      await (await session.runtime()).sendText(conversationOf(peer.id), text);
      note(journal, 'accepted', text);
    } catch (thrown) {
      // The person was told: this text counts as unknown.
      logger.warn('not-accepted', { why: String(thrown) });
      await sleep(50);
    }
    await sleep(chance.hits(0.3) ? 0 : chance.between(5, 250));
  }
}

/** Looks at one conversation or another, at times without being there. */
async function look(): Promise<void> {
  while (!isQuiet) {
    try {
      const runtime = await session.runtime();
      const conversationId = conversationOf(chance.pick(peers).id);
      await runtime.setActive({ conversationId, focused: chance.hits(0.5) });
      await runtime.page({ conversationId, limit: 50 });
    } catch (thrown) {
      logger.warn('not-shown', { why: String(thrown) });
    }
    await sleep(chance.between(100, 1_500));
  }
}

/** Everything, as somebody sees it who scrolls up to the beginning. */
async function scroll(conversationId: string): Promise<SeenMessage[]> {
  const runtime = await session.runtime();
  const { messages, ...newest } = await runtime.page({ conversationId, limit: 200 });
  for (let { hasOlder } = newest; hasOlder && messages[0] !== undefined;) {
    const older = await runtime.page({ conversationId, before: messages[0].position, limit: 200 });
    messages.unshift(...older.messages);
    hasOlder = older.hasOlder;
  }
  return messages.map(({ content, own, status, position: { major, minor } }) => ({
    text: content.text,
    isNotice: content.kind === 'notice',
    own,
    status,
    major,
    minor,
  }));
}

async function report(): Promise<PersonReport> {
  const conversations: PersonReport['conversations'] = [];
  if (session.state.phase !== 'signed-in') return { phase: session.state.phase, conversations };
  const { conversations: list } = await (await session.runtime()).listConversations();
  for (const { id } of peers) {
    const row = list.find((one) => one.id === conversationOf(id));
    conversations.push({ peerId: id, unread: row?.unread ?? 0, messages: await scroll(conversationOf(id)) });
  }
  return { phase: session.state.phase, conversations };
}

async function calm(): Promise<null> {
  isQuiet = true;
  loss = 0;
  await Promise.all(busy);
  const runtime = await session.runtime();
  await runtime.setActive({ conversationId: null, focused: false });
  runtime.reconnectNow();
  return null;
}

async function killWorker(): Promise<true> {
  historyWorker.kill(chance.pick(['open', 'committed']));
  return true;
}

const answers: Record<Question, () => Promise<unknown>> = { calm, report, 'kill-worker': killWorker };

const tell = (answer: Answer) => process.send?.(answer);
process.on('disconnect', () => process.exit(0));
process.on('message', ({ id, question }: { id: number; question: Question }) => {
  answers[question]().then(
    (value) => tell({ id, value }),
    (thrown: unknown) => tell({ id, problem: String(thrown) }),
  );
});

/** As the window does: asks again when history could not answer. */
async function openConversation(peerId: number): Promise<void> {
  for (;;) {
    try {
      await (await session.runtime()).openSingle(peerId);
      return;
    } catch (thrown) {
      logger.warn('not-opened', { why: String(thrown) });
      await sleep(100);
    }
  }
}

session.restore();
if (session.state.phase === 'welcome') {
  await session.connect(setup.origin);
  await session.signIn({ username: name, password: setup.password });
}
// Whoever is signed out by a fault stays so: the report tells.
const isHere = session.state.phase === 'signed-in';
for (const { id } of isHere ? peers : []) await openConversation(id);
const busy: Promise<void>[] = setup.quiet || !isHere ? [] : [...peers.map(write), look()];
tell({ ready: true });
