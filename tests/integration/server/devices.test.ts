/** Sessions of several devices, and what our clients hear on their sockets beyond the protocol. */
import { expect, test } from 'vitest';
import type {
  Frame,
  PlainAccount,
  PlainClient,
  PlainSocket,
} from '../../helpers/plain-egg-im/plain-client.ts';
import { isConnectNotice } from '../../helpers/plain-egg-im/plain-client.ts';
import { loginOn, recall } from './extensions.ts';
import { query, testServer } from './harness.ts';

const OURS = '&client=magpie';
const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
const ofType = (socket: PlainSocket, type: string): Frame[] =>
  socket.frames.filter((frame) => frame['type'] === type);
const say = (socket: PlainSocket, frame: object): void => socket.web.send(JSON.stringify(frame));
const works = async (client: PlainClient, { token }: PlainAccount): Promise<boolean> =>
  (await client.call('GET', '/api/chat/sync', { token })).status === 200;
const read = (client: PlainClient, { token }: PlainAccount, id: number, seq: number): Promise<unknown> =>
  client.data('POST', '/api/chat/read', { token, json: { chatType: 'single', id, seq } });

test('per kind: a desktop replaces a desktop, beside a phone and a plain client', async () => {
  const { client } = await testServer();
  const plain = await client.register('anna01');
  const desktop = await loginOn(client, 'anna01', 'desktop:one');
  const phone = await loginOn(client, 'anna01', 'phone:one');
  const [plainSocket, desktopSocket, phoneSocket] = [
    await client.connect(plain),
    await client.connect(desktop, OURS),
    await client.connect(phone, OURS),
  ];
  const other = await loginOn(client, 'anna01', 'desktop:two');
  expect(await desktopSocket.next(({ msg }) => msg !== undefined)).toMatchObject({ msg: 'force_logout' });
  expect(await desktopSocket.untilClosed()).toBe(4001);
  expect(await Promise.all([plain, desktop, phone, other].map((one) => works(client, one)))).toEqual([
    true,
    false,
    true,
    true,
  ]);
  // The same device again renews its session: nobody is told anything.
  const otherSocket = await client.connect(other, OURS);
  const renewed = await loginOn(client, 'anna01', 'desktop:two');
  await pause(100);
  expect([otherSocket.frames.filter(({ msg }) => msg !== undefined), otherSocket.closed]).toEqual([
    [],
    undefined,
  ]);
  // A second plain sign-in ends the first, as ever; the named ones stay.
  await client.login('anna01');
  expect(await plainSocket.untilClosed()).toBe(1005);
  expect(phoneSocket.closed).toBeUndefined();
  // Logging out ends the own session only.
  await client.data('POST', '/api/chat/logout', { token: phone.token });
  expect([await works(client, phone), await works(client, renewed)]).toEqual([false, true]);
});

test.each([
  ['single', [false, false, true]],
  ['per-kind', [false, true, true]],
  ['many', [true, true, true]],
] as const)('policy %s', async (sessions, expected) => {
  const { client } = await testServer({ sessions });
  await client.register('anna01');
  const all = [
    await loginOn(client, 'anna01', 'desktop:one'),
    await loginOn(client, 'anna01', 'phone:one'),
    await loginOn(client, 'anna01', 'desktop:two'),
  ];
  expect(await Promise.all(all.map((one) => works(client, one)))).toEqual(expected);
  const plain = await client.login('anna01');
  const again = await client.login('anna01');
  expect([await works(client, plain), await works(client, again)]).toEqual([false, true]);
});

test('however many devices sign in, the oldest session goes at some point', async () => {
  const { client, directory } = await testServer(
    { sessions: 'many' },
    {
      now: (
        (now) => () =>
          now++
      )(1e12),
    },
  );
  const { id } = await client.register('anna01');
  const first = await loginOn(client, 'anna01', 'desktop:d0');
  for (let index = 1; index < 33; index++) await loginOn(client, 'anna01', `desktop:d${index}`);
  expect(query(directory, 'SELECT 1 FROM session WHERE account_id = ?', [id])).toHaveLength(32);
  expect(await works(client, first)).toBe(false);
});

