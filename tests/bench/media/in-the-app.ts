/** What a person feels: a photo dropped into a chat, and a conversation full of pictures that is scrolled through. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { dropFiles } from '../../helpers/desktop/drop-files.ts';
import { FFMPEG, png } from '../../helpers/files/samples.ts';
import type { MagpieProcess } from '../../helpers/magpie-process.ts';
import { PlainClient } from '../../helpers/plain-egg-im/plain-client.ts';
import { ServerProcess } from '../../helpers/server-process.ts';
import {
  addContact,
  connectTo,
  expectOnline,
  openChat,
  PASSWORD,
  register,
  signIn,
} from '../../e2e/person.ts';

const ROUNDS = 5;

export interface DropTimes {
  /** Milliseconds, medians: to its place in the tray, from Enter to the painted bubble, from Enter to the other's screen. */
  tray: number;
  bubble: number;
  delivered: number;
  /** A form with the same bytes by HTTP, without anything else. */
  plain: number;
  /** Bytes of the photo. */
  size: number;
}

const median = (times: number[]) => times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN;

/** 4000×3000 with detail everywhere, as a camera writes it. */
async function photo(folder: string): Promise<string> {
  const path = join(folder, 'photo.jpg');
  await promisify(execFile)(FFMPEG, [
    ...['-loglevel', 'error', '-y', '-f', 'lavfi', '-i', 'mandelbrot=size=4000x3000:rate=1'],
    ...['-frames:v', '1', '-vf', 'noise=alls=12:allf=t', '-q:v', '3', path],
  ]);
  return path;
}

/** Waits until the last picture on screen is another one and painted; gives its id. */
async function newerPicture(page: Page, own: boolean, before: string): Promise<string> {
  const found = await page.waitForFunction(
    ([wanted, known]) => {
      const messages = document.querySelectorAll<HTMLElement>(
        `[data-testid="message"][data-kind="image"][data-own="${wanted}"]`,
      );
      const newest = [...messages].at(-1);
      const image = newest?.querySelector('[data-testid="message-image"][data-loaded="true"]') ?? null;
      const id = newest?.dataset['messageId'] ?? '';
      return image !== null && id !== known ? id : '';
    },
    [String(own), before] as const,
    { polling: 'raf', timeout: 30_000 },
  );
  return String(await found.jsonValue());
}

export async function dropTimes(folder: string, launch: () => Promise<MagpieProcess>): Promise<DropTimes> {
  const server = await ServerProcess.start(['--requests-per-second', '0']);
  const [ann, ben] = [await launch(), await launch()];
  try {
    await connectTo(ann.page, server.origin);
    await register(ann.page, 'ann_bench');
    await connectTo(ben.page, server.origin);
    await register(ben.page, 'ben_bench');
    await addContact(ann.page, 'ben_bench');
    await openChat(ann.page, 'ben_bench');
    await openChat(ben.page, 'ann_bench');
    const bytes = await readFile(await photo(folder));
    // No two are equal, so that nothing is stored, or known, once for all.
    const another = (index: number) => Buffer.concat([bytes, Buffer.from([index])]);
    const times = { tray: [] as number[], bubble: [] as number[], delivered: [] as number[] };
    const last = { own: '', other: '' };
    // The first is for warming up.
    for (let round = 0; round <= ROUNDS; round += 1) {
      const path = join(folder, `photo-${round}.jpg`);
      await writeFile(path, another(round));
      const begun = performance.now();
      await dropFiles(ann.page, '[data-testid="composer-input"]', [path]);
      await ann.page.getByTestId('attachment-item').waitFor();
      // As it is: the plain upload is of the same bytes. From then on it is the choice of the account.
      if (round === 0) await ann.page.getByTestId('attachment-form').selectOption('original');
      const inTray = performance.now();
      await ann.page.getByTestId('composer-input').press('Enter');
      await Promise.all([
        newerPicture(ann.page, true, last.own).then((id) => {
          last.own = id;
          if (round > 0) times.bubble.push(performance.now() - inTray);
        }),
        newerPicture(ben.page, false, last.other).then((id) => {
          last.other = id;
          if (round > 0) times.delivered.push(performance.now() - inTray);
        }),
      ]);
      if (round > 0) times.tray.push(inTray - begun);
    }
    const client = new PlainClient(server.origin);
    const carl = await client.register('carl_bench');
    const plain: number[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const picture = another(100 + round);
      const begun = performance.now();
      await client.upload(carl, 'chatImgs', 'photo.jpg', picture);
      if (round > 0) plain.push(performance.now() - begun);
    }
    return {
      tray: median(times.tray),
      bubble: median(times.bubble),
      delivered: median(times.delivered),
      plain: median(plain),
      size: bytes.length,
    };
  } finally {
    await Promise.all([ann.dispose(), ben.dispose()]);
    await server.dispose();
  }
}

