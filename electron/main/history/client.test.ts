import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../support/logger.ts';
import { openHistory } from './client.ts';
import type { History } from './history.ts';

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
const open = async (extra = ''): Promise<History> => {
  history = await openHistory({
    path: join(folder, 'history.db'),
    key: 'ab'.repeat(32),
    workerFile: writeWorker(extra),
    logger: silentLogger,
    onReset: () => void (resets += 1),
  });
  return history;
};
const facts = { id: 'single:2', kind: 'single', name: 'Bo', avatars: [], link: null } as const;

test('calls go through the thread, errors keep their code, closing closes', async () => {
  const opened = await open();
  await opened.ensureConversation({ facts: { ...facts, avatars: [] }, now: 1 });
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
  // The same worker, with a call that kills it.
  const opened = await open(`const on = parentPort.on.bind(parentPort);
    parentPort.on = (name, listener) => on(name, (request) => {
      if (request.method === 'hide' && request.input[0] === 'single:666') process.exit(1);
      listener(request);
    });`);
  await opened.ensureConversation({ facts: { ...facts, avatars: [] }, now: 1 });
  await expect(opened.hide('single:666')).rejects.toMatchObject({ code: 'history-unavailable' });
  expect((await opened.listConversations()).conversations).toHaveLength(1);
});
