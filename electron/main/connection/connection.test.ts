import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { MagpieError } from '#protocol/errors';
import type { ConnectionState } from '#protocol/model/session';
import { parseFrame } from '../dialects/egg-im/parse-frame.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { silentLogger } from '../support/logger.ts';
import { testNetwork } from '../../../tests/helpers/test-network.ts';
import {
  CHECK_PATIENCE,
  createConnection,
  PROBE_EVERY,
  RENEW_AFTER,
  SILENCE_LIMIT,
  type Connection,
} from './connection.ts';

let server: WebSocketServer;
let sockets: WebSocket[];
let received: string[];
let clock: FakeClock;
let connection: Connection;
let states: ConnectionState[];
let events: string[];
let ends: { kicked: boolean; error: MagpieError }[];
let flushes: number;
let flush: () => Promise<void>;
let stored: Promise<void>;
let probes: number;

const WELCOME = '{"type":"system","data":"welcome"}';

beforeEach(async () => {
  [sockets, received, states, events, ends, flushes] = [[], [], [], [], [], 0];
  flush = async () => undefined;
  stored = Promise.resolve();
  probes = 0;
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) => {
    sockets.push(socket);
    socket.on('ping', () => void (probes += 1));
    socket.on('message', (data) => received.push(String(data)));
  });
  await new Promise((resolve) => server.once('listening', resolve));
  clock = createFakeClock();
});
afterEach(async () => {
  connection.stop();
  for (const socket of server.clients) socket.terminate();
  await new Promise((resolve) => server.close(resolve));
});

function begin(clearCloseReasons = true, renewAfter = RENEW_AFTER): void {
  const { port } = server.address() as AddressInfo;
  connection = createConnection({
    clock,
    renewAfter,
    logger: silentLogger,
    dialect: {
      clearCloseReasons,
      pingFrame: '{"type":"ping"}',
      pongFrame: '{"type":"pong"}',
      network: testNetwork(),
      socketUrl: () => `ws://127.0.0.1:${port}/ws`,
      parseFrame: (text) => parseFrame(text, { origin: 'http://x', accountId: 7 }),
      flushOffline: () => {
        flushes += 1;
        return flush();
      },
    },
    onState: (state) => void states.push(state),
    stored: () => stored,
    onEvent: ({ event }) => void events.push(event.type === 'message' ? event.message.serverId : 'recall'),
    onEnded: (end) => void ends.push(end),
  });
  connection.start();
}
const last = () => states.at(-1);
/** Lets the time of the planned try come, and no more: beyond it the limit for connecting would pass too. */
const planned = () => {
  const state = last();
  if (state?.state !== 'offline' || state.retryAt === null) throw new Error('no try is planned');
  clock.advance(state.retryAt - clock.now());
};
const socket = async (index: number): Promise<WebSocket> => {
  await expect.poll(() => sockets.length).toBeGreaterThan(index);
  return sockets[index] as WebSocket;
};
const online = async (index = 0): Promise<WebSocket> => {
  const found = await socket(index);
  found.send(WELCOME);
  await expect.poll(() => last()?.state).toBe('online');
  return found;
};

test('online only after the server registered us and gave what waited; pings are answered', async () => {
  begin();
  const one = await socket(0);
  expect(flushes).toBe(0);
  one.send('{"type":"ping"}');
  await expect.poll(() => received).toContain('{"type":"pong"}');
  await expect.poll(() => last()?.state).toBe('online');
  expect(flushes).toBe(1);
});

test('a lost socket is opened again after a pause that grows and stays within its bounds', async () => {
  begin();
  (await online()).terminate();
  await expect.poll(() => last()?.state).toBe('offline');
  const state = last();
  if (state?.state !== 'offline') throw new Error('not offline');
  expect(state.reason).toBe('lost');
  expect((state.retryAt ?? 0) - clock.now()).toBeGreaterThanOrEqual(1_000);
  clock.advance(999);
  expect(last()?.state).toBe('offline');
  planned();
  expect(last()).toMatchObject({ state: 'connecting', attempt: 2 });
  await online(1);
  expect(ends).toEqual([]);
});

