import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MagpieError } from '#protocol/errors';
import type { UploadOrder } from '../dialects/chat-dialect.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { silentLogger } from '../support/logger.ts';
import { createOutgoing } from './outgoing.ts';
import { sealedFiles } from './sealed-files.ts';
import { createTransfers } from './transfers.ts';

const sealed = sealedFiles('ab'.repeat(32));
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-transfers-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** However temporary the folder of a test is. */
const IN_ITS_PLACE = { comesAndGoes: () => Promise.resolve(false) };

const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

describe('transfers', () => {
  async function transfersWith(upload: (order: UploadOrder) => Promise<string>) {
    const outgoing = createOutgoing(join(folder, 'out'), sealed);
    for (let number = 0; number < 6; number += 1) {
      await outgoing.fromBytes({ id: id(number), name: 'a', mime: '', bytes: Buffer.from(`file ${number}`) });
    }
    const clock = createFakeClock();
    const withdrawn: string[] = [];
    const state = { online: true, failures: 0 };
    const transfers = createTransfers({
      outgoing,
      dialect: {
        upload,
        giveUpUpload(one) {
          if (!state.online) return Promise.reject(new MagpieError('server-unreachable', 'offline'));
          if (state.failures > 0) {
            state.failures -= 1;
            return Promise.reject(new MagpieError('bad-answer', 'the server failed'));
          }
          return Promise.resolve(void withdrawn.push(one));
        },
      },
      clock,
      logger: silentLogger,
      uploadPlace: () => 'server' as const,
      isOnline: () => state.online,
      onProgress: () => undefined,
    });
    return { transfers, clock, withdrawn, state };
  }

  test('a server that fails after it has all of a file is asked later and later, and not for ever', async () => {
    let uploads = 0;
    const { transfers, clock } = await transfersWith((order) => {
      uploads += 1;
      // As a form: all of it goes, again and again.
      order.onProgress(3);
      order.onProgress(6);
      return Promise.reject(new MagpieError('bad-answer', 'the server failed with 500', { status: 500 }));
    });
    const failed = transfers.done(id(0)).catch((thrown: unknown) => thrown);
    const delays: number[] = [];
    for (let tries = 1; tries < 8; tries += 1) {
      await expect.poll(() => clock.planned).toBe(1);
      expect(uploads).toBe(tries);
      const before = clock.uptime();
      clock.runNext();
      delays.push(clock.uptime() - before);
    }
    expect(await failed).toMatchObject({ code: 'bad-answer' });
    expect(uploads).toBe(8);
    expect(delays.toSorted((a, b) => a - b)).toEqual(delays);
    expect(delays.at(-1)).toBeGreaterThan(16_000);
  });

  test('a server that cannot look at files now is asked for as long as it takes', async () => {
    let uploads = 0;
    const away = new MagpieError('bad-answer', 'the server failed with 503', { status: 503 });
    const { transfers, clock } = await transfersWith(() => {
      uploads += 1;
      return uploads > 30 ? Promise.resolve('http://chat.example/a') : Promise.reject(away);
    });
    const done = transfers.done(id(0));
    for (let tries = 1; tries <= 30; tries += 1) {
      await expect.poll(() => clock.planned).toBe(1);
      clock.runNext();
    }
    expect(await done).toBe('http://chat.example/a');
  });

  test('a line that is cut again and again is waited for, and what gets further begins the pauses anew', async () => {
    let uploads = 0;
    const { transfers, clock } = await transfersWith((order) => {
      uploads += 1;
      // From the tenth on, each gets a byte further.
      order.onProgress(Math.max(1, uploads - 9));
      return uploads === 14
        ? Promise.resolve('http://chat.example/a')
        : Promise.reject(new MagpieError('server-unreachable', 'cut'));
    });
    const done = transfers.done(id(0));
    const delays: number[] = [];
    for (let tries = 1; tries < 14; tries += 1) {
      await expect.poll(() => clock.planned).toBe(1);
      const before = clock.uptime();
      clock.runNext();
      delays.push(clock.uptime() - before);
    }
    expect(await done).toBe('http://chat.example/a');
    expect(delays[9]).toBe(60_000 / 2 + 500);
    expect(delays.slice(10)).toEqual([1_000, 1_000, 1_000]);
  });

  test('never more than three at once, and all in the end', async () => {
    let running = 0;
    let most = 0;
    const { transfers } = await transfersWith(async ({ id: one }) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return `/${one}`;
    });
    const urls = await Promise.all([0, 1, 2, 3, 4, 5].map((number) => transfers.done(id(number))));
    expect(urls).toEqual([0, 1, 2, 3, 4, 5].map((number) => `/${id(number)}`));
    expect(most).toBe(3);
  });

  test('a cut is tried again, a refusal is not, and the person may ask anew', async () => {
    let tries = 0;
    const { transfers } = await transfersWith(() => {
      tries += 1;
      if (tries === 1) return Promise.reject(new MagpieError('server-unreachable', 'cut'));
      if (tries === 2) return Promise.reject(new MagpieError('refused', 'no'));
      return Promise.resolve('/there');
    });
    const first = transfers.done(id(0));
    await expect.poll(() => tries).toBe(1);
    transfers.wake();
    await expect(first).rejects.toThrow('no');
    expect(await transfers.done(id(0))).toBe('/there');
  });

  test('a server that asks for patience is left alone for so long', async () => {
    let tries = 0;
    const { transfers, clock } = await transfersWith(() => {
      tries += 1;
      return tries === 1
        ? Promise.reject(new MagpieError('rate-limited', 'too many', { retryAfter: 40 }))
        : Promise.resolve('/there');
    });
    const done = transfers.done(id(0));
    await expect.poll(() => clock.planned).toBe(1);
    clock.advance(39_999);
    expect(clock.planned).toBe(1);
    clock.advance(1);
    expect(await done).toBe('/there');
    expect(tries).toBe(2);
  });

  test('offline nothing is tried; the connection wakes it', async () => {
    let tries = 0;
    const { transfers, state } = await transfersWith(() => Promise.resolve(`/${(tries += 1)}`));
    state.online = false;
    const waiting = transfers.done(id(0));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(tries).toBe(0);
    state.online = true;
    transfers.wake();
    expect(await waiting).toBe('/1');
  });

  test('what is given up ends at once and is withdrawn', async () => {
    const { transfers, withdrawn } = await transfersWith(
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    );
    const running = transfers.done(id(0));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await transfers.cancel(id(0));
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    await expect.poll(() => withdrawn).toEqual([id(0)]);
  });

  test('what is given up while it is hashed makes room for the next', async () => {
    const { transfers } = await transfersWith(({ id: one }) => Promise.resolve(`/${one}`));
    const path = join(folder, 'large');
    await writeFile(path, '');
    // Nobody could wait for the end of its hash.
    await truncate(path, 2 ** 40);
    const large = createOutgoing(join(folder, 'out'), sealed, { copyLimit: 0, ...IN_ITS_PLACE });
    for (const number of [6, 7, 8]) await large.fromPath({ id: id(number), mime: '', path });
    const running = [6, 7, 8].map((number) => transfers.done(id(number)).catch((thrown: unknown) => thrown));
    const next = transfers.done(id(0));
    await transfers.cancel(id(7));
    expect(await running[1]).toMatchObject({ code: 'cancelled' });
    expect(await next).toBe(`/${id(0)}`);
    transfers.stop();
    for (const one of running) expect(await one).toMatchObject({ code: 'cancelled' });
  });

  test('what was given up offline is withdrawn once the server can hear it, also by the next run', async () => {
    const unused = () => Promise.reject(new Error('nothing is uploaded'));
    const first = await transfersWith(unused);
    first.state.online = false;
    await first.transfers.cancel(id(0));
    await first.transfers.cancel(id(1));
    first.transfers.stop();
    const second = await transfersWith(unused);
    second.state.failures = 1;
    await second.transfers.resume();
    await expect.poll(() => second.state.failures).toBe(0);
    await expect
      .poll(() => {
        second.transfers.wake();
        return [...second.withdrawn].sort();
      })
      .toEqual([id(0), id(1)]);
    expect(first.withdrawn).toEqual([]);
    await expect
      .poll(async () => (await readdir(join(folder, 'out'))).filter((name) => /withdrawn/u.test(name)))
      .toEqual([]);
  });

  test('a beginning that is under way comes before its withdrawal', async () => {
    let begun: () => void = () => expect.unreachable();
    let tries = 0;
    const { transfers, withdrawn } = await transfersWith(async ({ signal }) => {
      tries += 1;
      await new Promise<void>((resolve) => (begun = resolve));
      signal.throwIfAborted();
      return '/there';
    });
    const running = transfers.done(id(0));
    await expect.poll(() => tries).toBe(1);
    await transfers.cancel(id(0));
    expect(withdrawn).toEqual([]);
    begun();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    await expect.poll(() => withdrawn).toEqual([id(0)]);
  });

  test('what waits for its turn ends at once when it is given up', async () => {
    const begun: string[] = [];
    const { transfers, withdrawn } = await transfersWith(({ id: one }) => {
      begun.push(one);
      return new Promise(() => undefined);
    });
    for (const number of [0, 1, 2]) transfers.start(id(number));
    const waiting = transfers.done(id(3));
    await expect.poll(() => begun.length).toBe(3);
    const [refused] = await Promise.allSettled([waiting, transfers.cancel(id(3))]);
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'cancelled' } });
    await expect.poll(() => withdrawn).toEqual([id(3)]);
    expect(begun).not.toContain(id(3));
  });
});

