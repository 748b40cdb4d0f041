/** What networks and servers do to an upload while it is under way; it goes on by itself, from where it was. */
import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { STAGE_PREFIX, type FileContent } from '#protocol/model/message';
import { createEggImDialect } from '../../../electron/main/dialects/egg-im/egg-im-dialect.ts';
import { systemClock } from '../../../electron/main/support/clock.ts';
import { accountMedia } from '../../helpers/account-media.ts';
import { startFaultProxy, type FaultProxyOptions } from '../../helpers/fault-proxy.ts';
import { PlainClient } from '../../helpers/plain-egg-im/plain-client.ts';
import { ServerProcess } from '../../helpers/server-process.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { testNetwork } from '../../helpers/test-network.ts';
import { testServer } from '../server/harness.ts';

const MIB = 1024 * 1024;
/** As large as the app makes them. */
const PIECE = 8 * MIB;
const folder = temporaryFolder('broken-uploads');
afterAll(() => rm(folder, { recursive: true, force: true }));
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const idOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** The files of somebody's app whose line to the server breaks as the test says. */
async function sender(origin: string, breaks: Omit<FaultProxyOptions, 'target'> = {}) {
  const heads: string[] = [];
  const proxy = await startFaultProxy({
    ...breaks,
    target: () => Number(new URL(origin).port),
    onRequest: (head) => heads.push(head.split(' HTTP/', 1)[0] ?? ''),
  });
  const client = new PlainClient(origin);
  const { token, id: accountId } = await client.register('anna01');
  const dialect = createEggImDialect(
    { origin: proxy.origin, accountId, token, deviceId: 'd', extensions: true },
    testNetwork(),
  );
  const media = accountMedia({ folder: join(folder, String(accountId)), dialect, clock: systemClock });
  cleanups.push(
    () => proxy.close(),
    () => media.stop(),
    () => dialect.abandon(),
  );
  await dialect.abilities();
  const stage = async (number: number, bytes: Buffer): Promise<FileContent> => {
    const facts = { name: 'a.bin', mime: 'application/octet-stream' };
    await media.stageBytes({ id: idOf(number), ...facts, bytes });
    const file = { url: STAGE_PREFIX + idOf(number), size: bytes.length, ...facts };
    return { kind: 'file', text: '', file };
  };
  const stored = async ({ file }: FileContent) => {
    const answer = await fetch(file.url.replace(proxy.origin, origin), { headers: { token } });
    return Buffer.from(await answer.arrayBuffer());
  };
  return { proxy, media, heads, stage, stored };
}

test('a network that is away for longer than the server waits: the upload goes on when it is back', async () => {
  const { origin } = await testServer({ uploadStallSeconds: 1 });
  const { proxy, media, stage, stored } = await sender(origin, {
    fate: ({ pause }) => (pause === 0 ? { pauseUpAfter: MIB } : {}),
  });
  const bytes = randomBytes(3 * MIB);
  const { content } = await media.files.ready(await stage(1, bytes));
  expect((await stored(content as FileContent)).equals(bytes)).toBe(true);
  expect(proxy.faults.pause).toBe(1);
});

test('a server that is killed in the middle of a piece: the upload goes on from its last part', async () => {
  const server = await ServerProcess.start();
  cleanups.push(() => server.dispose());
  // Half of the second piece is there, and nothing moves any more.
  const { proxy, media, heads, stage, stored } = await sender(server.origin, {
    stallAt: 12 * MIB,
    fate: () => ({ stallFor: 300_000 }),
  });
  const bytes = randomBytes(24 * MIB);
  const ready = media.files.ready(await stage(1, bytes));
  await expect.poll(() => proxy.faults.stall, { timeout: 30_000 }).toBe(1);
  const files = join(server.dataFolder, 'files');
  const arrived = async () => {
    const names = await readdir(files, { recursive: true });
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(files, name))).size));
    return Math.max(...sizes);
  };
  await expect.poll(arrived, { timeout: 30_000 }).toBeGreaterThan(PIECE);
  await server.kill();
  proxy.cutAll();
  await server.restart();
  media.wake();
  const { content } = await ready;
  expect((await stored(content as FileContent)).equals(bytes)).toBe(true);
  const offsets = heads.flatMap((head) => /^PUT .*[?]offset=(\d+)$/u.exec(head)?.[1] ?? []).map(Number);
  // The piece that was cut never came whole, so the second one here is the first after the kill.
  expect(offsets[0]).toBe(0);
  expect(offsets[1]).toBeGreaterThan(PIECE);
  expect(proxy.sentUp).toBeLessThan(bytes.length + PIECE);
});

test('a file that the server has from this person already is there at once: nothing of it is sent', async () => {
  const { origin } = await testServer();
  const { media, heads, stage, stored } = await sender(origin);
  const bytes = randomBytes(MIB);
  const first = await media.files.ready(await stage(1, bytes));
  const puts = () => heads.filter((head) => head.startsWith('PUT '));
  expect(puts()).toHaveLength(1);
  const second = await media.files.ready(await stage(2, bytes));
  expect(puts()).toHaveLength(1);
  expect(second.content.file.url).not.toBe(first.content.file.url);
  expect((await stored(second.content as FileContent)).equals(bytes)).toBe(true);
});
