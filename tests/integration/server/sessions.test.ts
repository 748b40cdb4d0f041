/** Tokens, takeover, limits, stopping. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { v4 as uuid } from 'uuid';
import { expect, test } from 'vitest';
import { StorageUnusableError } from '../../../server/server.ts';
import type { PlainAccount } from '../../helpers/plain-egg-im/plain-client.ts';
import { query, temporaryDirectory, testServer } from './harness.ts';

const FORCE_LOGOUT = { msg: 'force_logout', data: '你的账号在其他设备登录' };

test('a token says nothing but id, role, time and a random part; it is stored hashed', async () => {
  const { client, directory } = await testServer();
  const anna = await client.register('anna01');
  const payload = JSON.parse(Buffer.from(anna.token.split('.')[1] ?? '', 'base64url').toString()) as object;
  expect(Object.keys(payload).sort()).toEqual(['iat', 'id', 'jti', 'role']);
  expect(JSON.stringify(query(directory, 'SELECT * FROM session'))).not.toContain(anna.token);
  const [row] = query(directory, 'SELECT password_hash AS hash FROM account') as { hash: string }[];
  expect(row?.hash).toMatch(/^\$argon2id\$/);
  expect(statSync(join(directory, 'token-secret')).mode & 0o777).toBe(0o600);
});

test('tokens outlive a restart, because the secret does', async () => {
  const first = await testServer();
  const anna = await first.client.register('anna01');
  await first.stop();
  const second = await testServer({ dataDirectory: first.directory });
  expect(
    await second.client.data('POST', '/api/chat/searchUser', { token: anna.token, json: { keyword: 'x' } }),
  ).toEqual([]);
});

test('a second socket takes over: the one before is closed, and its end does not harm the newer', async () => {
  const { client } = await testServer();
  const [anna, bert] = await client.registerAll('anna01', 'bert01');
  const plain = await client.connect(anna);
  const extended = await client.connect(anna, '&client=magpie&device=desktop-1');
  expect(await plain.next(({ msg }) => msg !== undefined)).toEqual(FORCE_LOGOUT);
  expect(await plain.untilClosed()).toBe(1005);
  const third = await client.connect(anna);
  // It may be the younger one, so it is not told that its session was over.
  expect(await extended.untilClosed()).toBe(4002);
  expect(extended.frames.filter(({ msg }) => msg !== undefined)).toEqual([]);
  await client.befriend(bert, anna);
  expect((await third.nextMessage())['type']).toBe('systemNotice');
  expect(third.closed).toBeUndefined();
});

test('a sign-in elsewhere ends the socket of the session before', async () => {
  const { client } = await testServer();
  const anna = await client.register('anna01');
  const socket = await client.connect(anna);
  await client.login('anna01');
  expect(await socket.next(({ msg }) => msg !== undefined)).toEqual(FORCE_LOGOUT);
  expect(await socket.untilClosed()).toBe(1005);
  const refused = client.socket(`/ws?token=${anna.token}`);
  expect(await refused.next()).toEqual({ msg: 'fail', data: 'Token 不合法' });
  expect(await refused.untilClosed()).toBe(1005);
});

test('a guest who registers on the same device is not told to be kicked, and gets its messages on the new socket', async () => {
  const { client } = await testServer({ guestSalt: 'pepper' });
  const deviceId = uuid();
  const { body } = await client.guestCall('visitorRegister', { deviceId }, 'pepper');
  const guest = (body as { data: PlainAccount }).data;
  const old = await client.connect(guest);
  const credentials = { deviceId, username: 'vera01', password: 'secret12' };
  const answer = await client.guestCall('visitorregChat', credentials, 'pepper');
  const vera = (answer.body as { data: PlainAccount }).data;
  expect([vera.id, vera.uuid, vera.role]).toEqual([guest.id, guest.uuid, 'user']);
  const anna = await client.register('anna01');
  await client.befriend(anna, vera);
  const socket = await client.connect(vera);
  await client.flushOffline(vera);
  expect((await socket.nextMessage())['from_id']).toBe(anna.id);
  expect(old.messages).toEqual([]);
  expect(old.frames.filter(({ msg }) => msg !== undefined)).toEqual([]);
});

test('after a logout nothing is delivered to the socket that is still open', async () => {
  const { client } = await testServer();
  const [anna, bert] = await client.registerAll('anna01', 'bert01');
  const socket = await client.connect(anna);
  expect(await client.data('POST', '/api/chat/logout', { token: anna.token })).toBe(true);
  await client.befriend(bert, anna);
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(socket.messages).toEqual([]);
  expect(socket.closed).toBeUndefined();
});

test('the server pings every so often and ends sockets that fell silent', async () => {
  const { client } = await testServer({ pingSeconds: 0.1, deadAfterSeconds: 0.5 });
  const anna = await client.register('anna01');
  const socket = await client.connect(anna);
  expect(await socket.next(({ type }) => type === 'ping')).toEqual({ type: 'ping' });
  await new Promise((resolve) => setTimeout(resolve, 900));
  expect(socket.closed).toBeUndefined();
  socket.web.pause();
  await new Promise((resolve) => setTimeout(resolve, 900));
  socket.web.resume();
  expect(await socket.untilClosed()).toBe(1006);
});

test('guessing a password is slowed down, and the right one has to wait as well', async () => {
  let now = Date.now();
  const { client } = await testServer({ freeLoginAttempts: 2 }, { now: () => now });
  await client.register('anna01');
  await expect(client.login('anna01', 'wrong001')).rejects.toThrow('400 账户或密码错误');
  await expect(client.login('anna01', 'wrong002')).rejects.toThrow('400 账户或密码错误');
  const answer = await client.call('POST', '/api/loginChat', {
    json: { username: 'anna01', password: 'secret12' },
  });
  expect([answer.status, answer.body]).toEqual([429, { msg: 'fail', data: '登录失败次数过多，请1秒后再试' }]);
  now += 1500;
  expect((await client.login('anna01')).username).toBe('anna01');
});

test('limits on requests, sends and sockets', async () => {
  let now = Date.now();
  const options = { now: () => now };
  const { client, origin } = await testServer({ requestsPerSecond: 1, maxConnectionsPerAddress: 1 }, options);
  const statuses: number[] = [];
  for (let index = 0; index < 12; index++) statuses.push((await fetch(`${origin}/api/capabilities`)).status);
  expect(statuses).toEqual([...Array<number>(10).fill(200), 429, 429]);
  now += 60_000;
  const anna = await client.register('anna01');
  await client.connect(anna);
  const second = client.socket(`/ws?token=${anna.token}`);
  await second.untilClosed();
  expect(second.refused).toBe(503);

  const slow = await testServer({ sendsPerSecond: 1 }, options);
  const [carl, dora] = await slow.client.registerFriends('carl01', 'dora01');
  for (let index = 0; index < 20; index++) await slow.client.sendText(carl, dora.id, 'x');
  await expect(slow.client.sendText(carl, dora.id, 'x')).rejects.toThrow('429 请求过于频繁，请稍后再试');
});

test('a graceful stop tells our clients 1001, drops plain ones so that they reconnect, and finishes requests', async () => {
  const server = await testServer();
  const { client } = server;
  const [anna, bert] = await client.registerAll('anna01', 'bert01');
  const [plain, extended] = [await client.connect(anna), await client.connect(bert, '&client=magpie')];
  const running = client.login('anna01').catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 5));
  await server.stop();
  expect([await plain.untilClosed(), await extended.untilClosed()].slice(1)).toEqual([1001]);
  expect(await running).toBeDefined();
});

test('a damaged, newer, foreign or used data folder stops the start with one line and stays as it is', async () => {
  const cases: [string, (path: string) => void][] = [
    ['file is not a database', (path) => writeFileSync(path, 'nothing like a database'.repeat(400))],
  ];
  for (const [text, prepare] of cases) {
    const dataDirectory = temporaryDirectory();
    mkdirSync(dataDirectory, { recursive: true });
    const path = join(dataDirectory, 'magpie.db');
    prepare(path);
    const before = readFileSync(path);
    await expect(testServer({ dataDirectory })).rejects.toThrow(text);
    await expect(testServer({ dataDirectory })).rejects.toBeInstanceOf(StorageUnusableError);
    expect(readFileSync(path).equals(before)).toBe(true);
  }
  const first = await testServer();
  await expect(testServer({ dataDirectory: first.directory })).rejects.toThrow('another server is using');
  await first.stop();
  query(first.directory, 'PRAGMA user_version = 99');
  await expect(testServer({ dataDirectory: first.directory })).rejects.toThrow('newer version');
  query(first.directory, 'PRAGMA user_version = 1');
  query(first.directory, 'PRAGMA application_id = 7');
  await expect(testServer({ dataDirectory: first.directory })).rejects.toThrow('another program');
});

test('an upgrade elsewhere ends with a bare 404', async () => {
  const { origin } = await testServer();
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1', () => {
      socket.write('GET /ws/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    });
    socket.once('data', (data) => resolve(data.toString()));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
});
