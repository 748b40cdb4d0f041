/** Taking a message back (E27): only one's own, only in time, and nothing of it stays. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { recall } from './extensions.ts';
import { query, testServer } from './harness.ts';
import { EMPTY } from './replica.ts';

const SECRET = 'the-word-nobody-may-read';

test('a plain recipient gets the notice; history and log keep the number without the content', async () => {
  const { client, directory } = await testServer();
  const [anna, bert] = await client.registerFriends('anna01', 'bert01');
  const socket = await client.connect(bert);
  await client.flushOffline(bert);
  const sent = await client.sendText(anna, bert.id, SECRET, { client_msg_id: 'm-1' });
  await socket.until(() => socket.messages.length === 2);
  const notice = await recall(client, anna, sent);
  expect(notice).toMatchObject({
    id: sent['id'],
    type: 'systemNotice',
    actionType: 'revoke',
    data: { data: 'anna01撤回了一条消息' },
    group: null,
  });
  await socket.until(() => socket.messages.length === 3);
  expect(socket.messages[2]).toEqual(notice);
  expect(await recall(client, anna, sent)).toEqual(notice);

  for (const [me, other] of [
    [anna, bert],
    [bert, anna],
  ] as const) {
    const get = (address: string) => client.data('GET', `/api/chat/${address}`, { token: me.token });
    const history = (await get(`history?chatType=single&id=${other.id}`)) as { messages: object[] };
    expect(history.messages.at(-1)).toEqual({
      ...sent,
      data: EMPTY,
      options: null,
      isremove: 1,
      recalled: true,
    });
    const log = (await get('sync')) as { changes: object[] };
    expect(log.changes).toContainEqual({
      kind: 'recall',
      chatType: 'single',
      id: other.id,
      message_id: sent['id'],
      seq: 2,
      from_id: anna.id,
      from_name: 'anna01',
      create_time: sent['create_time'],
    });
  }
  // A repeat of the send makes no second message and brings nothing back.
  const repeat = await client.sendText(anna, bert.id, SECRET, { client_msg_id: 'm-1' });
  expect([repeat['id'], repeat['seq'], repeat['data']]).toEqual([sent['id'], 2, EMPTY]);
  await client.sendText(anna, bert.id, 'next');
  expect(query(directory, 'SELECT seq FROM message ORDER BY seq')).toEqual([
    { seq: 1 },
    { seq: 2 },
    { seq: 3 },
  ]);
});

test('a recalled message that still waited is never delivered', async () => {
  const server = await testServer({ socketBufferKib: 1 });
  const { client, directory } = server;
  const [anna, bert] = await client.registerFriends('anna01', 'bert01');
  // More than the network's buffers hold: most of it is read from the queue at once and waits for the socket.
  const filler = 'x'.repeat(400_000);
  for (let index = 0; index < 20; index++) await client.sendText(anna, bert.id, filler);
  const sent = await client.sendText(anna, bert.id, SECRET);
  const deaf = await client.connect(bert);
  deaf.web.pause();
  await client.flushOffline(bert);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await recall(client, anna, sent);
  deaf.web.resume();
  await deaf.until(() => deaf.messages.some(({ actionType }) => actionType === 'revoke'), 20_000);
  expect(JSON.stringify(deaf.frames)).not.toContain(SECRET);
  const later = await client.connect(bert);
  await client.flushOffline(bert);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(JSON.stringify(later.frames)).not.toContain(SECRET);
  expect(query(directory, `SELECT 1 FROM message WHERE payload LIKE '%${SECRET}%'`)).toEqual([]);
  await server.stop();
  expect(readFileSync(join(directory, 'magpie.db')).includes(SECRET)).toBe(false);
});

test('only one’s own messages, only to their recipient, only within the limit of the server’s clock', async () => {
  let now = 1_800_000_000_000;
  const { client } = await testServer({ recallSeconds: 300 }, { now: () => now });
  const [anna, bert] = await client.registerFriends('anna01', 'bert01');
  const cora = await client.register('cora01');
  const sent = await client.sendText(anna, bert.id, 'mine');
  const notOwn = '400 消息不存在，不能撤回';
  await expect(recall(client, bert, sent, { to_id: anna.id })).rejects.toThrow(notOwn);
  await expect(recall(client, bert, sent)).rejects.toThrow(notOwn);
  await expect(recall(client, cora, sent)).rejects.toThrow(notOwn);
  await expect(recall(client, anna, sent, { to_id: cora.id })).rejects.toThrow(notOwn);
  await expect(recall(client, anna, sent, { id: 'nothing' })).rejects.toThrow(notOwn);
  await expect(recall(client, anna, sent, { chatType: 'group' })).rejects.toThrow('400 群不存在');
  await expect(recall(client, anna, sent, { create_time: now + 1 })).rejects.toThrow(
    `422 消息发送时间 的数值 必须 在 1000000000000 和 ${now} 之间`,
  );
  // A notice of the server is nobody's message, not even of the one in whose name it is stored.
  const { messages } = (await client.data('GET', `/api/chat/history?chatType=single&id=${bert.id}`, {
    token: anna.token,
  })) as { messages: { id: string }[] };
  await expect(recall(client, anna, sent, { id: messages[0]?.id })).rejects.toThrow(notOwn);

  now += 300_001;
  // What the client says about the time does not help.
  await expect(recall(client, anna, sent, { create_time: now })).rejects.toThrow(
    '400 消息超过5分钟，不能撤回',
  );
  now -= 1;
  const notice = await recall(client, anna, sent, {
    to_name: undefined,
    to_avatar: '/b',
    create_time: undefined,
  });
  expect(notice).toMatchObject({ to_name: 'bert01', to_avatar: '/public/chat/user.png' });
  now += 10_000_000;
  expect(await recall(client, anna, sent)).toMatchObject({ create_time: notice['create_time'] });

  const short = await testServer({ recallSeconds: 90 }, { now: () => now });
  const capabilities = (await short.client.data('GET', '/api/capabilities')) as { extensions: object };
  expect(capabilities.extensions).toMatchObject({
    ...{ sync: 1, history: 1, read_state: 1, presence: 1, typing: 1, sender_echo: 1 },
    recall: { limit_ms: 90_000 },
  });
});