test('reconnect now does not wait, and does nothing while online', async () => {
  begin();
  (await online()).terminate();
  await expect.poll(() => last()?.state).toBe('offline');
  connection.reconnectNow();
  await online(1);
  connection.reconnectNow();
  expect(sockets).toHaveLength(2);
});

test('silence ends the socket within twenty seconds, a sign of life in time does not', async () => {
  begin();
  const one = await online();
  clock.advance(2 * PROBE_EVERY);
  await expect.poll(() => probes).toBe(2);
  one.send(
    '{"type":"singleChat","data":{"id":"alive","from_id":6,"to_id":7,"chatType":"single","type":"text","data":"x","create_time":1}}',
  );
  await expect.poll(() => events).toEqual(['alive']);
  clock.advance(SILENCE_LIMIT - 1_000);
  expect(last()?.state).toBe('online');
  clock.advance(1_000);
  expect(last()).toMatchObject({ state: 'offline', reason: 'silent' });
  expect(SILENCE_LIMIT).toBeLessThanOrEqual(20_000);
});

test('an idle socket lives on the pongs of the other end, and says a ping of the dialect now and then', async () => {
  begin();
  await online();
  for (let round = 1; round <= 8; round += 1) {
    clock.advance(PROBE_EVERY);
    await expect.poll(() => probes).toBe(round);
    // The pong comes back in its own time; without it the socket would be dead after four rounds.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(last()?.state).toBe('online');
  await expect.poll(() => received.filter((text) => text === '{"type":"ping"}')).toHaveLength(2);
});

test("setting the computer's clock neither ends a good socket nor keeps a dead one", async () => {
  begin();
  await online();
  clock.set(48 * 3_600_000);
  clock.advance(PROBE_EVERY);
  expect(last()?.state).toBe('online');
  clock.set(-96 * 3_600_000);
  await expect.poll(() => probes).toBe(1);
  sockets[0]?.pause();
  clock.advance(2 * SILENCE_LIMIT);
  expect(states.some((state) => state.state === 'offline' && state.reason === 'silent')).toBe(true);
});

test('a server hears that messages arrived only when they are stored', async () => {
  begin();
  const one = await online();
  let release = () => undefined as void;
  stored = new Promise((resolve) => (release = resolve));
  const pongs: string[] = [];
  one.on('pong', (data) => pongs.push(String(data)));
  one.ping('17');
  one.send(
    '{"type":"singleChat","data":{"id":"behind","from_id":6,"to_id":7,"chatType":"single","type":"text","data":"x","create_time":1}}',
  );
  await expect.poll(() => events).toEqual(['behind']);
  expect(pongs).toEqual([]);
  release();
  await expect.poll(() => pongs).toEqual(['17']);
});

test('malformed frames are counted and the next good one arrives', async () => {
  begin();
  const one = await online();
  for (const text of ['', '{', 'null', '[]', '{"type":"singleChat","data":{}}']) one.send(text);
  one.send(
    '{"type":"singleChat","data":{"id":"good","from_id":6,"to_id":7,"chatType":"single","type":"text","data":"x","create_time":1}}',
  );
  await expect.poll(() => events).toEqual(['good']);
  expect(connection.malformedFrames).toBe(5);
});

test('a frame of ten megabytes ends the socket and nothing else', async () => {
  begin();
  (await online()).send('x'.repeat(10 * 1024 * 1024));
  await expect.poll(() => last()?.state).toBe('offline');
  planned();
  await online(1);
  expect(ends).toEqual([]);
});

test('forced logout, by frame or by code, ends the session at once', async () => {
  begin();
  (await online()).send('{"msg":"force_logout","data":"你的账号在其他设备登录"}');
  await expect.poll(() => ends).toHaveLength(1);
  expect(ends[0]).toMatchObject({
    kicked: true,
    error: { details: { serverText: '你的账号在其他设备登录' } },
  });
  expect(clock.planned).toBe(0);
  begin();
  (await online(1)).close(4001);
  await expect.poll(() => ends).toHaveLength(2);
  expect(ends[1]?.kicked).toBe(true);
});

test('another socket of the session took the place of this one: it was perhaps an older one, so we connect again', async () => {
  begin();
  (await online()).close(4002);
  await expect.poll(() => last()?.state).toBe('offline');
  expect(ends).toEqual([]);
  planned();
  await online(1);
  expect(ends).toEqual([]);
});

test('a plain server: a close without a code is a kick only if the token is dead', async () => {
  begin(false);
  (await online()).close();
  await expect.poll(() => last()?.state).toBe('offline');
  expect(ends).toEqual([]);
  expect(flushes).toBe(2);
  planned();
  const two = await online(1);
  flush = async () => {
    throw new MagpieError('session-ended', 'dead token');
  };
  two.close();
  await expect.poll(() => ends).toHaveLength(1);
  expect(ends[0]?.kicked).toBe(false);
  expect(clock.planned).toBe(0);
});

test('an abnormal close is only network trouble: nobody is asked', async () => {
  begin(false);
  (await online()).terminate();
  await expect.poll(() => last()?.state).toBe('offline');
  expect(flushes).toBe(1);
});

test('a refusal is checked once and then waits long instead of storming', async () => {
  begin();
  (await socket(0)).send('{"msg":"fail","data":"Token 不合法"}');
  await expect.poll(() => last()?.state).toBe('offline');
  expect(last()).toMatchObject({ reason: 'refused', serverText: 'Token 不合法' });
  clock.advance(29_000);
  expect(last()?.state).toBe('offline');
  expect(flushes).toBe(1);
});

test('nothing happens after the stop', async () => {
  begin();
  const one = await online();
  connection.stop();
  await new Promise((resolve) => one.once('close', resolve));
  expect(clock.planned).toBe(0);
  expect(last()?.state).toBe('online');
});

test('a token that the server does not know, and falls over, ends the session; another refusal does not', async () => {
  flush = async () => {
    throw new MagpieError('bad-answer', 'the server failed with 500', { status: 500 });
  };
  begin(false);
  (await socket(0)).send('{"msg":"fail","data":"你已被管理员禁用"}');
  await expect.poll(() => last()?.state).toBe('offline');
  expect(ends).toEqual([]);
  connection.reconnectNow();
  (await socket(1)).send('{"msg":"fail","data":"Token 不合法"}');
  await expect.poll(() => ends).toHaveLength(1);
  expect(ends[0]).toMatchObject({ kicked: false, error: { code: 'session-ended' } });
  expect(clock.planned).toBe(0);
});

test('the socket is renewed before a day is over, because a plain server then forgets who is online', async () => {
  expect(RENEW_AFTER).toBeLessThan(24 * 3_600_000);
  // A day of fake time would need thousands of real frames to keep the socket alive.
  const day = 3 * SILENCE_LIMIT;
  begin(false, day);
  const one = await online();
  const closed = new Promise((resolve) => one.once('close', resolve));
  for (let passed = 0; passed < day; passed += SILENCE_LIMIT / 2) {
    expect(sockets).toHaveLength(1);
    const heard = events.length;
    one.send(
      '{"type":"singleChat","data":{"id":"alive","from_id":6,"to_id":7,"chatType":"single","type":"text","data":"x","create_time":1}}',
    );
    await expect.poll(() => events.length).toBeGreaterThan(heard);
    clock.advance(SILENCE_LIMIT / 2);
  }
  await closed;
  await online(1);
  expect(states.map(({ state }) => state)).toEqual(['connecting', 'online', 'connecting', 'online']);
  expect(flushes).toBe(2);
});

test('when the network comes back nothing waits for the planned time', async () => {
  begin();
  (await online()).terminate();
  await expect.poll(() => last()?.state).toBe('offline');
  connection.check();
  expect(last()?.state).toBe('connecting');
  await online(1);
});

test('when the network changed, a line that answers stays and one that does not is replaced within seconds', async () => {
  begin();
  await online();
  connection.check();
  await expect.poll(() => probes).toBe(1);
  // The answer needs its moment on the loopback line.
  await new Promise((resolve) => setTimeout(resolve, 50));
  clock.advance(CHECK_PATIENCE);
  expect(sockets).toHaveLength(1);
  expect(last()?.state).toBe('online');

  sockets[0]?.pause();
  connection.check();
  clock.advance(CHECK_PATIENCE);
  expect(last()).toMatchObject({ state: 'connecting', attempt: 1 });
  await online(1);
  expect(CHECK_PATIENCE).toBeLessThanOrEqual(20_000);
});
