/** Whatever comes in: no crash, no 5xx, no hang, and the next honest call works. */
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { LARGEST_SERVER_FRAME } from '../../../protocol/wire/frames.ts';
import { testServer } from './harness.ts';

const PATHS = [
  '/api/regChat',
  '/api/loginChat',
  '/api/visitorRegister',
  '/api/visitorregChat',
  '/api/userinfo/x',
  '/api/chat/searchUser',
  '/api/chat/userset',
  '/api/chat/getUserSetInfo',
  '/api/chat/updateUserinfo',
  '/api/chat/setPassword',
  '/api/chat/applyfriend',
  '/api/chat/autoAddFriendAndAgree',
  '/api/chat/handleapply/1',
  '/api/chat/listapplyfriend/1',
  '/api/chat/goodfriendlist/1',
  '/api/chat/ismygoodfriend/2',
  '/api/chat/socket/sendmessage',
  '/api/chat/revokeMessage',
  '/api/chat/read',
  '/api/chat/sync',
  '/api/chat/history',
  '/api/chat/chatGetmessageOffLine',
];
const FIELDS =
  'username password deviceId timestamp keyword userset userid fieldname fieldValue friend_id nickname status sendto_id chatType type data options client_msg_id token id to_id seq cursor limit before_seq after_seq create_time __proto__'.split(
    ' ',
  );

test('arbitrary bodies never end in a 5xx', { timeout: 120_000 }, async () => {
  const { client, origin } = await testServer({ guestCallsPerHour: 0 });
  const anna = await client.register('anna01');
  const values = fc.oneof(
    fc.jsonValue({ maxDepth: 4 }),
    fc.constantFrom(1, 2, '1', 'single', 'group', '', null, 1e300, 10_000_000_000_000_000, -1),
  );
  const body = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.dictionary(fc.constantFrom(...FIELDS), values).map((one) => JSON.stringify(one)),
    },
    fc.jsonValue().map((one) => JSON.stringify(one)),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom(
      '['.repeat(50_000),
      `{"data":${'['.repeat(5000)}${']'.repeat(5000)}}`,
      '{"a":"\u0000\ud800"}',
    ),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...PATHS),
      fc.constantFrom('GET', 'POST', 'PUT'),
      fc.constantFrom(
        'application/json',
        'application/x-www-form-urlencoded',
        'text/plain',
        'multipart/form-data',
        ';;',
      ),
      body,
      fc.boolean(),
      async (path, method, contentType, text, signedIn) => {
        const query = method === 'GET' ? queryOf(text) : '';
        const response = await fetch(origin + path + query, {
          method,
          headers: {
            'content-type': contentType,
            'x-security-sign': 'x',
            ...(signedIn ? { token: anna.token } : {}),
          },
          ...(method === 'GET' ? {} : { body: text }),
        });
        await response.arrayBuffer();
        expect(response.status, `${method} ${path} ${contentType} ${text.slice(0, 300)}`).toBeLessThan(500);
      },
    ),
    { numRuns: 400 },
  );
  const big = await fetch(`${origin}/api/regChat`, { method: 'POST', body: 'x'.repeat(10_000_000) }).catch(
    () => null,
  );
  expect(big?.status ?? 413).toBe(413);
  expect((await client.login('anna01')).id).toBe(anna.id);
});

/** The fields of a body as a query; empty when it is no object. */
function queryOf(text: string): string {
  try {
    const fields = Object.entries(JSON.parse(text) as object).map(([name, value]) => [name, String(value)]);
    return `?${new URLSearchParams(fields as [string, string][]).toString()}`;
  } catch {
    return '';
  }
}

test('arbitrary frames are ignored or end the one socket that sent them', { timeout: 60_000 }, async () => {
  const { client } = await testServer();
  const anna = await client.register('anna01');
  const socket = await client.connect(anna, '&client=magpie');
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.jsonValue().map((value) => JSON.stringify(value)),
        fc
          .record({
            type: fc.constantFrom('typing', 'watch', 'pong'),
            data: fc.oneof(
              fc.jsonValue(),
              fc.record({ chatType: fc.constantFrom('single', 'group'), id: fc.jsonValue() }),
              fc.record({ ids: fc.oneof(fc.jsonValue(), fc.array(fc.integer())) }),
            ),
          })
          .map((value) => JSON.stringify(value)),
        fc.string(),
        fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      ),
      async (frame) => {
        socket.web.send(frame);
        await new Promise((resolve) => setTimeout(resolve, 5));
      },
    ),
    { numRuns: 100 },
  );
  await new Promise((resolve) => setTimeout(resolve, 1000));
  socket.web.send('ping');
  await socket.next(({ type }) => type === 'pong');

  const big = await client.connect(anna);
  big.web.send(Buffer.alloc(10 * 1024 * 1024));
  expect([1006, 1009]).toContain(await big.untilClosed());
  const flood = await client.connect(anna);
  for (let index = 0; index < 1000 && flood.web.readyState === WebSocket.OPEN; index++)
    flood.web.send('ping');
  expect(await flood.untilClosed()).toBe(1006);
  await (await client.connect(anna)).close();
});

