import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { numberedMessage, WITH_BO } from '../../../tests/helpers/history/sample-messages.ts';
import { SAMPLE_KEY } from '../../../tests/helpers/history/temporary-history.ts';
import { createLogger, silentLogger } from '../support/logger.ts';
import { openHistory, type HistoryClientOptions } from './client.ts';
import type { History } from './history.ts';

// Every test starts real threads, each of which compiles the worker anew: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let history: History | null;
let resets: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'magpie-worker-'));
  [history, resets] = [null, 0];
});
afterEach(async () => {
  await history?.close();
  rmSync(folder, { recursive: true });
});

/** A thread that reads TypeScript, which plain Node 20 does not, and runs the real entry. */
const writeWorker = (extra: string): string => {
  const file = join(folder, 'worker.mjs');
  writeFileSync(
    file,
    `import { register } from ${JSON.stringify(import.meta.resolve('tsx/esm/api'))};
     import { parentPort } from 'node:worker_threads';
     register();
     ${extra}
     await import(${JSON.stringify(new URL('./worker.ts', import.meta.url).href)});`,
  );
  return file;
};
/** The same worker, with a call that kills it. */
const MORTAL = `const on = parentPort.on.bind(parentPort);
  parentPort.on = (name, listener) => on(name, (request) => {
    if (request.method === 'hide' && request.input[0] === 'single:666') process.exit(1);
    listener(request);
  });`;
const open = async (extra = '', change: Partial<HistoryClientOptions> = {}): Promise<History> => {
  history = await openHistory({
    path: join(folder, 'history.db'),
    key: SAMPLE_KEY,
    workerFile: writeWorker(extra),
    logger: silentLogger,
    onReset: () => void (resets += 1),
    ...change,
  });
  return history;
};

/** Four hundred long messages, so that most pages of the file are of nothing else. */
const fill = async (opened: History) => {
  await opened.receive({
    messages: Array.from({ length: 400 }, (_, index) =>
      numberedMessage(index + 1, { content: { kind: 'text', text: 'x'.repeat(2_000) } }),
    ),
    recalls: [],
    reading: null,
  });
};
const breakSecondHalf = () => {
  const path = join(folder, 'history.db');
  // Every page of the second half: where the newest messages are.
  const file = openSync(path, 'r+');
  const { size } = statSync(path);
  const half = Math.floor(size / 8192) * 4096;
  writeSync(file, Buffer.alloc(size - half, 0x5a), 0, size - half, half);
  closeSync(file);
};

test('calls go through the thread, errors keep their code, closing closes', async () => {
  const opened = await open();
  await opened.ensureConversation({ facts: WITH_BO, now: 1 });
  expect((await opened.listConversations()).conversations).toHaveLength(1);
  await expect(opened.retry('nobody')).rejects.toMatchObject({ code: 'not-found' });
  await opened.close();
  await expect(opened.listConversations()).rejects.toMatchObject({ code: 'history-unavailable' });
  expect((await (await open()).listConversations()).conversations).toHaveLength(1);
});

test('a damaged file is reported once', async () => {
  writeFileSync(join(folder, 'history.db'), 'nonsense'.repeat(1_000));
  await open();
  expect(resets).toBe(1);
});

test('a worker that dies fails the calls under way; the next call gets another', async () => {
  const opened = await open(MORTAL);
  await opened.ensureConversation({ facts: WITH_BO, now: 1 });
  await expect(opened.hide('single:666')).rejects.toMatchObject({ code: 'history-unavailable' });
  expect((await opened.listConversations()).conversations).toHaveLength(1);
});

test('closing ends, also when the thread dies at that very moment', async () => {
  for (let round = 0; round < 2; round++) {
    const opened = await open(MORTAL, { verifyAfter: 0 });
    await opened.listConversations();
    opened.hide('single:666').catch(() => undefined);
    await opened.close();
  }
});

test('a file that breaks in the middle is set aside; drafts and what was not sent move over', async () => {
  const opened = await open();
  await opened.ensureConversation({ facts: WITH_BO, now: 1 });
  const message = (clientMessageId: string, text: string) =>
    opened.enqueue({
      clientMessageId,
      conversationId: 'single:2',
      content: { kind: 'text', text },
      sender: { id: 1, name: 'A', avatar: '' },
      now: 1,
    });
  await message('unsent', 'not yet');
  await opened.saveDraft({ conversationId: 'single:2', text: 'half' });
  await fill(opened);
  await opened.close();

  breakSecondHalf();
  const again = await open();
  await expect
    .poll(async () => {
      await again.page({ conversationId: 'single:2', limit: 200 }).catch(() => undefined);
      return resets;
    })
    .toBe(1);
  expect(readdirSync(folder).filter((name) => name.includes('damaged')).length).toBeGreaterThan(0);
  expect(await again.conversation('single:2')).toMatchObject({ name: 'Bo', draft: 'half' });
  expect(await again.nextPending('single:2')).toMatchObject({
    clientMessageId: 'unsent',
    content: { text: 'not yet' },
  });
  await again.saveDraft({ conversationId: 'single:2', text: 'more' });
  expect(resets).toBe(1);
});

test('the check after the start finds damage in pages that nobody reads', async () => {
  const opened = await open();
  await opened.ensureConversation({ facts: WITH_BO, now: 1 });
  await opened.saveDraft({ conversationId: 'single:2', text: 'half' });
  await fill(opened);
  await opened.close();
  const outcomes: string[] = [];
  const logger = createLogger((line) => outcomes.push(line), 'test');

  await open('', { verifyAfter: 0, logger });
  await expect.poll(() => outcomes.join(''), { timeout: 20_000 }).toContain('verified');
  expect(resets).toBe(0);
  await history?.close();

  breakSecondHalf();
  const again = await open('', { verifyAfter: 0, logger });
  await expect.poll(() => resets, { timeout: 20_000 }).toBe(1);
  expect(await again.conversation('single:2')).toMatchObject({ draft: 'half' });
  expect(readdirSync(folder).filter((name) => name.includes('damaged')).length).toBeGreaterThan(0);
});

test('a history that could not be opened again for a while comes back', async () => {
  const opened = await open(MORTAL);
  await opened.ensureConversation({ facts: WITH_BO, now: 1 });
  await expect(opened.hide('single:666')).rejects.toMatchObject({ code: 'history-unavailable' });
  // As unreadable as a file can be, also for root: a folder stands in its place.
  for (const part of ['', '-wal', '-shm'])
    try {
      renameSync(join(folder, `history.db${part}`), join(folder, `kept${part}`));
    } catch {
      // Not every part is there.
    }
  mkdirSync(join(folder, 'history.db'));
  await expect(opened.listConversations()).rejects.toMatchObject({ code: 'history-unavailable' });
  rmSync(join(folder, 'history.db'), { recursive: true });
  for (const part of ['', '-wal', '-shm'])
    try {
      renameSync(join(folder, `kept${part}`), join(folder, `history.db${part}`));
    } catch {
      // Not every part is there.
    }
  expect((await opened.listConversations()).conversations).toHaveLength(1);
});
