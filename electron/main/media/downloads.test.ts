/** How files come from a server into the cache, with a server that stands still, breaks off and goes on as the test wants it. */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { wantedBytes } from '#protocol/wire/byte-range';
import { accountMedia } from '../../../tests/helpers/account-media.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import type { AccountMediaOptions } from './account-media.ts';
import { KEEP_LIMIT } from './downloads.ts';

const FILM = randomBytes(3_000_000);
const TAG = '"film"';

let folder = '';
const cleanups: (() => void)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-downloads-'));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) cleanup();
  await rm(folder, { recursive: true, force: true });
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(answer: Answer) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.headers.range ?? 'all'}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/film`, asked };
}

function createMedia(given: Partial<AccountMediaOptions> = {}) {
  const progress: number[] = [];
  const media = accountMedia({
    ...given,
    folder,
    dialect: { accessTo: (url) => (url.endsWith('/foreign') ? null : { url, headers: {} }) },
    onProgress: ({ done }) => progress.push(done),
  });
  cleanups.push(() => media.stop());
  return Object.assign(media, { progress });
}

async function opened(media: ReturnType<typeof createMedia>, url: string) {
  const file = await media.open(url);
  if (file.kind !== 'local') throw new Error(file.kind);
  return {
    ...file,
    part: async (start: number, end: number) => buffer(await file.read({ start, end })),
  };
}

/** Answers a part as servers do; all of it with the head that is given. */
function part({ headers }: IncomingMessage, response: ServerResponse): boolean {
  const wanted = wantedBytes(headers.range, FILM.length);
  if (typeof wanted === 'string') return false;
  response
    .writeHead(206, {
      'content-type': 'video/mp4',
      'content-range': `bytes ${wanted.start}-${wanted.end}/${FILM.length}`,
      'content-length': wanted.end - wanted.start + 1,
      etag: TAG,
    })
    .end(FILM.subarray(wanted.start, wanted.end + 1));
  return true;
}
const HEAD = { 'content-type': 'video/mp4', 'content-length': FILM.length, etag: TAG };
const contents = () => readdir(join(folder, 'media', 'cache', 'content'));

test('a film plays from its first bytes and jumps ahead while the rest is on its way; then it is here', async () => {
  let rest: () => void = () => undefined;
  const { url, asked } = await serve((request, response) => {
    if (request.method === 'HEAD') return response.writeHead(200, HEAD).end();
    if (part(request, response)) return undefined;
    response.writeHead(200, HEAD).write(FILM.subarray(0, 1_000_000));
    rest = () => response.end(FILM.subarray(1_000_000));
    return undefined;
  });
  const media = createMedia();
  expect(await media.state(url)).toBe('on-server');
  const film = await opened(media, url);
  expect([film.size, film.mime]).toEqual([FILM.length, 'video/mp4']);
  expect((await film.part(0, 499_999)).equals(FILM.subarray(0, 500_000))).toBe(true);
  expect(await media.state(url)).toBe('loading');
  expect((await film.part(2_900_000, 2_999_999)).equals(FILM.subarray(2_900_000))).toBe(true);
  expect(asked).toEqual(['HEAD all', 'GET all', 'GET bytes=2900000-2999999']);

  // What comes soon is waited for, and nobody loads the film a second time.
  const along = film.part(900_000, 1_499_999);
  const again = (await opened(media, url)).part(0, 99);
  expect((await again).equals(FILM.subarray(0, 100))).toBe(true);
  rest();
  expect((await along).equals(FILM.subarray(900_000, 1_500_000))).toBe(true);
  await expect.poll(() => media.state(url)).toBe('here');
  expect(asked).toHaveLength(3);

  const later = createMedia();
  const offline = await opened(later, url);
  expect((await buffer(await offline.read())).equals(FILM)).toBe(true);
  expect(asked).toHaveLength(3);
});

test('a server that knows no parts: what lies ahead comes in its turn', async () => {
  let rest: () => void = () => undefined;
  const { url } = await serve(({ headers }, response) => {
    if (headers.range !== undefined) return void response.writeHead(200, HEAD).end(FILM);
    response.writeHead(200, HEAD).write(FILM.subarray(0, 1000));
    rest = () => response.end(FILM.subarray(1000));
  });
  const film = await opened(createMedia(), url);
  const ahead = film.part(2_000_000, 2_000_099);
  rest();
  expect((await ahead).equals(FILM.subarray(2_000_000, 2_000_100))).toBe(true);
});

test('a line that breaks costs what was on it: the rest is asked for', async () => {
  let cuts = 0;
  const { url, asked } = await serve((request, response) => {
    const wanted = wantedBytes(request.headers.range, FILM.length);
    const start = typeof wanted === 'string' ? 0 : wanted.start;
    cuts += 1;
    if (cuts === 3) return void part(request, response);
    response.writeHead(start === 0 ? 200 : 206, {
      ...HEAD,
      'content-length': FILM.length - start,
      'content-range': `bytes ${start}-${FILM.length - 1}/${FILM.length}`,
    });
    response.write(FILM.subarray(start, start + 700_000), () => response.destroy());
  });
  const media = createMedia();
  const film = await opened(media, url);
  expect((await buffer(await film.read())).equals(FILM)).toBe(true);
  expect(asked).toHaveLength(3);
  expect(asked[0]).toBe('GET all');
  await expect.poll(() => media.state(url)).toBe('here');
});

test('another file in its place is not taken for its rest', async () => {
  let cut: () => void = () => undefined;
  const { url } = await serve(({ headers }, response) => {
    if (headers.range !== undefined) return void response.writeHead(200, HEAD).end(FILM);
    response.writeHead(200, HEAD).write(FILM.subarray(0, 1000));
    cut = () => void response.destroy();
  });
  const media = createMedia();
  const film = await opened(media, url);
  await film.part(0, 999);
  cut();
  await expect(buffer(await film.read())).rejects.toThrow();
  expect(await contents()).toEqual([]);
});

/** Answers with the first bytes of what is asked for and no more, until it is to be whole. */
async function standing(bytes: number) {
  const state = { isWhole: false, held: 0 };
  const served = await serve((request, response) => {
    const wanted = wantedBytes(request.headers.range, FILM.length);
    const { start, end } = typeof wanted === 'string' ? { start: 0, end: FILM.length - 1 } : wanted;
    response.writeHead(request.headers.range === undefined ? 200 : 206, {
      ...HEAD,
      'accept-ranges': 'bytes',
      'content-length': end + 1 - start,
      'content-range': `bytes ${start}-${end}/${FILM.length}`,
    });
    if (state.isWhole) return void response.end(FILM.subarray(start, end + 1));
    state.held += 1;
    response.write(FILM.subarray(start, start + bytes));
  });
  return { ...served, state };
}

test('a line that falls silent in the middle is given up, and the rest comes over another one', async () => {
  const { url, asked, state } = await standing(1_000_000);
  const clock = createFakeClock();
  const media = createMedia({ clock });
  const film = await opened(media, url);
  expect((await film.part(0, 999_999)).equals(FILM.subarray(0, 1_000_000))).toBe(true);
  await expect.poll(() => clock.planned, { message: 'it waits for more' }).toBe(1);
  state.isWhole = true;
  clock.advance(29_999);
  expect(await media.state(url)).toBe('loading');
  clock.advance(1);
  expect((await buffer(await film.read())).equals(FILM)).toBe(true);
  await expect.poll(() => media.state(url)).toBe('here');
  expect(asked).toEqual(['GET all', 'GET bytes=1000000-']);
});

test('a part that is looked at falls silent: its rest is asked for as well', async () => {
  const { url, asked, state } = await standing(100_000);
  const clock = createFakeClock();
  const media = createMedia({ clock });
  const film = await opened(media, url);
  const ahead = await film.read({ start: 2_000_000, end: 2_199_999 });
  const reading = buffer(ahead);
  expect(state.held).toBe(2);
  state.isWhole = true;
  await expect
    .poll(() => (clock.advance(30_000), asked.filter((one) => one.endsWith('-2199999')).length))
    .toBe(2);
  expect((await reading).equals(FILM.subarray(2_000_000, 2_200_000))).toBe(true);
  await expect.poll(() => media.state(url)).toBe('here');
});

test('the network is back: what stands still is asked for anew at once, what still comes is left alone', async () => {
  const { url, asked, state } = await standing(1_000_000);
  const clock = createFakeClock();
  const media = createMedia({ clock });
  const film = await opened(media, url);
  await film.part(0, 999_999);
  await expect.poll(() => clock.planned, { message: 'it waits for more' }).toBe(1);
  clock.advance(1_999);
  media.wake();
  expect(asked).toHaveLength(1);
  state.isWhole = true;
  clock.advance(1);
  media.wake();
  expect((await buffer(await film.read())).equals(FILM)).toBe(true);
  await expect.poll(() => media.state(url)).toBe('here');
  expect(asked).toEqual(['GET all', 'GET bytes=1000000-']);
});

test('a network that is away when the rest is asked for is waited for', async () => {
  let tries = 0;
  const { url } = await serve((request, response) => {
    tries += 1;
    if (tries === 1) return void response.writeHead(200, HEAD).write(FILM.subarray(0, 1_000_000));
    if (tries < 4) return void response.destroy();
    return void part(request, response);
  });
  const clock = createFakeClock();
  const media = createMedia({ clock });
  const film = await opened(media, url);
  await film.part(0, 999_999);
  await expect.poll(() => clock.planned, { message: 'it waits for more' }).toBe(1);
  clock.advance(30_000);
  await expect.poll(() => (media.wake(), tries)).toBe(4);
  expect((await buffer(await film.read())).equals(FILM)).toBe(true);
  await expect.poll(() => media.state(url)).toBe('here');
});

test('when the account ends, nothing is asked for any more', async () => {
  const { url, asked } = await standing(1_000_000);
  const clock = createFakeClock();
  const media = createMedia({ clock });
  const film = await opened(media, url);
  await film.part(0, 999_999);
  const rest = film.part(1_000_000, 2_999_999).catch((thrown: unknown) => thrown);
  media.stop();
  expect(await rest).toMatchObject({ code: 'server-unreachable' });
  expect([asked, clock.planned]).toEqual([['GET all'], 0]);
});

test('a server that stays away is given up in the end', async () => {
  let tries = 0;
  const { url } = await serve((_request, response) => {
    tries += 1;
    if (tries > 1) return void response.destroy();
    response.writeHead(200, HEAD).write(FILM.subarray(0, 1000));
  });
  const clock = createFakeClock();
  const film = await opened(createMedia({ clock }), url);
  await film.part(0, 999);
  const whole = film
    .read()
    .then(buffer)
    .catch((thrown: unknown) => thrown);
  let end: unknown;
  void whole.then((value) => (end = value));
  await expect
    .poll(() => (clock.runNext(), end), { interval: 5 })
    .toMatchObject({ code: 'server-unreachable' });
  expect(tries).toBeGreaterThan(2);
  expect(await contents()).toEqual([]);
});

test('what is too large to keep is saved to its end, however often its line breaks', async () => {
  let cuts = 0;
  const { url, asked } = await serve((request, response) => {
    const wanted = wantedBytes(request.headers.range, FILM.length);
    const start = typeof wanted === 'string' ? 0 : wanted.start;
    response.writeHead(start === 0 ? 200 : 206, {
      ...HEAD,
      'content-length': FILM.length - start,
      'content-range': `bytes ${start}-${FILM.length - 1}/${FILM.length}`,
    });
    cuts += 1;
    if (cuts > 2) response.end(FILM.subarray(start));
    else response.write(FILM.subarray(start, start + 1_000_000));
    if (cuts <= 2) cut = () => void response.destroy();
  });
  let cut: () => void = () => undefined;
  const media = createMedia({ keepLimit: 1_000_000 });
  const file = { url, name: 'film.mp4', size: FILM.length, mime: 'video/mp4' };
  const saved = media.save(file, 'one', { folder: join(folder, 'downloads') });
  for (const done of [1_000_000, 2_000_000]) {
    await expect.poll(() => media.progress.at(-1)).toBe(done);
    cut();
  }
  expect((await readFile(await saved)).equals(FILM)).toBe(true);
  expect(asked).toEqual(['GET all', 'GET bytes=1000000-', 'GET bytes=2000000-']);
  expect(await contents(), 'nothing of it is kept').toEqual([]);
});

test('a save that fails blames who is to blame', async () => {
  const { url } = await serve((request, response) => {
    if (request.headers.range !== undefined) return void response.writeHead(404).end();
    response.writeHead(200, HEAD).write(FILM.subarray(0, 1_000_000));
    cut = () => void response.destroy();
  });
  let cut: () => void = () => undefined;
  const media = createMedia({ keepLimit: 1_000_000 });
  const downloads = join(folder, 'downloads');
  const file = { url, name: 'film.mp4', size: FILM.length, mime: 'video/mp4' };
  const gone = media.save(file, 'one', { folder: downloads });
  await expect.poll(() => media.progress.at(-1)).toBe(1_000_000);
  cut();
  await expect(gone).rejects.toMatchObject({ code: 'file-gone' });
  expect(await readdir(downloads)).toEqual([]);
  await mkdir(join(downloads, 'other.mp4.part'));
  const unwritable = media.save({ ...file, name: 'other.mp4' }, 'two', { folder: downloads });
  await expect(unwritable).rejects.toMatchObject({ code: 'file-not-writable' });
});

test('what is too large to keep is played from the server', async () => {
  const { url, asked } = await serve((_request, response) => {
    response.writeHead(200, { ...HEAD, 'content-length': KEEP_LIMIT + 1 }).write('a');
  });
  const media = createMedia();
  expect(await media.open(url)).toMatchObject({ kind: 'remote', url });
  expect(await media.open(url)).toMatchObject({ kind: 'remote', url });
  expect(asked, 'the second time that is known').toHaveLength(1);
  expect(await contents()).toEqual([]);
});

test('a file of unknown length is loaded before it is shown', async () => {
  const { url } = await serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'image/png' }).write('hello ');
    response.end('world');
  });
  const file = await opened(createMedia(), url);
  expect([file.size, (await buffer(await file.read())).toString()]).toEqual([11, 'hello world']);
});

test.each([
  [404, 'video/mp4', 'gone', 'gone'],
  [200, 'application/json; charset=utf-8', 'gone', 'gone'],
  [403, 'video/mp4', 'refused', 'refused'],
  [503, 'video/mp4', 'unreachable', 'unreachable'],
  [429, 'video/mp4', 'unreachable', 'unreachable'],
  [408, 'text/html', 'unreachable', 'unreachable'],
])('the server answers %i with %s', async (status, type, kind, state) => {
  const { url } = await serve((_request, response) =>
    response.writeHead(status, { 'content-type': type }).end(),
  );
  const media = createMedia();
  expect(await media.open(url)).toEqual({ kind });
  expect(await media.state(url)).toBe(state);
});

test('nobody there, and files of others', async () => {
  const media = createMedia();
  expect(await media.open('http://127.0.0.1:1/a')).toEqual({ kind: 'unreachable' });
  expect(await media.state('http://127.0.0.1:1/a')).toBe('unreachable');
  expect(await media.open('http://127.0.0.1:1/foreign')).toEqual({ kind: 'refused' });
  expect(await media.state('http://127.0.0.1:1/foreign')).toBe('refused');
});

test('who saves what is on its way already sees how far it is, and may give up at once', async () => {
  let rest: () => void = () => undefined;
  const { url } = await serve((_request, response) => {
    response.writeHead(200, HEAD).write(FILM.subarray(0, 1000));
    rest = () => response.end(FILM.subarray(1000));
  });
  const media = createMedia();
  await opened(media, url);
  const file = { url, name: 'film.mp4', size: FILM.length, mime: 'video/mp4' };
  const downloads = join(folder, 'downloads');
  const givenUp = media.save(file, 'one', { folder: downloads });
  const saved = media.save(file, 'two', { folder: downloads });
  media.cancelSaving('one');
  await expect(givenUp).rejects.toMatchObject({ code: 'cancelled' });
  rest();
  await saved;
  expect(media.progress.at(-1)).toBe(FILM.length);
});

test('a download that everybody has given up ends, and one that somebody sees goes on', async () => {
  let gone = 0;
  const { url, asked } = await serve((request, response) => {
    if (request.method === 'HEAD') return response.writeHead(200, HEAD).end();
    response.writeHead(200, HEAD).write(FILM.subarray(0, 1000));
    response.on('close', () => (gone += 1));
    return undefined;
  });
  const media = createMedia();
  const file = { url, name: 'film.mp4', size: FILM.length, mime: 'video/mp4' };
  const downloads = join(folder, 'downloads');
  const saved = ['one', 'two'].map((id) => {
    const end = media.save(file, id, { folder: downloads });
    void end.catch(() => undefined);
    return end;
  });
  await expect.poll(() => media.progress.length).toBeGreaterThan(1);
  media.cancelSaving('one');
  await expect(saved[0]).rejects.toMatchObject({ code: 'cancelled' });
  expect(gone).toBe(0);
  media.cancelSaving('two');
  await expect(saved[1]).rejects.toMatchObject({ code: 'cancelled' });
  await expect.poll(() => gone).toBe(1);
  await expect.poll(contents).toEqual([]);
  const told = media.progress.length;
  expect(await media.state(url)).toBe('on-server');
  expect(media.progress).toHaveLength(told);

  // It is asked for anew, and whoever looks at it keeps it coming.
  const again = media.save(file, 'three', { folder: downloads });
  void again.catch(() => undefined);
  await opened(media, url);
  media.cancelSaving('three');
  await expect(again).rejects.toMatchObject({ code: 'cancelled' });
  expect(await media.state(url)).toBe('loading');
  expect(gone).toBe(1);
  expect(asked.filter((one) => one === 'GET all')).toHaveLength(2);
});
