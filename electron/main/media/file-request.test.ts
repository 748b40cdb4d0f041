import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { testNetwork } from '../../../tests/helpers/test-network.ts';
import { requestFile } from './file-request.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const SERVER = '127.0.0.1';
/** Another computer. */
const ELSEWHERE = '127.0.0.2';

/** Answers with a file, or leads to `location`; remembers what it was asked with. */
async function serve(host: string, location?: () => string) {
  const asked: { token: string | undefined; range: string | undefined }[] = [];
  const server = createServer(({ headers }, response) => {
    asked.push({ token: headers['token'] as string | undefined, range: headers.range });
    if (location === undefined) response.end('content');
    else response.writeHead(302, { location: location() }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://${host}:${(server.address() as AddressInfo).port}/file`, asked };
}

const ask = (url: string, isPublic?: (address: string) => boolean) =>
  requestFile(
    testNetwork(isPublic === undefined ? {} : { isPublic }),
    { url, headers: { token: 'secret' } },
    { range: 'bytes=0-3', signal: new AbortController().signal },
  );

test('to a storage on the host of the server, which gets the range and no token', async () => {
  const storage = await serve(SERVER);
  const server = await serve(SERVER, () => storage.url);
  expect(await (await ask(server.url)).text()).toBe('content');
  expect(server.asked).toEqual([{ token: 'secret', range: 'bytes=0-3' }]);
  expect(storage.asked).toEqual([{ token: undefined, range: 'bytes=0-3' }]);
});

test('to a storage on the public network, and to nobody else in this one', async () => {
  const storage = await serve(ELSEWHERE);
  const server = await serve(SERVER, () => storage.url);
  await expect(ask(server.url)).rejects.toThrow();
  expect(storage.asked).toEqual([]);
  expect(await (await ask(server.url, (address) => address === ELSEWHERE)).text()).toBe('content');
});

test('once, and to web addresses only', async () => {
  const storage = await serve(SERVER);
  const around = await serve(SERVER, () => storage.url);
  const server = await serve(SERVER, () => around.url);
  await expect(ask(server.url)).rejects.toThrow();
  expect(storage.asked).toEqual([]);
  for (const location of ['', 'file:///etc/passwd', '/elsewhere'])
    await expect(ask((await serve(SERVER, () => location)).url), location).rejects.toThrow();
});

test('what lies elsewhere by its own address: on the public network, without following anything', async () => {
  const storage = await serve(ELSEWHERE);
  const leading = await serve(ELSEWHERE, () => storage.url);
  const load = (url: string, isPublic: (address: string) => boolean) =>
    requestFile(
      testNetwork({ isPublic }),
      { url, headers: {}, outside: true },
      { range: 'bytes=0-3', signal: new AbortController().signal },
    );
  await expect(load(storage.url, () => false)).rejects.toThrow();
  await expect(load(leading.url, () => true)).rejects.toThrow();
  expect(storage.asked).toEqual([]);
  expect(await (await load(storage.url, () => true)).text()).toBe('content');
  expect(storage.asked).toEqual([{ token: undefined, range: 'bytes=0-3' }]);
});