test('a damaged device is refused', async () => {
  const { client } = await testServer();
  await client.register('anna01');
  await expect(loginOn(client, 'anna01', 'desktop')).rejects.toThrow('422 x-magpie-device');
  await expect(loginOn(client, 'anna01', 'Desktop:1 2')).rejects.toThrow('422 x-magpie-device');
});

test('all sessions get the messages; the queue stays for the plain one', async () => {
  const { client, directory } = await testServer();
  const [plain, bert] = await client.registerFriends('anna01', 'bert01');
  const desktop = await loginOn(client, 'anna01', 'desktop:one');
  const phone = await loginOn(client, 'anna01', 'phone:one');
  const queued = (): number =>
    query(directory, 'SELECT 1 FROM delivery WHERE recipient_id = ?', [plain.id]).length;
  const [desktopSocket, phoneSocket] = [
    await client.connect(desktop, OURS),
    await client.connect(phone, OURS),
  ];
  await client.sendText(bert, plain.id, 'to all');
  for (const socket of [desktopSocket, phoneSocket]) {
    await socket.until(() => socket.messages.length === 2);
  }
  await pause(400);
  expect(queued()).toBe(2);
  const plainSocket = await client.connect(plain);
  await client.flushOffline(plain);
  await plainSocket.until(() => plainSocket.messages.length === 2);
  await pause(400);
  expect(queued()).toBe(0);
  await client.data('POST', '/api/chat/logout', { token: plain.token });
  await client.sendText(bert, plain.id, 'without a plain session');
  await pause(400);
  expect(queued()).toBe(0);
});

test('ready, hints, echo and read marks for our clients; a plain one hears nothing of it', async () => {
  const { client } = await testServer();
  const [annaPlain] = await client.registerFriends('anna01', 'bert01');
  const desktop = await loginOn(client, 'anna01', 'desktop:one');
  const phone = await loginOn(client, 'anna01', 'phone:one');
  const bert = await loginOn(client, 'bert01', 'desktop:one');
  const [plainSocket, desktopSocket, phoneSocket, bertSocket] = [
    await client.connect(annaPlain),
    await client.connect(desktop, OURS),
    await client.connect(phone, '&device=phone-1'),
    await client.connect(bert, OURS),
  ];
  const ready = await desktopSocket.next(({ type }) => type === 'ready');
  expect(desktopSocket.frames[0]?.['type']).toBe('system');
  const log = (await client.data('GET', `/api/chat/sync?cursor=${String(ready['cursor'])}`, {
    token: desktop.token,
  })) as { reset: boolean; changes: unknown[] };
  expect(log).toMatchObject({ reset: false, changes: [] });

  const sent = await client.sendText(desktop, bert.id, 'from the desktop');
  await phoneSocket.until(() => phoneSocket.messages.some(({ id }) => id === sent['id']));
  expect(phoneSocket.messages.find(({ id }) => id === sent['id'])).toEqual(sent);
  await desktopSocket.until(() => ofType(desktopSocket, 'changed').length > 0);
  expect(desktopSocket.messages.some(({ id }) => id === sent['id'])).toBe(false);
  expect(Number(ofType(desktopSocket, 'changed')[0]?.['cursor'])).toBeGreaterThan(Number(ready['cursor']));

  await read(client, bert, desktop.id, 2);
  const mark = { chatType: 'single', account_id: bert.id, read_seq: 2 };
  for (const [socket, id] of [
    [desktopSocket, bert.id],
    [phoneSocket, bert.id],
    [bertSocket, desktop.id],
  ] as const) {
    expect((await socket.next(({ type }) => type === 'read'))['data']).toEqual({ ...mark, id });
  }
  await recall(client, desktop, sent);
  say(bertSocket, { type: 'typing', data: { chatType: 'single', id: desktop.id } });
  await phoneSocket.next(({ type }) => type === 'typing');
  await pause(100);
  say(plainSocket, { type: 'typing', data: { chatType: 'single', id: bert.id } });
  say(plainSocket, { type: 'watch', data: { ids: [bert.id] } });
  await pause(200);
  const heard = plainSocket.frames.filter((frame) => !isConnectNotice(frame));
  expect(heard.map(({ type }) => type)).toEqual(['system']);
  expect(ofType(bertSocket, 'typing')).toEqual([]);
});

