/** A history on the disk for each test of the file that imports this, and what tests put into it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { IncomingMessage } from '../../../electron/main/dialects/chat-dialect.ts';
import { openDatabase, type Sql } from '../../../electron/main/history/database.ts';
import { createHistoryEngine } from '../../../electron/main/history/engine.ts';
import type { HistoryMethods } from '../../../electron/main/history/history.ts';
import { numberedMessage, WITH_BO } from './sample-messages.ts';
import { SAMPLE_KEY } from './temporary-history.ts';

export let folder: string;
export let path: string;
export let sql: Sql;
export let history: HistoryMethods;

export function open(key = SAMPLE_KEY): boolean {
  const opened = openDatabase(path, key);
  sql = opened.sql;
  history = createHistoryEngine(sql);
  return opened.reset;
}

function begin(): void {
  folder = mkdtempSync(join(tmpdir(), 'magpie-history-'));
  path = join(folder, 'history.db');
  open();
}
function end(): void {
  sql.close();
  rmSync(folder, { recursive: true });
}
beforeEach(begin);
afterEach(end);

/** Another, empty one, in the middle of a test. */
export function beginAnew(): void {
  end();
  begin();
}

/** A message of a server without numbers. */
export function incoming({
  peer = 2,
  serverId = 's1',
  ...change
}: Partial<IncomingMessage> & { peer?: number } = {}): IncomingMessage {
  return numberedMessage(1, {
    serverId,
    conversation: { ...WITH_BO, id: `single:${peer}` },
    sequence: null,
    senderId: peer,
    content: { kind: 'text', text: serverId },
    createdAt: 1_000,
    ...change,
  });
}
export const receive = (messages: IncomingMessage[], reading: string | null = null) =>
  history.receive({ messages, recalls: [], reading });
export const enqueue = (id: string, text = id) => {
  history.ensureConversation({
    facts: { ...WITH_BO, name: null, avatars: null },
    now: 5,
  });
  return history.enqueue({
    clientMessageId: id,
    conversationId: 'single:2',
    content: { kind: 'text', text },
    sender: { id: 1, name: 'Me', avatar: '' },
    now: 9_000,
  });
};
export const texts = (id = 'single:2') =>
  history
    .page({ conversationId: id, limit: 200 })
    .messages.map(({ content }) => (content.kind === 'text' ? content.text : content.kind));
