/** The change log, older messages and read marks: whoever catches up, from wherever, ends where the others are. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PlainClient } from '../../helpers/plain-egg-im/plain-client.ts';
import type { Frame, PlainAccount } from '../../helpers/plain-egg-im/plain-client.ts';
import { ServerProcess } from '../../helpers/server-process.ts';
import { SALT, recall } from './extensions.ts';
import { query, temporaryDirectory, testServer } from './harness.ts';
import { Replica } from './replica.ts';

type SyncAnswer = { reset: boolean; changes: Frame[]; cursor: number; more: boolean };
type HistoryAnswer = { messages: Frame[]; head_seq: number; first_seq: number };

const get = (client: PlainClient, account: PlainAccount, address: string): Promise<unknown> =>
  client.data('GET', `/api/chat/${address}`, { token: account.token });
const sync = (client: PlainClient, account: PlainAccount, parameters = ''): Promise<SyncAnswer> =>
  get(client, account, `sync?${parameters}`) as Promise<SyncAnswer>;
const history = (client: PlainClient, account: PlainAccount, parameters: string): Promise<HistoryAnswer> =>
  get(client, account, `history?chatType=single&${parameters}`) as Promise<HistoryAnswer>;
const read = (client: PlainClient, account: PlainAccount, id: number, seq: number): Promise<unknown> =>
  client.data('POST', '/api/chat/read', { token: account.token, json: { chatType: 'single', id, seq } });

test('sync tells every change once, coalesced, and starts over with a cursor it cannot continue', async () => {
  const server = await testServer();
  const { client } = server;
  const [anna, bert] = await client.registerFriends('anna01', 'bert01', 'cora01');
  const first = await sync(client, anna);
  expect(first).toMatchObject({ reset: true, more: false });
  expect(first.changes.map(({ kind }) => kind).sort()).toEqual(['contacts', 'conversation', 'conversation']);
  expect(await sync(client, anna, `cursor=${first.cursor}`)).toEqual({
    reset: false,
    changes: [],
    cursor: first.cursor,
    more: false,
  });
  for (const text of ['one', 'two', 'three']) await client.sendText(bert, anna.id, text);
  await client.sendText(anna, bert.id, 'four');
  const second = await sync(client, anna, `cursor=${first.cursor}`);
  expect(second.changes).toEqual([
    {
      kind: 'conversation',
      conversation: {
        chatType: 'single',
        id: bert.id,
        name: 'bert01',
        avatar: '/public/chat/user.png',
        head_seq: 5,
        first_seq: 1,
        read_seq: 0,
        peer_read_seq: 0,
      },
    },
  ]);
  for (const cursor of [second.cursor + 1_000_000, first.cursor - 5_000_000]) {
    const again = await sync(client, anna, `cursor=${cursor}&limit=1`);
    expect(again).toMatchObject({ reset: true, more: true });
    expect(again.changes).toHaveLength(1);
  }
  await client.data('POST', '/api/chat/updateUserinfo', {
    token: bert.token,
    json: { fieldname: 'nickname', fieldValue: 'Bert' },
  });
  const renamed = await sync(client, anna, `cursor=${second.cursor}`);
  expect(renamed.changes.map(({ kind }) => kind)).toEqual(['contacts', 'conversation']);
  expect(renamed.changes[1]).toMatchObject({ conversation: { name: 'Bert' } });
  await server.stop();
  const later = await testServer({ dataDirectory: server.directory });
  expect(await sync(later.client, anna, `cursor=${renamed.cursor}`)).toMatchObject({
    reset: false,
    changes: [],
  });
});

test('a cursor of data that a restored backup does not have is noticed, however far the log is by then', async () => {
  let now = Date.now();
  const server = await testServer({}, { now: () => now });
  const [anna, bert] = await server.client.registerFriends('anna01', 'bert01');
  await server.stop();

  const backup = join(temporaryDirectory(), 'data');
  cpSync(server.directory, backup, { recursive: true });
  const lost = await testServer({ dataDirectory: server.directory }, { now: () => now });
  for (const text of ['lost 1', 'lost 2']) await lost.client.sendText(bert, anna.id, text);
  const { cursor } = await sync(lost.client, anna);
  await lost.stop();
  now += 60_000;
  const restored = await testServer({ dataDirectory: backup }, { now: () => now });
  for (let index = 0; index < 5; index++) await restored.client.sendText(bert, anna.id, 'new');
  expect((await sync(restored.client, anna, `cursor=${cursor}`)).reset).toBe(true);
});

test('what is damaged is refused, and a visitor may catch up as well', async () => {
  const { client } = await testServer({ guestSalt: SALT });
  const anna = await client.register('anna01');
  const cases: [string, string, object | undefined, string][] = [
    ['GET', 'sync?cursor=x', undefined, 'cursor 的值 `x` 的类型不是 `int`'],
    ['GET', 'sync?limit=0', undefined, '每页条数 的数值 必须 在 1 和 10000000000000000 之间'],
    ['GET', 'history?id=1', undefined, '接收类型不能为空'],
    ['GET', 'history?chatType=x&id=1', undefined, '接收类型 的值 `x` 必须在 [`single`、`group`] 中'],
    [
      'GET',
      'history?chatType=single&id=1&before_seq=-1',
      undefined,
      'before_seq 的数值 必须 在 1 和 10000000000000000 之间',
    ],
    ['POST', 'read', { chatType: 'single', id: 1 }, '消息序号不能为空'],
  ];
  for (const [method, address, json, text] of cases) {
    const answer = await client.call(method, `/api/chat/${address}`, {
      token: anna.token,
      ...(json === undefined ? {} : { json }),
    });
    expect([answer.status, answer.body], address).toEqual([422, { msg: 'fail', data: text }]);
  }
  await expect(read(client, anna, 99, 1)).rejects.toThrow('400 会话不存在');
  await expect(get(client, anna, 'history?chatType=group&id=1')).rejects.toThrow('400 您不在群里');
  expect(await history(client, anna, 'id=99')).toEqual({ messages: [], head_seq: 0, first_seq: 1 });
  expect((await client.call('GET', '/api/chat/sync')).body).toMatchObject({
    data: '您没有权限访问即时通讯接口',
  });

  const { body } = await client.guestCall(
    'visitorRegister',
    { deviceId: '0198c0de-0000-4000-8000-000000000001' },
    SALT,
  );
  const guest = (body as { data: PlainAccount }).data;
  await client.sendText(guest, anna.id, 'hello from a guest');
  expect((await sync(client, guest)).changes).toHaveLength(1);
  expect((await history(client, guest, `id=${anna.id}`)).messages).toHaveLength(1);
  expect(await read(client, guest, anna.id, 1)).toEqual({ read_seq: 1 });
});

test('history comes in windows, is only for members, and shows a notice from the other one', async () => {
  const { client } = await testServer();
  const [anna, bert, cora] = await client.registerFriends('anna01', 'bert01', 'cora01');
  for (let index = 2; index <= 9; index++) await client.sendText(anna, bert.id, `m${index}`);
  const seqs = async (parameters: string): Promise<unknown[]> =>
    (await history(client, bert, `id=${anna.id}&${parameters}`)).messages.map(({ seq }) => seq);
  expect(await seqs('limit=3')).toEqual([7, 8, 9]);
  expect(await seqs('limit=3&before_seq=7')).toEqual([4, 5, 6]);
  expect(await seqs('limit=3&after_seq=4')).toEqual([5, 6, 7]);
  expect(await seqs('after_seq=2&before_seq=5')).toEqual([3, 4]);
  expect(await seqs('before_seq=1')).toEqual([]);
  expect(await seqs('after_seq=9')).toEqual([]);
  expect(await seqs('')).toHaveLength(9);
  for (const [me, other] of [
    [anna, bert],
    [bert, anna],
  ] as const) {
    const page = await history(client, me, `id=${other.id}&before_seq=2`);
    expect(page.messages[0]).toMatchObject({ type: 'systemNotice', from_id: other.id, to_id: me.id });
    expect(page.messages[0]).toMatchObject({ from_name: other.username, to_name: me.username });
    expect(page).toMatchObject({ head_seq: 9, first_seq: 1 });
  }
  expect((await history(client, cora, `id=${bert.id}`)).messages).toHaveLength(1);
});

test('read marks only rise, whatever comes at once, and both ends learn of them', async () => {
  const { client } = await testServer();
  const [anna, bert] = await client.registerFriends('anna01', 'bert01');
  for (let index = 0; index < 9; index++) await client.sendText(anna, bert.id, 'x');
  const start = await sync(client, anna);
  const marks = [4, 9, 2, 7, 1, 10, 3];
  const answers = (await Promise.all(marks.map((seq) => read(client, bert, anna.id, seq)))) as {
    read_seq: number;
  }[];
  for (const [index, { read_seq }] of answers.entries()) {
    expect(read_seq).toBeGreaterThanOrEqual(marks[index] ?? 0);
  }
  expect(await read(client, bert, anna.id, 5)).toEqual({ read_seq: 10 });
  expect(await read(client, bert, anna.id, 500)).toEqual({ read_seq: 10 });
  const [change] = (await sync(client, anna, `cursor=${start.cursor}`)).changes;
  expect(change).toMatchObject({ conversation: { id: bert.id, read_seq: 0, peer_read_seq: 10 } });
  expect(JSON.stringify((await sync(client, bert)).changes)).toContain('"read_seq":10,"peer_read_seq":0');
});

const step = fc.record({
  what: fc.constantFrom('send', 'send', 'send', 'recall', 'read', 'sync', 'branch'),
  actor: fc.nat(2),
  peer: fc.nat(1),
  pick: fc.nat(1000),
});

test(
  'from any point, with any pauses, a client ends in the state of one that never slept',
  { timeout: 120_000 },
  async () => {
    const { client, directory } = await testServer();
    const accounts = await client.registerFriends('anna01', 'bert01', 'cora01');
    const sent = new Map<string, Frame[]>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (plan) => {
        const twins = accounts.map((account) => new Replica(client, account));
        const sleepers = accounts.map((account) => new Replica(client, account));
        for (const { what, actor, peer, pick } of plan) {
          const me = accounts[actor] as PlainAccount;
          const other = accounts[(actor + 1 + peer) % 3] as PlainAccount;
          const key = `${me.id} ${other.id}`;
          const mine = sent.get(key) ?? [];
          sent.set(key, mine);
          if (what === 'send') mine.push(await client.sendText(me, other.id, `t${pick}`));
          const message = mine[pick % Math.max(1, mine.length)];
          if (what === 'recall' && message !== undefined) await recall(client, me, message);
          if (what === 'read') await read(client, me, other.id, 1 + (pick % 20));
          if (what === 'sync') await sleepers[actor]?.sync(1 + (pick % 5));
          // A new device begins with the state of the old one, or with nothing.
          if (what === 'branch')
            sleepers[actor] = pick % 3 === 0 ? new Replica(client, me) : (twins[actor]?.clone() as Replica);
          await Promise.all(twins.map((twin) => twin.sync(50)));
        }
        for (const [index, sleeper] of sleepers.entries()) {
          await sleeper.sync(2);
          expect(sleeper.shown()).toBe(twins[index]?.shown());
        }
      }),
      { numRuns: 12 },
    );
    const log = query(
      directory,
      "SELECT count(*) AS entries, count(DISTINCT account_id || kind || conversation_id || ' ' || message_id) AS subjects FROM change",
    ) as { entries: number; subjects: number }[];
    expect(log[0]?.entries).toBe(log[0]?.subjects);
  },
);

test('losing three frames in ten harms nothing', { timeout: 60_000 }, async () => {
  const { client } = await testServer();
  const [anna, bert] = await client.registerFriends('anna01', 'bert01');
  const replica = new Replica(client, anna);
  const twin = new Replica(client, anna);
  const socket = await client.connect(anna, '&client=magpie');
  await socket.next(({ type }) => type === 'ready');
  await replica.sync();
  let work = Promise.resolve();
  let dropped = 0;
  let taken = 0;
  let random = 7;
  socket.web.on('message', (data: Buffer) => {
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
    if (random / 2_147_483_648 < 0.3) return void dropped++;
    const frame = JSON.parse(data.toString()) as { type: string; data: Frame };
    work = work.then(async () => {
      if (frame.type === 'singleChat' && replica.takeFrame(frame.data)) taken++;
      else if (frame.type === 'changed' && (random >> 8) % 3 === 0) await replica.sync();
    });
  });
  const messages: Frame[] = [];
  for (let index = 0; index < 80; index++) {
    if (index % 9 === 5) await recall(client, bert, messages[index % messages.length] as Frame);
    else if (index % 7 === 3) await client.sendText(anna, bert.id, `own ${index}`);
    else messages.push(await client.sendText(bert, anna.id, `m ${index}`));
  }
  await work;
  await socket.close();
  const again = await client.connect(anna, '&client=magpie');
  await again.next(({ type }) => type === 'ready');
  await replica.sync();
  await twin.sync();
  expect(replica.shown()).toBe(twin.shown());
  expect([dropped > 10, taken > 5]).toEqual([true, true]);
});

test(
  'kill -9 leaves numbers without gaps and a log that agrees with the messages',
  { timeout: 120_000 },
  async () => {
    const server = await ServerProcess.start();
    try {
      let client = new PlainClient(server.origin);
      const accounts = await client.registerFriends('anna01', 'bert01', 'cora01');
      const [anna, bert] = accounts;
      const old = new Replica(client, anna);
      for (let round = 0; round < 3; round++) {
        await old.sync();
        const attempts = Array.from({ length: 60 }, (_, index) => {
          const [from, to] = index % 3 === 0 ? [anna, bert] : [bert, anna];
          const work = async (): Promise<void> => {
            const message = await client.sendText(from, to.id, `r${round} ${index}`, {
              client_msg_id: `r${round}-${index}`,
            });
            if (index % 4 === 0) await recall(client, from, message);
            if (index % 5 === 0) await read(client, to, from.id, Number(message['seq']));
          };
          return work().catch(() => undefined);
        });
        await Promise.race(attempts);
        await new Promise((resolve) => setTimeout(resolve, 30 + round * 40));
        await server.kill();
        await Promise.all(attempts);
        await server.restart();
        client = new PlainClient(server.origin);
        old.client = client;
      }
      // The one that knew a part and the one that knew nothing agree; Replica itself refuses gaps.
      const fresh = new Replica(client, anna);
      await old.sync();
      await fresh.sync();
      expect(old.shown()).toBe(fresh.shown());
      expect(old.resets).toBe(1);
      const rows = query(
        server.dataFolder,
        `SELECT conversation.id, head_seq, count(message.id) AS messages, max(seq) AS highest
       FROM conversation LEFT JOIN message ON message.conversation_id = conversation.id GROUP BY conversation.id`,
      ) as { head_seq: number; messages: number; highest: number }[];
      for (const { head_seq, messages, highest } of rows)
        expect([messages, highest]).toEqual([head_seq, head_seq]);
      const missing = query(
        server.dataFolder,
        `SELECT 1 FROM message JOIN member USING (conversation_id) WHERE recalled_at IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM change WHERE change.account_id = member.account_id AND kind = 'recall' AND message_id = message.id)`,
      );
      expect(missing).toEqual([]);
    } finally {
      await server.dispose();
    }
  },
);
