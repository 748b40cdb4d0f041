/** One person with the real main-process modules, in a process that may be killed at any moment. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEggImDialect } from '../../electron/main/dialects/egg-im/egg-im-dialect.ts';
import { createEntrance } from '../../electron/main/dialects/egg-im/entrance.ts';
import { probeServer } from '../../electron/main/dialects/egg-im/probe.ts';
import { openHistory } from '../../electron/main/history/client.ts';
import { plainSecretBox } from '../../electron/main/session/secrets.ts';
import { createSessionManager } from '../../electron/main/session/session-manager.ts';
import { parseConversationId } from '../../protocol/model/conversation.ts';
import { systemClock, type Clock } from '../../electron/main/support/clock.ts';
import { createLogger } from '../../electron/main/support/logger.ts';
import { testNetwork } from '../helpers/test-network.ts';
import { dyingAt } from './dying-at.ts';
import { fileSink } from './log-sink.ts';
import { note, numbered, numberOf, readJournal, writerOf } from './journal.ts';
import type { Answer, Partner, PersonReport, PersonSetup, Question, SeenMessage } from './person-protocol.ts';
import { createChance } from './random.ts';
import { settingsIn } from './settings-file.ts';
import { createWorkerOrders } from './worker-orders.ts';

const setup = JSON.parse(process.argv[2] ?? '') as PersonSetup;
const { folder, name, partners, haste } = setup;
const chance = createChance(setup.seed);
const worker = createWorkerOrders();
const journal = join(folder, 'journal.txt');
const settings = settingsIn(join(folder, 'settings.json'));
const logger = createLogger(fileSink(join(folder, 'log.txt')), name);
let isQuiet = setup.quiet;
let { skew } = setup;
let slept = 0;

const clock: Clock = {
  ...systemClock,
  now: () => Date.now() + skew + slept,
  uptime: () => performance.now() * haste + slept,
  after: (milliseconds, callback) => systemClock.after(milliseconds / haste, callback),
};

const network = testNetwork();

const session = createSessionManager({
  settings,
  secrets: plainSecretBox,
  clock,
  logger,
  userData: folder,
  embedded: { start: () => Promise.reject(new Error('no server inside')), guestSalt: '' },
  defaultGuestSalt: '',
  probe: (origin) => probeServer(origin, network),
  createEntrance: (options) => createEntrance(options, network),
  createDialect: (options) => dyingAt(createEggImDialect(options, network), setup.dieAt),
  openHistory: async (input) =>
    dyingAt(
      await openHistory({
        ...input,
        workerFile: setup.historyWorker,
        workerOptions: worker.workerOptions,
        logger,
      }),
      setup.dieAt,
    ),
  events: {
    session: () => undefined,
    connection: () => undefined,
    storage: () => undefined,
    // Of every conversation, not only of the one on screen.
    attention(_key, news) {
      if (news.kind !== 'stored') return;
      for (const { own, status, content } of news.changes.messages)
        if (own && status === 'failed' && content.kind === 'text') note(journal, 'refused', content.text);
    },
    history({ messages }) {
      for (const { own, recalled, status, content } of messages)
        if (own && !recalled && (status === 'sent' || status === 'read') && content.kind === 'text')
          note(journal, 'shown', content.text);
    },
    contacts: () => undefined,
    typing: () => undefined,
    presence: () => undefined,
    checked: () => undefined,
    exported: () => undefined,
    transferred: () => undefined,
    groups: () => undefined,
    groupMarks: () => undefined,
    accounts: () => undefined,
    notice: (notice) => logger.info('notice', { kind: notice.kind }),
  },
});

async function write(partner: Partner): Promise<void> {
  const former = readJournal(journal).tried.filter((text) =>
    text.startsWith(numbered(name, partner.name, 0).slice(0, -1)),
  );
  let number = Math.max(0, ...former.map(numberOf));
  while (!isQuiet) {
    const text = numbered(name, partner.name, ++number);
    note(journal, 'tried', text);
    try {
      await (await session.runtime()).sendText(partner.conversationId, text);
      note(journal, 'accepted', text);
    } catch (thrown) {
      // The person was told: this text counts as unknown.
      logger.warn('not-accepted', { why: String(thrown) });
      await sleep(50);
    }
    await sleep(chance.hits(0.3) ? 0 : chance.between(5, 400 * partners.length));
  }
}

/** Looks at one conversation or another, at times without being there; mutes some, and takes something back. */
async function look(): Promise<void> {
  while (!isQuiet) {
    try {
      const runtime = await session.runtime();
      const { conversationId } = chance.pick(partners);
      await runtime.setActive({ conversationId, focused: chance.hits(0.5) });
      const { messages } = await runtime.page({ conversationId, limit: 50 });
      if (chance.hits(0.1)) await runtime.setSwitch(conversationId, 'muted', chance.hits(0.5));
      const own = messages.filter((one) => one.recallable && writerOf(one.content.text) === name);
      const unwanted = own[chance.between(0, 200)];
      if (unwanted !== undefined) {
        note(journal, 'recalling', unwanted.content.text);
        await runtime.recall(unwanted.id);
      }
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
  return messages.map(({ content, recalled, own, status, position: { major, minor } }) => ({
    text: content.text,
    isNotice: content.kind === 'notice',
    recalled,
    own,
    status,
    major,
    minor,
  }));
}

async function report(): Promise<PersonReport> {
  const { phase } = session.state;
  if (phase !== 'signed-in') return { phase, unreadTotal: 0, rows: [], conversations: [] };
  const { conversations: list, unreadTotal } = await (await session.runtime()).listConversations();
  const conversations: PersonReport['conversations'] = [];
  for (const { conversationId } of partners) {
    const row = list.find((one) => one.id === conversationId);
    const messages = await scroll(conversationId);
    conversations.push({ id: conversationId, unread: row?.unread ?? 0, messages });
  }
  const rows = list.map(({ id, unread, muted }) => ({ id, unread, muted }));
  return { phase, unreadTotal, rows, conversations };
}

async function calm(): Promise<void> {
  isQuiet = true;
  await Promise.all(busy);
  const runtime = await session.runtime();
  await runtime.setActive({ conversationId: null, focused: false });
  runtime.reconnectNow();
}

/** Hands one text over; resolves when it is in history. */
async function send(text: string, to: string): Promise<void> {
  note(journal, 'tried', text);
  await (await session.runtime()).sendText(to, text);
  note(journal, 'accepted', text);
}

async function fillDisk(milliseconds: number): Promise<number> {
  const before = worker.refused();
  worker.setFull(true);
  await sleep(milliseconds);
  worker.setFull(false);
  return worker.refused() - before;
}

async function wakeAfter(milliseconds: number): Promise<void> {
  slept += milliseconds;
  (await session.runtime()).renewConnection();
}

async function answerTo(question: Question): Promise<unknown> {
  switch (question.ask) {
    case 'calm':
      return calm();
    case 'report':
      return report();
    case 'kill-worker':
      return worker.kill(chance.pick(['open', 'committed']));
    case 'lose-power':
      return worker.kill('power');
    case 'send':
      return send(question.text, question.to);
    case 'fill-disk':
      return fillDisk(question.milliseconds);
    case 'set-clock':
      skew = question.milliseconds;
      return undefined;
    case 'sleep':
      return wakeAfter(question.milliseconds);
  }
}

const tell = (answer: Answer) => process.send?.(answer);
process.on('disconnect', () => process.exit(0));
process.on('message', ({ id, question }: { id: number; question: Question }) => {
  answerTo(question).then(
    (value) => tell({ id, value }),
    (thrown: unknown) => tell({ id, problem: String(thrown) }),
  );
});

/** As the window does: asks again when history could not answer. Groups are there by themselves. */
async function openConversation(conversationId: string): Promise<void> {
  const { kind, peer } = parseConversationId(conversationId);
  while (kind === 'single') {
    try {
      await (await session.runtime()).openSingle(Number(peer));
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
  await session.signIn({ username: setup.username, password: setup.password });
}
// Whoever is signed out by a fault stays so: the report tells.
const isHere = session.state.phase === 'signed-in';
for (const { conversationId } of isHere ? partners : []) await openConversation(conversationId);
const busy: Promise<void>[] = setup.quiet || !isHere ? [] : [...partners.map(write), look()];
tell({ ready: true });
