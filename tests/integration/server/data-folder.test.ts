/** Who else has an account on the server's machine reads nothing of its data. */
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory, testServer } from './harness.ts';

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
const FILES = ['magpie.db', 'magpie.db-wal', 'magpie.db-shm', 'server.lock', 'token-secret'];

test.skipIf(process.platform === 'win32')("new and old data are their owner's alone", async () => {
  const folder = join(temporaryDirectory(), 'data');
  const modes = () => [modeOf(folder), ...FILES.map((name) => modeOf(join(folder, name)))];
  const expected = ['700', '600', '600', '600', '600', '600'];
  const first = await testServer({ dataDirectory: folder });
  await first.client.register('anna01');
  expect(modes()).toEqual(expected);
  await first.stop();

  chmodSync(folder, 0o755);
  for (const name of ['magpie.db', 'server.lock', 'token-secret']) chmodSync(join(folder, name), 0o644);
  const second = await testServer({ dataDirectory: folder });
  await second.client.register('bert01');
  expect(modes()).toEqual(expected);
});

test.skipIf(process.platform === 'win32')(
  'a folder that was there is not taken from the others',
  async () => {
    const shared = join(temporaryDirectory(), 'shared');
    mkdirSync(shared);
    chmodSync(shared, 0o1777);
    const first = await testServer({ dataDirectory: shared });
    await first.stop();
    await testServer({ dataDirectory: shared });
    expect(modeOf(shared)).toBe('777');
    expect(modeOf(join(shared, 'magpie.db'))).toBe('600');
  },
);