test('a name with a hidden end is not a second account of that name', async () => {
  const { client } = await testServer();
  const anna = await client.register('anna01');
  const thief = await client.register('anna01\0xx').catch(() => null);
  expect(thief?.username).not.toBe('anna01');
  const found = (await client.data('POST', '/api/chat/searchUser', {
    token: (await client.register('bert01')).token,
    json: { keyword: 'anna01' },
  })) as { id: number; username: string }[];
  expect(found.filter(({ username }) => username === 'anna01').map(({ id }) => id)).toEqual([anna.id]);
});

test('the largest numbers that the rules allow are answered, not a fault', async () => {
  const { client, origin } = await testServer();
  const { token } = await client.register('anna01');
  for (const path of ['listapplyfriend', 'goodfriendlist']) {
    const answer = await fetch(`${origin}/api/chat/${path}/10000000000000000?limit=10000`, {
      headers: { token },
    });
    expect(answer.status, path).toBe(200);
  }
});

test('a message that would grow beyond what a client reads is refused, and those behind it arrive', async () => {
  const { client, origin } = await testServer();
  const [anna, bert] = await client.registerFriends('anna01', 'bert01');
  // One byte each on the way in, six as an escape in the frame.
  const answer = await fetch(`${origin}/api/chat/socket/sendmessage`, {
    method: 'POST',
    headers: { token: anna.token, 'content-type': 'application/x-www-form-urlencoded' },
    body: `sendto_id=${bert.id}&chatType=single&type=text&data=${'\u0001'.repeat(1_000_000)}`,
  });
  expect([answer.status, await answer.json()]).toEqual([
    400,
    { msg: 'fail', data: '消息内容过长，无法发送' },
  ]);
  const sent = await client.sendText(anna, bert.id, 'x'.repeat(900_000));
  const socket = await client.connect(bert);
  await client.flushOffline(bert);
  const frame = await socket.next(({ data }) => (data as { id?: string } | undefined)?.id === sent['id']);
  expect(JSON.stringify(frame).length).toBeLessThan(LARGEST_SERVER_FRAME);
});

test('one password tried on many names, and sockets without end, meet a limit', async () => {
  const { origin, client } = await testServer({ loginsPerMinute: 20, freeLoginAttempts: 5 });
  const statuses: number[] = [];
  for (let number = 0; number < 25; number += 1) {
    const answer = await fetch(`${origin}/api/loginChat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: `name${number}`, password: 'secret12' }),
    });
    statuses.push(answer.status);
  }
  expect(statuses.slice(0, 20)).toEqual(Array(20).fill(400));
  expect(statuses.at(-1)).toBe(429);
  // Registering and everybody who is signed in go on.
  expect((await client.register('anna01')).id).toBeGreaterThan(0);

  const busy = await testServer({ requestsPerSecond: 1 });
  const refusals: string[] = [];
  for (let number = 0; number < 15; number += 1) {
    const socket = new WebSocket(`${busy.origin.replace('http', 'ws')}/ws?token=x`);
    refusals.push(
      await new Promise<string>((resolve) => {
        socket.on('error', ({ message }) => resolve(message));
        socket.on('close', () => resolve('closed'));
      }),
    );
  }
  expect(refusals.at(-1)).toContain('429');
});

test('what is not HTTP is answered and logged without its bytes, which may hold a token', async () => {
  const written: string[] = [];
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    written.push(String(chunk));
    return true;
  });
  try {
    const { origin } = await testServer({ logLevel: 'trace' });
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    const answer = new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (chunk) => (text += String(chunk)));
      socket.on('close', () => resolve(text));
    });
    socket.write('GET /api/chat/x HTTP/1.1\r\nHost: x\r\ntoken: SECRET\r\nnot a header\r\n\r\n');
    expect(await answer).toMatch(/^HTTP\/1\.1 400 .*Bad Request"}$/s);
    await fetch(`${origin}/api/chat/grouplist?token=SECRET`);
    await fetch(`${origin}/%zz?token=SECRET`);
  } finally {
    spy.mockRestore();
  }
  expect(written.join('')).toContain('not HTTP');
  expect(written.join('')).not.toMatch(/SECRET|83,69,67,82,69,84/);
});
