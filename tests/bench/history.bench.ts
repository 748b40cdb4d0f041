/** What an action costs in a large history, as a multiple of what it costs in a small one: it should cost the same. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IncomingMessage } from '../../electron/main/dialects/chat-dialect.ts';
import { openDatabase } from '../../electron/main/history/database.ts';
import { createHistoryEngine } from '../../electron/main/history/engine.ts';
import { medianTime, type Benchmark, type Figure } from './benchmark.ts';

const SMALL = 1_000;
const LARGE = Number(process.env['MAGPIE_BENCH_MESSAGES'] ?? 200_000);
const CONVERSATIONS = 10;
const BATCH = 500;
/** Twice the cost is the noise of short times, not growth: 200 times as many messages would show as far more. */
const GOAL = 2;

function incoming(index: number, peer: number, sequence: number): IncomingMessage {
  const id = `single:${peer}` as const;
  return {
    serverId: `server-${index}`,
    clientMessageId: null,
    conversation: { id, kind: 'single', name: `Person ${peer}`, avatars: [], link: null },
    sequence,
    senderId: peer,
    senderName: `Person ${peer}`,
    senderAvatar: '',
    own: false,
    content: { kind: 'text', text: `Message ${index}: 明天下午三点开会，请带上合同` },
    createdAt: 1_700_000_000_000 + index * 1_000,
    counts: true,
    standing: false,
    recalled: false,
  };
}

function measure(folder: string, messages: number): Record<string, number> {
  const path = join(folder, `${messages}.db`);
  const key = 'a'.repeat(64);
  const { sql } = openDatabase(path, key);
  const history = createHistoryEngine(sql);
  const conversations = Math.min(CONVERSATIONS, messages);
  for (let from = 0; from < messages; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, messages - from) }, (_, offset) => {
      const index = from + offset;
      return incoming(index, 1 + (index % conversations), 1 + Math.floor(index / conversations));
    });
    history.receive({ messages: batch, recalls: [], reading: null });
  }
  const openings = medianTime(7, 1, () => {
    const again = openDatabase(path, key);
    createHistoryEngine(again.sql).listConversations();
    again.sql.close();
  });
  const list = medianTime(7, 20, () => history.listConversations());
  const page = medianTime(7, 50, (call) =>
    history.page({ conversationId: `single:${1 + (call % conversations)}`, limit: 50 }),
  );
  let next = messages;
  const receive = medianTime(7, 5, () => {
    const index = next++;
    const fresh = incoming(index, 1, 1_000_000 + index);
    history.receive({ messages: [fresh], recalls: [], reading: null });
  });
  sql.close();
  return {
    'open and list': openings,
    'list conversations': list,
    'page of 50': page,
    'receive one': receive,
  };
}

export const benchmark: Benchmark = {
  title: `History with ${LARGE.toLocaleString('en')} messages against one with ${SMALL.toLocaleString('en')}`,
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'magpie-bench-'));
    try {
      const [small, large] = [measure(folder, SMALL), measure(folder, LARGE)];
      return Object.keys(small).flatMap((action): Figure[] => [
        { name: `${action}, large ÷ small`, value: large[action]! / small[action]!, unit: '×', goal: GOAL },
        { name: `${action}, large`, value: large[action]!, unit: 'ms', goal: null },
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
