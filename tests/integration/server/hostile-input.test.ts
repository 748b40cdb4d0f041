/** Whatever comes in: no crash, no 5xx, no hang, and the next honest call works. */
import { WebSocket } from 'ws';
import fc from 'fast-check';
import { expect, test } from 'vitest';
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
