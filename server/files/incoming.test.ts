import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../tests/helpers/temporary-folder.ts';
import { incomingFiles } from './incoming.ts';

const folder = temporaryFolder('incoming');
afterAll(() => rm(folder, { recursive: true, force: true }));

test('what came is left alone while it is looked at; what an earlier run left goes', async () => {
  const before = await incomingFiles(folder);
  const left = await before.receive(Readable.from([Buffer.from('of before')]), 100);
  const incoming = await incomingFiles(folder);
  const received = await incoming.receive(Readable.from([Buffer.from('of now')]), 100);
  await incoming.clear(new Set());
  expect([existsSync(left.path), existsSync(received.path)]).toEqual([false, true]);
  await incoming.discard(received);
  expect(existsSync(received.path)).toBe(false);
});