test('typing reaches those one may write to, not too often, and never past a blacklist', async () => {
  const { client } = await testServer();
  const [anna, bert, cora] = await client.registerAll('anna01', 'bert01', 'cora01');
  await client.befriend(anna, bert);
  await client.data('POST', '/api/chat/userset', {
    token: bert.token,
    json: { userset: JSON.stringify({ chatset: { visitor: { sendCount: 0 }, user: { sendCount: 0 } } }) },
  });
  const [annaSocket, bertSocket, coraSocket] = [
    await client.connect(anna, OURS),
    await client.connect(bert, OURS),
    await client.connect(cora, OURS),
  ];
  const typing = { type: 'typing', data: { chatType: 'single', id: bert.id } };
  for (let index = 0; index < 10; index++) say(annaSocket, typing);
  say(coraSocket, typing);
  say(annaSocket, { type: 'typing', data: { chatType: 'single', id: 999 } });
  say(annaSocket, { type: 'typing', data: { chatType: 'group', id: bert.id } });
  say(annaSocket, { type: 'typing', data: 'x' });
  await pause(300);
  const frame = { type: 'typing', data: { chatType: 'single', id: anna.id, from_id: anna.id } };
  expect(ofType(bertSocket, 'typing')).toEqual([frame, frame]);
  await client.data('POST', `/api/chat/setblackgoodfriend/${anna.id}`, { token: bert.token });
  await pause(4100);
  say(annaSocket, typing);
  say(bertSocket, { type: 'typing', data: { chatType: 'single', id: anna.id } });
  await pause(300);
  expect(ofType(bertSocket, 'typing')).toHaveLength(2);
  expect(ofType(annaSocket, 'typing')).toEqual([]);
});

test('presence is for contacts, gathered, and ends with the last socket', async () => {
  const { client } = await testServer();
  const [anna, bert, cora] = await client.registerAll('anna01', 'bert01', 'cora01');
  await client.befriend(anna, bert);
  const annaSocket = await client.connect(anna, OURS);
  const bertSockets = [await client.connect(bert)];
  await client.connect(cora);
  const seen = (): unknown[] => ofType(annaSocket, 'presence').map(({ data }) => data);
  const presence = (online: boolean): object => ({ account_id: bert.id, online });
  say(annaSocket, { type: 'watch', data: { ids: [bert.id, cora.id, anna.id, 999] } });
  await annaSocket.until(() => seen().length > 0);
  await pause(100);
  expect(seen()).toEqual([presence(true)]);
  // A second session, then the end of the first socket: still there.
  const phone = await loginOn(client, 'bert01', 'phone:one');
  bertSockets.push(await client.connect(phone, OURS));
  await bertSockets[0]?.close();
  await pause(500);
  expect(seen()).toEqual([presence(true)]);
  await bertSockets[1]?.close();
  await annaSocket.until(() => seen().length === 2);
  expect(seen()[1]).toEqual(presence(false));
  // Back within a moment is no news at all; back for good is.
  await (await client.connect(phone, OURS)).close();
  await pause(500);
  expect(seen()).toHaveLength(2);
  await client.connect(phone, OURS);
  await annaSocket.until(() => seen().length === 3);
  // Whom bert blacklists sees him leave and learns nothing more; an empty list ends the watch.
  await client.data('POST', `/api/chat/setblackgoodfriend/${anna.id}`, { token: bert.token });
  await annaSocket.until(() => seen().length === 4);
  expect(seen()[3]).toEqual(presence(false));
  const before = seen().length;
  say(annaSocket, { type: 'watch', data: { ids: [bert.id] } });
  await pause(200);
  expect(seen()).toHaveLength(before);
  say(annaSocket, { type: 'watch', data: { ids: Array.from({ length: 501 }, (_, index) => index + 1) } });
  say(annaSocket, { type: 'watch', data: { ids: [] } });
  await pause(100);
  expect(annaSocket.closed).toBeUndefined();
});
