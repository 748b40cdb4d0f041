import { execFile } from 'node:child_process';
import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { testNetwork } from '../../../../tests/helpers/test-network.ts';
import { exchange as exchangeBy, ExchangeError, type Request } from './http-client.ts';
import { createLines, type Lines } from './lines.ts';

const network = testNetwork();
const exchange = (url: string, request: Omit<Request, 'network'> = {}) =>
  exchangeBy(url, { ...request, network });

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** A server that does what it is told with each connection; gives its address. */
async function listening(server: net.Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket.on('error', () => undefined));
  });
  cleanups.push(() => {
    for (const socket of open) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function someLines(): Lines {
  const lines = createLines(network);
  cleanups.push(() => lines.close());
  return lines;
}

const failure = async (work: Promise<unknown>) => {
  const thrown: unknown = await work.catch((error: unknown) => error);
  if (!(thrown instanceof ExchangeError)) throw new Error('it should have failed');
  return thrown;
};

test('an answer is read whole, with what it says about patience', async () => {
  const url = await listening(
    http.createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        response.writeHead(429, { 'retry-after': '7' });
        response.end(JSON.stringify({ method: request.method, token: request.headers['token'], body }));
      });
    }),
  );
  const answer = await exchange(url, { method: 'POST', token: 'secret', body: { text: '明天' } });
  expect(answer).toEqual({
    status: 429,
    retryAfter: 7,
    json: { method: 'POST', token: 'secret', body: '{"text":"明天"}' },
  });
});

test.each<[string, (socket: Socket) => void]>([
  ['closed at once', (socket) => socket.destroy()],
  ['reset after the request', (socket) => socket.once('data', () => socket.resetAndDestroy())],
  ['closed after the request', (socket) => socket.once('data', () => socket.end())],
  [
    'closed within the head',
    (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-le')),
  ],
  [
    'closed within the body',
    (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf')),
  ],
  [
    'pointed elsewhere',
    (socket) =>
      socket.once('data', () =>
        socket.end('HTTP/1.1 302 Found\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n'),
      ),
  ],
  ['no HTTP', (socket) => socket.once('data', () => socket.end('220 mail.example ESMTP\r\n'))],
])('%s: a failure that says the request may have arrived', async (_what, treat) => {
  const url = await listening(net.createServer(treat));
  const thrown = await failure(exchange(url, { method: 'POST', body: {}, lines: someLines() }));
  expect(thrown.mayHaveArrived).toBe(true);
});

test('nobody listens: the request cannot have arrived', async () => {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const thrown = await failure(exchange(`http://127.0.0.1:${port}/`, { method: 'POST', body: {} }));
  expect(thrown.mayHaveArrived).toBe(false);
});

test('the very first exchange of a process ends with its connection, and not with its patience', async () => {
  // `fetch` hangs here: its parser is compiled during the first exchange, and it misses a close until then.
  for (const delay of [0, 1, 2]) {
    const url = await listening(net.createServer((socket) => void setTimeout(() => socket.destroy(), delay)));
    const source = `
      const { exchange } = await import(${JSON.stringify(new URL('./http-client.ts', import.meta.url).href)});
      const { testNetwork } = await import(${JSON.stringify(new URL('../../../../tests/helpers/test-network.ts', import.meta.url).href)});
      await exchange(${JSON.stringify(url)}, { method: 'POST', body: {}, network: testNetwork() }).catch((error) => console.log(String(error.cause.cause)));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--import',
      'tsx',
      '--input-type=module',
      '--eval',
      source,
    ]);
    expect(stdout).toMatch(/\S/u);
    expect(stdout).not.toContain('in time');
  }
}, 60_000);

test('a server that says nothing is waited for as long as agreed', async () => {
  const url = await listening(net.createServer(() => undefined));
  const thrown = await failure(exchange(url, { timeoutMilliseconds: 60 }));
  expect(String((thrown.cause as Error).cause)).toContain('in time');
});

test('an exchange can be given up, before and while it is under way', async () => {
  const url = await listening(net.createServer(() => undefined));
  await failure(exchange(url, { signal: AbortSignal.abort() }));
  const abort = new AbortController();
  const under = failure(exchange(url, { signal: abort.signal }));
  abort.abort();
  await under;
});

test('an answer without end is not read to its end', async () => {
  const url = await listening(
    http.createServer((_request, response) => {
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(64 * 1024)));
      };
      response.on('drain', pour);
      pour();
    }),
  );
  const thrown = await failure(exchange(url));
  expect(String((thrown.cause as Error).cause)).toContain('too large');
});

test('connections are kept, and closed when they may be dead: the next exchange has a fresh one', async () => {
  let connections = 0;
  const server = http.createServer((_request, response) => response.end('{}'));
  server.on('connection', () => (connections += 1));
  const url = await listening(server);
  const lines = someLines();
  for (let turn = 0; turn < 3; turn++) await exchange(url, { lines });
  expect(connections).toBe(1);
  lines.closeIdle();
  await exchange(url, { lines });
  expect(connections).toBe(2);
});

test('after one that got no answer, the kept connections are not trusted either', async () => {
  let connections = 0;
  let silent = false;
  const server = http.createServer((_request, response) => {
    if (!silent) response.end('{}');
  });
  server.on('connection', () => (connections += 1));
  const url = await listening(server);
  const lines = someLines();
  await Promise.all([exchange(url, { lines }), exchange(url, { lines })]);
  expect(connections).toBe(2);
  silent = true;
  await failure(exchange(url, { lines, timeoutMilliseconds: 50 }));
  silent = false;
  await exchange(url, { lines });
  expect(connections).toBe(3);
});
