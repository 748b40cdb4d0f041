/** Messages reach their recipient exactly as documented, in order, and survive both ends. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PlainClient, textMessage, textOf } from '../../helpers/plain-egg-im/plain-client.ts';
import type { Frame, PlainAccount } from '../../helpers/plain-egg-im/plain-client.ts';
import { query, temporaryDirectory, testServer } from './harness.ts';

const queued = (directory: string): number =>
  (query(directory, 'SELECT count(*) AS count FROM delivery')[0] as { count: number }).count;

async function until(condition: () => boolean, milliseconds = 5000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!condition()) {
    if (Date.now() > end) throw new Error('gave up waiting');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('an online recipient gets exactly the object the sender got; the sender gets no frame', async () => {
  const { client, directory } = await testServer();
  const [anna, bert] = await client.registerFriends('anna01', 'bert01');
  const [annaSocket, bertSocket] = [await client.connect(anna), await client.connect(bert)];
  await client.flushOffline(bert);
  await client.flushOffline(anna);
  expect((await bertSocket.nextMessage())['type']).toBe('systemNotice');
  const sent = await client.sendText(anna, bert.id, 'hello');
  const frame = await bertSocket.next(({ type }) => type === 'singleChat');
  expect(Object.keys(frame)).toEqual(['type', 'data', 'timestamp']);
  expect(JSON.stringify(frame['data'])).toBe(JSON.stringify(sent));
  expect(Object.keys(sent)).toEqual(
    'id from_avatar from_name from_id to_id to_name to_avatar chatType type data options create_time isremove sendUUid seq'.split(
      ' ',
    ),
  );
  // The notice of the friendship was number 1.
  expect(sent['seq']).toBe(2);
  await until(() => queued(directory) === 0);
  expect(annaSocket.messages.map((message) => message['type'])).toEqual(['systemNotice']);
});

test('offline messages come in order with E26, once per socket, and again on a new socket until received', async () => {
  const { client, directory } = await testServer();
  const [anna, bert] = await client.registerFriends('anna01', 'bert01');
  for (const text of ['one', 'two', 'three']) await client.sendText(anna, bert.id, text);
  const socket = await client.connect(bert);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(socket.messages).toEqual([]);
  await client.flushOffline(bert);
  await client.flushOffline(bert);
  await socket.until(() => socket.messages.length >= 4);
  await client.flushOffline(bert);
  await client.sendText(anna, bert.id, 'four');
  await socket.until(() => socket.messages.length >= 5);
  expect(socket.messages.slice(1).map(textOf)).toEqual(['one', 'two', 'three', 'four']);
  await until(
    () =>
      (query(directory, 'SELECT 1 FROM delivery WHERE recipient_id = ?', [bert.id]) as unknown[]).length ===
      0,
  );
  await socket.close();
  const later = await client.connect(bert);
  await client.flushOffline(bert);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(later.messages).toEqual([]);
});

test('a client that dies before it read its messages gets them again', async () => {
  const { client } = await testServer();
  const [anna, bert] = await client.registerFriends('anna01', 'bert01');
  const deaf = await client.connect(bert);
  // Frozen: the frames arrive in the network buffer, nothing confirms them.
  deaf.web.pause();
  await client.flushOffline(bert);
  await client.sendText(anna, bert.id, 'not lost');
  await new Promise((resolve) => setTimeout(resolve, 200));
  deaf.web.terminate();
  const socket = await client.connect(bert);
  await client.flushOffline(bert);
  await socket.until(() => socket.messages.length === 2);
  expect(textOf(socket.messages[1])).toBe('not lost');
});

test('a live message never overtakes or skips the queue of the time before', async () => {
  const { client } = await testServer();
  const [anna, bert] = await client.registerFriends('anna01', 'bert01');
  for (let index = 0; index < 120; index++) await client.sendText(anna, bert.id, `q${index}`);
  const socket = await client.connect(bert);
  await Promise.all([
    client.flushOffline(bert),
    ...Array.from({ length: 20 }, (_, index) => client.sendText(anna, bert.id, `live${index}`)),
  ]);
  await socket.until(() => socket.messages.length === 141);
  expect(socket.messages.map((message) => message['seq'])).toEqual(
    Array.from({ length: 141 }, (_, index) => index + 1),
  );
});

test('any interleaving of repeats makes one message with one answer, numbered without gaps', async () => {
  const { client, directory } = await testServer();
  const [anna, bert] = await client.registerFriends('anna01', 'bert01');
  const socket = await client.connect(bert);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ key: fc.nat(4), sender: fc.boolean() }), { minLength: 1, maxLength: 25 }),
      async (plan) => {
        run++;
        const answers = new Map<string, Set<string>>();
        await Promise.all(
          plan.map(async ({ key, sender }) => {
            const [from, to] = sender ? [anna, bert] : [bert, anna];
            const id = `${run}-${key}`;
            const json = { ...textMessage(to.id, `m${key}`), client_msg_id: id };
            const answer = await client.call('POST', '/api/chat/socket/sendmessage', {
              token: from.token,
              json,
            });
            expect(answer.status).toBe(200);
            expect((answer.body as { data: Frame }).data['client_msg_id']).toBe(id);
            const name = `${from.id} ${id}`;
            answers.set(name, (answers.get(name) ?? new Set()).add(answer.text));
          }),
        );
        for (const texts of answers.values()) expect(texts.size).toBe(1);
        const rows = query(directory, 'SELECT seq, client_msg_id, sender_id FROM message ORDER BY seq') as {
          seq: number;
          client_msg_id: string | null;
        }[];
        expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1));
        expect(rows.filter(({ client_msg_id }) => client_msg_id?.startsWith(`${run}-`)).length).toBe(
          answers.size,
        );
      },
    ),
    { numRuns: 25 },
  );
  await client.flushOffline(bert);
  const expected = query(directory, 'SELECT uuid FROM message WHERE sender_id = ? ORDER BY seq', [anna.id]);
  await socket.until(() => socket.messages.length >= expected.length);
  expect(socket.messages.map(({ id }) => id)).toEqual(
    (expected as { uuid: string }[]).map(({ uuid }) => uuid),
  );
});

test('a repeat is answered even when the rules would refuse it by now', async () => {
  const { client } = await testServer();
  const [anna, bert] = await client.registerAll('anna01', 'bert01');
  const extra = { client_msg_id: 'a1b2c3d4-0000-4000-8000-000000000001' };
  const first = await client.sendText(anna, bert.id, 'only one', extra);
  expect(await client.sendText(anna, bert.id, 'only one', extra)).toEqual(first);
  await expect(client.sendText(anna, bert.id, 'second')).rejects.toThrow(
    '在成为好友之前，对方只允许向他发一条消息',
  );
  const damaged = { ...textMessage(bert.id, 'x'), client_msg_id: { a: 1 } };
  const answer = await client.call('POST', '/api/chat/socket/sendmessage', {
    token: anna.token,
    json: damaged,
  });
  expect(answer.status).toBe(422);
});

test(
  'kill -9 during sends loses nothing that was answered and repeats nothing',
  { timeout: 90_000 },
  async () => {
    const directory = temporaryDirectory();
    let server = await childServer(directory);
    let client = new PlainClient(server.origin);
    const [anna, bert] = await client.registerFriends('anna01', 'bert01');
    const answered = new Map<string, string>();
    let next = 0;
    for (let round = 0; round < 3; round++) {
      const ids = Array.from({ length: 40 }, () => `m-${next++}`);
      const waiting = ids.map((id) => sendOnce(client, anna, bert, id, answered));
      await until(() => answered.size > round * 40 + 5, 15_000);
      server.child.kill('SIGKILL');
      await Promise.all(waiting);
      server = await childServer(directory);
      client = new PlainClient(server.origin);
      // The client repeats what it has no answer for, and one that it had.
      for (const id of ids) await sendOnce(client, anna, bert, id, answered);
    }
    const socket = await client.connect(bert);
    await client.flushOffline(bert);
    await socket.until(() => socket.messages.length >= next + 1, 20_000);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const messages = socket.messages.slice(1);
    expect(messages.map(({ seq }) => seq)).toEqual(Array.from({ length: next }, (_, index) => index + 2));
    expect(new Set(messages.map((message) => message['client_msg_id'])).size).toBe(next);
    for (const message of messages) {
      expect(answered.get(String(message['client_msg_id']))).toBe(JSON.stringify(message));
    }
    const ended = new Promise((resolve) => server.child.once('exit', resolve));
    server.child.kill('SIGTERM');
    expect(await ended).toBe(0);
  },
);

async function sendOnce(
  client: PlainClient,
  from: PlainAccount,
  to: PlainAccount,
  id: string,
  answered: Map<string, string>,
): Promise<void> {
  const json = { ...textMessage(to.id, id), client_msg_id: id };
  try {
    const answer = await client.call('POST', '/api/chat/socket/sendmessage', { token: from.token, json });
    expect(answer.status).toBe(200);
    const data = JSON.stringify((answer.body as { data: Frame }).data);
    expect(answered.get(id) ?? data).toBe(data);
    answered.set(id, data);
  } catch (error) {
    // The server was killed: no answer.
    if (!(error instanceof TypeError)) throw error;
  }
}

async function childServer(directory: string): Promise<{ child: ChildProcess; origin: string }> {
  const arguments_ = ['--import', 'tsx', 'server/main.ts', '--port', '0', '--data', directory];
  const child = spawn(process.execPath, [...arguments_, '--log-level', 'error'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const origin = /^listening on (http:\/\/\S+)$/.exec(line)?.[1];
    if (origin !== undefined) return { child, origin };
  }
  throw new Error('the server did not start');
}
