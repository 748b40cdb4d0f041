/** What a person feels: a photo dropped into a chat, and a conversation full of pictures that is scrolled through. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, type Page } from '@playwright/test';
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

/** Milliseconds from the drop, medians; Enter follows as soon as the photo lies in the tray. */
export interface SendTimes {
  /** To its place in the tray. */
  tray: number;
  /** To the painted bubble. */
  bubble: number;
  /** To the screen of the other. */
  delivered: number;
}

export interface DropTimes {
  /** As it is, which sends the bytes of the plain upload, and made smaller, as the app does unless it is told otherwise. */
  original: SendTimes;
  compress: SendTimes;
  /** A form with the same bytes by HTTP, without anything else; milliseconds, median. */
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
    let photos = 0;
    const another = () => Buffer.concat([bytes, Buffer.from(String((photos += 1)))]);
    const last = { own: '', other: '' };
    const sendOne = async (form: 'picture' | 'original'): Promise<SendTimes> => {
      const path = join(folder, `photo-${photos}.jpg`);
      await writeFile(path, another());
      // It is the choice of the account from one photo to the next, so it stands before the clock starts.
      const begun = performance.now();
      const passed = () => performance.now() - begun;
      await dropFiles(ann.page, '[data-testid="composer-input"]', [path]);
      await ann.page.getByTestId('attachment-item').waitFor();
      const tray = passed();
      await expect(ann.page.getByTestId('attachment-form')).toHaveValue(form);
      await ann.page.getByTestId('composer-input').press('Enter');
      const [bubble, delivered] = await Promise.all([
        newerPicture(ann.page, true, last.own).then((id) => {
          last.own = id;
          return passed();
        }),
        newerPicture(ben.page, false, last.other).then((id) => {
          last.other = id;
          return passed();
        }),
      ]);
      return { tray, bubble, delivered };
    };
    /** Chosen with a photo that is then taken out again. */
    const choose = async (form: 'picture' | 'original') => {
      const path = join(folder, `choice-${form}.jpg`);
      await writeFile(path, another());
      await dropFiles(ann.page, '[data-testid="composer-input"]', [path]);
      await ann.page.getByTestId('attachment-form').selectOption(form);
      await ann.page.getByTestId('attachment-remove').click();
      await expect(ann.page.getByTestId('attachment-item')).toHaveCount(0);
    };
    const client = new PlainClient(server.origin);
    const carl = await client.register('carl_bench');
    const plain: number[] = [];
    const times = { original: [] as SendTimes[], picture: [] as SendTimes[] };
    for (const form of ['original', 'picture'] as const) {
      await choose(form);
      // The first is for warming up.
      for (let round = 0; round <= ROUNDS; round += 1) {
        const sent = await sendOne(form);
        const picture = another();
        const begun = performance.now();
        await client.upload(carl, 'chatImgs', 'photo.jpg', picture);
        if (round === 0) continue;
        times[form].push(sent);
        plain.push(performance.now() - begun);
      }
    }
    const medians = (sent: SendTimes[]): SendTimes => ({
      tray: median(sent.map(({ tray }) => tray)),
      bubble: median(sent.map(({ bubble }) => bubble)),
      delivered: median(sent.map(({ delivered }) => delivered)),
    });
    return {
      original: medians(times.original),
      compress: medians(times.picture),
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
  /** Memory of the page after the first tenth of the way, at its half, and at its end. */
  early: PageMemory;
  half: PageMemory;
  late: PageMemory;
}

/** MiB. */
export interface PageMemory {
  /** Its own: scripts, rows, layout. */
  own: number;
  /** With what it shares with the rest of Chromium, above all decoded pictures: a cache with a limit, which gives way. */
  all: number;
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
    const colours = Array.from({ length: 100 }, (_, index) => png(640, 480, [index * 2, 255 - index, 90]));
    // What stands behind the end of a PNG changes nothing of its look: no two are one file.
    for (let index = 0; index < count; index += 1) {
      const picture = Buffer.concat([colours[index % 100] ?? Buffer.alloc(0), Buffer.from(String(index))]);
      urls.push(await client.upload(bert, 'chatImgs', 'a.png', picture));
    }
    for (const url of urls) await client.sendImage(bert, annId, url);
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
    const memory: PageMemory[] = [];
    const places = [count / 10, count / 2];
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
      if (seen.size >= (places[memory.length] ?? Infinity)) memory.push(await pageMemory(ann));
    }
    if (seen.size < count * 0.95) throw new Error(`only ${seen.size} of ${count} pictures were seen`);
    const longestTask = await ann.page.evaluate(() => (globalThis as unknown as { longest: number }).longest);
    const [early, half] = memory;
    if (early === undefined || half === undefined) throw new Error('the way was too short');
    return { longestTask, early, half, late: await pageMemory(ann) };
  } finally {
    await ann.dispose();
    await server.dispose();
  }
}

/** Of the window's process, as Linux counts it. */
async function pageMemory({ app }: MagpieProcess): Promise<PageMemory> {
  const id = await app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId(),
  );
  const status = await readFile(`/proc/${id}/status`, 'utf8');
  const mebibytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'mu').exec(status)?.[1] ?? Number.NaN) / 1024;
  return { own: mebibytes('RssAnon'), all: mebibytes('VmRSS') };
}