export interface ScrollTimes {
  /** Longest time the page could do nothing else, milliseconds. */
  longestTask: number;
  /** Resident memory of the page: after the first tenth of the way, and at its end; MiB. */
  early: number;
  late: number;
}

/** Reads through a conversation of `count` pictures from its end to its beginning. */
export async function scrollTimes(count: number, launch: () => Promise<MagpieProcess>): Promise<ScrollTimes> {
  const server = await ServerProcess.start([
    ...['--requests-per-second', '0', '--sends-per-second', '0', '--registrations-per-minute', '0'],
  ]);
  const ann = await launch();
  try {
    const client = new PlainClient(server.origin);
    const { id: annId } = await client.register('ann_scroll', PASSWORD);
    await connectTo(ann.page, server.origin);
    await signIn(ann.page, 'ann_scroll');
    await expectOnline(ann.page);
    const bert = await client.register('bert_scroll');
    await addContact(ann.page, 'bert_scroll');
    await ann.page.getByTestId('rail-chats').click();
    const urls: string[] = [];
    for (let index = 0; index < 100; index += 1)
      urls.push(await client.upload(bert, 'chatImgs', 'a.png', png(640, 480, [index * 2, 255 - index, 90])));
    for (let index = 0; index < count; index += 1)
      await client.sendImage(bert, annId, urls[index % urls.length] ?? '');
    await openChat(ann.page, 'bert_scroll');
    await newerPicture(ann.page, false, '');
    await ann.page.evaluate(() => {
      const kept = globalThis as unknown as { longest: number };
      kept.longest = 0;
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) kept.longest = Math.max(kept.longest, duration);
      }).observe({ type: 'longtask' });
    });
    const list = await ann.page.getByTestId('message-list').boundingBox();
    if (list === null) throw new Error('no list');
    await ann.page.mouse.move(list.x + list.width / 2, list.y + list.height / 2);
    const seen = new Set<string>();
    let early = Number.NaN;
    let still = 0;
    // At the beginning nothing new comes any more.
    for (let step = 0; still < 40 && seen.size < count; step += 1) {
      await ann.page.mouse.wheel(0, -500);
      const ids = await ann.page.$$eval('[data-testid="message"]', (rows) =>
        rows.map((row) => (row as HTMLElement).dataset['messageId'] ?? ''),
      );
      const before = seen.size;
      for (const id of ids) seen.add(id);
      still = seen.size === before ? still + 1 : 0;
      if (Number.isNaN(early) && seen.size >= count / 10) early = await pageMemory(ann);
    }
    if (seen.size < count * 0.95) throw new Error(`only ${seen.size} of ${count} pictures were seen`);
    const longestTask = await ann.page.evaluate(() => (globalThis as unknown as { longest: number }).longest);
    return { longestTask, early, late: await pageMemory(ann) };
  } finally {
    await ann.dispose();
    await server.dispose();
  }
}

/** Resident memory of the window's process, MiB. */
function pageMemory({ app }: MagpieProcess): Promise<number> {
  return app.evaluate(({ app: electron, BrowserWindow }) => {
    const id = BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId();
    const found = electron.getAppMetrics().find(({ pid }) => pid === id);
    return (found?.memory.workingSetSize ?? Number.NaN) / 1024;
  });
}
