/**
 * Runs in the Node of Electron (`ELECTRON_RUN_AS_NODE`), against the built history worker: what main waits for, the way
 * to the worker and back included. Arguments: a folder with a history `N.db` per size, their key, the worker's file.
 * Writes one line of JSON: milliseconds by action and size.
 */
import { join } from 'node:path';
import type { IncomingMessage } from '../../../electron/main/dialects/chat-dialect.ts';
import { openHistory } from '../../../electron/main/history/client.ts';
import type { History } from '../../../electron/main/history/history.ts';
import { silentLogger } from '../../../electron/main/support/logger.ts';
import { conversationOf, CONVERSATIONS, lengthOf, timeOf } from './fill.ts';
import type { Times } from './times.ts';

const ROUNDS = 41;
const BATCH = 100;
/** Conversations that one batch brings messages for. */
const SPREAD = 20;

const [folder = '', key = '', workerFile = '', sizeList = ''] = process.argv.slice(2);
const sizes = sizeList.split(',').map(Number);

function incoming(conversation: number, sequence: number, count: number): IncomingMessage {
  const id = conversationOf(conversation);
  return {
    serverId: `new-${conversation}-${sequence}`,
    clientMessageId: null,
    conversation: { id, kind: 'single', name: `Person ${conversation}`, avatars: null, link: null },
    sequence,
    senderId: 1_000 + conversation,
    senderName: `Person ${conversation}`,
    senderAvatar: '',
    own: false,
    content: {
      kind: 'text',
      text: `New message ${count}: 明天下午三点开会，请带上合同。The rest follows by mail.`,
    },
    createdAt: timeOf(2_000_000 + count),
    counts: true,
    standing: false,
    recalled: false,
  };
}

/** One history with its actions; each call of an action takes another conversation. */
function actionsOf(history: History, messages: number): Record<string, (round: number) => Promise<unknown>> {
  const added = new Map<number, number>();
  let count = 0;
  const batch = (from: number) =>
    Array.from({ length: BATCH }, (_, offset) => {
      const conversation = (from + (offset % SPREAD)) % CONVERSATIONS;
      const more = (added.get(conversation) ?? 0) + 1;
      added.set(conversation, more);
      return incoming(conversation, lengthOf(conversation, messages) + more, count++);
    });
  /** The position of a message in the middle of what there is. */
  const middle = (conversation: number) => ({
    major: Math.max(51, Math.ceil(lengthOf(conversation, messages) / 2)),
    minor: 0,
    ordinal: 0,
  });
  // Far apart, so that no round profits from the pages of the last one.
  const some = (round: number) => (round * 137) % CONVERSATIONS;
  let prepared = batch(0);
  return {
    'append a received batch of 100': async (round) => {
      await history.receive({ messages: prepared, recalls: [], reading: null, shown: [] });
      prepared = batch(some(round + 1));
    },
    'open the list of 500': () => history.listConversations(),
    'open a conversation at its end': (round) =>
      history.page({ conversationId: conversationOf(some(round)), limit: 50 }),
    'page back 50': (round) =>
      history.page({ conversationId: conversationOf(some(round)), before: middle(some(round)), limit: 50 }),
    'jump to a date': (round) =>
      history.pageAtDate({
        conversationId: conversationOf(some(round)),
        at: timeOf(Math.floor((messages * ((round % 9) + 1)) / 11)),
        limit: 50,
      }),
    'mark read': (round) => history.markRead(conversationOf(some(round))),
  };
}

const histories: History[] = [];
const actions = new Map<number, ReturnType<typeof actionsOf>>();
for (const size of sizes) {
  const history = await openHistory({
    path: join(folder, `${size}.db`),
    key,
    workerFile,
    logger: silentLogger,
    onReset: () => {
      throw new Error('the history is damaged');
    },
  });
  histories.push(history);
  actions.set(size, actionsOf(history, size));
}
const samples: Record<string, Record<number, number[]>> = {};
// The sizes take turns, so that a machine that is busy for a while is so for all of them.
for (let round = -3; round < ROUNDS; round++) {
  for (const name of Object.keys(actions.get(sizes[0] ?? 0) ?? {})) {
    for (const size of round % 2 === 0 ? sizes : sizes.toReversed()) {
      const action = actions.get(size)?.[name];
      if (action === undefined) continue;
      const start = performance.now();
      await action(Math.abs(round));
      const time = performance.now() - start;
      if (round >= 0) ((samples[name] ??= {})[size] ??= []).push(time);
    }
  }
}
for (const history of histories) await history.close();
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
const times: Times = Object.fromEntries(
  Object.entries(samples).map(([name, bySize]) => [
    name,
    Object.fromEntries(Object.entries(bySize).map(([size, values]) => [size, median(values)])),
  ]),
);
process.stdout.write(`${JSON.stringify({ times, electron: process.versions['electron'] })}\n`);