describe('a file that is too large to be copied', () => {
  async function large() {
    const path = join(folder, 'large.iso');
    await writeFile(path, `its first words${'.'.repeat(5000)}`);
    const outgoing = createOutgoing(join(folder, 'out'), sealed, { copyLimit: 4096, ...IN_ITS_PLACE });
    await outgoing.fromPath({ id: id(1), mime: '', path });
    await outgoing.settled();
    return { path, outgoing };
  }
  const transfersOf = (
    outgoing: ReturnType<typeof createOutgoing>,
    upload: (order: UploadOrder) => Promise<string>,
  ) =>
    createTransfers({
      outgoing,
      dialect: { upload, giveUpUpload: () => Promise.resolve() },
      clock: createFakeClock(),
      logger: silentLogger,
      uploadPlace: () => 'server' as const,
      isOnline: () => true,
      onProgress: () => undefined,
    });

  test('is read where it is, and nothing of it lies here', async () => {
    const { outgoing } = await large();
    const first = await buffer(await outgoing.read(id(1), { start: 0, end: 14 }));
    expect(first.toString()).toBe('its first words');
    expect(await readdir(join(folder, 'out'))).toEqual([`${id(1)}.about`]);
  });

  test.each([
    ['went', (path: string) => rm(path)],
    ['became another one', (path: string) => writeFile(path, 'other words')],
    ['became shorter', (path: string) => truncate(path, 1000)],
  ])('is not sent when it %s before or while it goes, and that is final', async (_what, change) => {
    const before = await large();
    await change(before.path);
    const never = transfersOf(before.outgoing, () => Promise.resolve('/other'));
    await expect(never.done(id(1))).rejects.toMatchObject({ code: 'file-gone' });
    await before.outgoing.release(id(1));

    const { path, outgoing } = await large();
    let tries = 0;
    const cut = transfersOf(outgoing, async ({ read }) => {
      tries += 1;
      if (tries === 1) {
        await change(path);
        throw new MagpieError('server-unreachable', 'cut in the middle');
      }
      await read(1000);
      return '/other';
    });
    let failure: unknown;
    cut.done(id(1)).catch((thrown: unknown) => (failure = thrown));
    await expect
      .poll(() => {
        cut.wake();
        return failure;
      })
      .toMatchObject({ code: 'file-gone' });
  });
});
