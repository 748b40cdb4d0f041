/** Groups: who gets what, in which form, and who does not. */
import { expect, test } from 'vitest';
import { wireSyncAnswer } from '#protocol/wire/sync';
import type { WireChange } from '#protocol/wire/sync';
import { wireGroupMarks, wireGroupReaders, wireJoinRequests } from '#protocol/wire/groups';
import type { Frame, PlainAccount, PlainSocket } from '../../helpers/plain-egg-im/plain-client.ts';
import { loginOn, recall } from './extensions.ts';
import { GroupCalls, textOfAny } from './groups.ts';
import { query, testServer } from './harness.ts';

const texts = (socket: PlainSocket): string[] => socket.messages.map(({ data }) => textOfAny(data));

test('a message of a group is stored once; plain members get it from pointers, ours without any', async () => {
  const { client, directory } = await testServer();
  const groups = new GroupCalls(client);
  const [anna, bert, cora] = await client.registerAll('anna01', 'bert01', 'cora01');
  const id = await groups.found(anna, [bert, cora]);
  // Cora now has a device that catches up with the log, and no plain session.
  await client.data('POST', '/api/chat/logout', { token: cora.token });
  const desktop = await loginOn(client, 'cora01', 'desktop:one');
  const live = await client.connect(desktop, '&client=magpie');
  await live.next((frame) => frame['type'] === 'ready');
  query(directory, 'DELETE FROM delivery');

  const sent = await groups.send(anna, id, 'hello all', { client_msg_id: 'c-1' });
  expect(sent).toMatchObject({ chatType: 'group', to_id: id, seq: 2, client_msg_id: 'c-1' });
  // A plain client gets the group inside of the message, at every repeat the same.
  expect((sent['group'] as Frame)['group_users']).toHaveLength(3);
  expect(await groups.send(anna, id, 'hello all', { client_msg_id: 'c-1' })).toEqual(sent);

  const shown = await live.next(
    (frame) => frame['type'] === 'singleChat' && (frame['data'] as Frame)['id'] === sent['id'],
  );
  expect(shown['data']).toEqual({ ...sent, group: null });
  expect(query(directory, 'SELECT recipient_id, payload FROM delivery')).toEqual([
    { recipient_id: bert.id, payload: null },
  ]);
  expect(query(directory, 'SELECT count(*) AS n FROM message WHERE uuid = ?', [sent['id']])).toEqual([
    { n: 1 },
  ]);

  const offline = await client.connect(bert);
  await client.flushOffline(bert);
  await offline.until(() => offline.messages.length > 0);
  expect(offline.messages).toEqual([sent]);
  expect(texts(live)).toEqual(['hello all']);
});

test('a message costs one entry of the change log, however many members there are', async () => {
  const { client, directory } = await testServer();
  const groups = new GroupCalls(client);
  const [anna, ...others] = await client.registerAll(
    'anna01',
    ...Array.from({ length: 12 }, (_, n) => `member${n}`),
  );
  const id = await groups.found(anna, others);
  const head = (): number =>
    (query(directory, "SELECT seq FROM sqlite_sequence WHERE name = 'change'") as { seq: number }[])[0]
      ?.seq ?? 0;
  const before = head();
  await groups.send(anna, id, 'one');
  expect(head() - before).toBe(1);
});

test('membership windows: leaving, being removed and coming back decide what one sees', async () => {
  const { client } = await testServer();
  const groups = new GroupCalls(client);
  const [anna, bert, cora] = await client.registerAll('anna01', 'bert01', 'cora01');
  const id = await groups.found(anna, [bert, cora]);
  await groups.send(anna, id, 'one');
  await groups.quit(bert, id);
  await groups.send(anna, id, 'secret');
  await expect(groups.send(bert, id, 'still here?')).rejects.toThrow('您不在群里，无法发消息');
  const state = async (): Promise<Frame> => {
    const answer = wireSyncAnswer.parse(await client.data('GET', '/api/chat/sync', { token: bert.token }));
    const found = (answer.changes as WireChange[]).find(
      (change) => change.kind === 'conversation' && change.conversation.chatType === 'group',
    );
    return (found as unknown as { conversation: Frame }).conversation;
  };
  expect(await state()).toMatchObject({
    head_seq: 2,
    ended: 'left',
    windows: [{ first_seq: 1, last_seq: 2 }],
  });
  await groups.join(bert, id);
  await groups.send(cora, id, 'welcome back');
  expect(await state()).toMatchObject({
    head_seq: 6,
    windows: [{ first_seq: 1, last_seq: 2 }, { first_seq: 5 }],
  });
  const seen = await groups.seen(bert, id);
  expect(seen.map(({ seq }) => seq)).toEqual([1, 2, 5, 6]);
  expect(seen.map(({ text }) => text)).not.toContain('secret');

  await groups.remove(anna, id, bert.id);
  await groups.send(anna, id, 'between us');
  expect((await groups.seen(bert, id)).map(({ seq }) => seq)).toEqual([1, 2, 5, 6]);
  // A mark never passes what one sees.
  const read = { chatType: 'group', id, seq: 99 };
  expect(await groups.post(bert, 'read', read)).toEqual({ read_seq: 6 });
});

test('members of ours are told of removal, refusal and the end; plain ones get the documented notices only', async () => {
  const { client } = await testServer();
  const groups = new GroupCalls(client);
  const [anna, bert, cora, dirk] = await client.registerAll('anna01', 'bert01', 'cora01', 'dirk01');
  const id = await groups.found(anna, [bert, cora]);
  const [plain, ours, waiting] = [
    await client.connect(bert),
    await client.connect(cora, '&client=magpie'),
    await client.connect(dirk, '&client=magpie'),
  ];
  const owner = await client.connect(anna);
  const membership = (socket: PlainSocket): unknown[] =>
    socket.frames
      .filter((frame) => frame['type'] === 'membership')
      .map((frame) => (frame['data'] as Frame)['event']);

  await groups.setPolicy(anna, id, 1);
  expect(await groups.join(dirk, id, dirk.id, 'please')).toBe('等待群主同意');
  const request = await owner.next((frame) => (frame['data'] as Frame)['from_name'] === '加群处理');
  expect((request['data'] as Frame)['redirect']).toMatchObject({ desc: { addGroupDesc: 'please' } });
  const requests = wireJoinRequests.parse(
    await client.data('GET', `/api/chat/groupRequests/${id}`, { token: anna.token }),
  );
  expect(requests).toMatchObject([{ user_id: dirk.id, desc: 'please', inviter_id: null }]);
  await expect(client.data('GET', `/api/chat/groupRequests/${id}`, { token: bert.token })).rejects.toThrow(
    '群不存在或者被封禁或者你无权操作',
  );
  await groups.decide(anna, id, dirk.id, 'no');
  await waiting.until(() => membership(waiting).includes('refused'));
  expect(membership(waiting)).toEqual(['waiting', 'refused']);

  await groups.remove(anna, id, cora.id);
  await ours.until(() => membership(ours).includes('removed'));
  await groups.quit(anna, id);
  await plain.next((frame) => textOfAny((frame['data'] as Frame)['data']).includes('解散了该群'));
  expect(plain.frames.some((frame) => frame['type'] === 'membership')).toBe(false);
  await expect(groups.send(bert, id, 'anybody?')).rejects.toThrow('群不存在或者已解散或者被封禁，无法发消息');
  // What was visible stays visible.
  expect((await groups.seen(bert, id)).at(-1)?.text).toContain('解散了该群');
});

test('only members write, only owners change, nobody invites for others', async () => {
  const { client } = await testServer();
  const groups = new GroupCalls(client);
  const [anna, bert, cora, mallory] = await client.registerAll('anna01', 'bert01', 'cora01', 'mallory');
  const id = await groups.found(anna, [bert]);
  const refusals: [() => Promise<unknown>, string][] = [
    [() => groups.send(mallory, id, 'x'), '您不在群里，无法发消息'],
    [() => groups.join(mallory, id, cora.id), '你不在该群聊中，操作失败'],
    [
      () =>
        groups.post(mallory, 'groupInviteUser', { group_id: id, user_id: cora.id, inviteuser_id: anna.id }),
      '你不在该群聊中，操作失败',
    ],
    [() => groups.remove(bert, id, anna.id), '只有群主才能操作'],
    [() => groups.setPolicy(bert, id, 0), '群不存在或者被封禁或者你无权操作'],
    [
      () => groups.post(bert, 'groupReadReceipts', { group_id: id, enabled: 0 }),
      '群不存在或者被封禁或者你无权操作',
    ],
    [() => groups.seen(mallory, id), '您不在群里，无法查看消息'],
    [
      () => client.data('GET', `/api/chat/groupMarks/${id}`, { token: mallory.token }),
      '你不在该群聊中，操作失败',
    ],
    [
      () => client.data('GET', `/api/chat/groupReaders/${id}?seq=1`, { token: mallory.token }),
      '你不在该群聊中，操作失败',
    ],
    [() => groups.post(mallory, 'read', { chatType: 'group', id, seq: 1 }), '会话不存在'],
  ];
  for (const [call, text] of refusals) await expect(call()).rejects.toThrow(text);
});

test('recall in a group erases the words for all, also for those who left meanwhile', async () => {
  const { client, directory } = await testServer();
  const groups = new GroupCalls(client);
  const [anna, bert, cora] = await client.registerAll('anna01', 'bert01', 'cora01');
  const id = await groups.found(anna, [bert, cora]);
  const sent = await groups.send(anna, id, 'oops', { mentions: [bert.id] });
  await groups.quit(cora, id);
  const socket = await client.connect(bert);
  const notice = await recall(client, anna, sent, { chatType: 'group' });
  expect(textOfAny(notice['data'])).toBe('anna01 撤回了一条消息');
  await client.flushOffline(bert);
  const received = await socket.next((frame) => (frame['data'] as Frame)?.['actionType'] === 'revoke');
  expect(received['data']).toEqual(notice);
  expect(texts(socket)).not.toContain('oops');
  for (const account of [anna, bert, cora]) {
    expect((await groups.seen(account, id)).find(({ seq }) => seq === 2)).toEqual({ seq: 2, text: '' });
    const answer = wireSyncAnswer.parse(await client.data('GET', '/api/chat/sync', { token: account.token }));
    expect(answer.changes).toContainEqual(expect.objectContaining({ kind: 'recall', seq: 2, id }));
  }
  await expect(recall(client, bert, sent, { chatType: 'group' })).rejects.toThrow('消息不存在，不能撤回');
  // The notice is kept once, and only as long as somebody waits for it.
  const [left] = query(directory, 'SELECT count(*) AS n FROM shared_notice') as { n: number }[];
  expect(left?.n).toBeLessThanOrEqual(1);
});

test('who has read what: marks, names, the switch of the owner, and the size above which there are none', async () => {
  const { client } = await testServer({ readReceiptsUpTo: 3 });
  const groups = new GroupCalls(client);
  const [anna, bert, cora, dirk] = await client.registerAll('anna01', 'bert01', 'cora01', 'dirk01');
  const id = await groups.found(anna, [bert, cora]);
  const watching = await client.connect(anna, '&client=magpie');
  const sent = await groups.send(anna, id, 'who reads this?');
  const seq = Number(sent['seq']);
  await groups.post(bert, 'read', { chatType: 'group', id, seq });
  const frame = await watching.next((one) => one['type'] === 'group_read');
  expect(frame['data']).toEqual({ id, marks: [{ account_id: bert.id, read_seq: seq }] });

  const readers = async (): Promise<unknown> =>
    wireGroupReaders.parse(
      await client.data('GET', `/api/chat/groupReaders/${id}?seq=${seq}`, { token: anna.token }),
    );
  const marks = async () =>
    wireGroupMarks.parse(await client.data('GET', `/api/chat/groupMarks/${id}`, { token: anna.token }));
  expect(await readers()).toMatchObject({
    enabled: true,
    read: [{ name: 'bert01' }],
    unread: [{ name: 'cora01' }],
  });
  expect((await marks()).marks.find((mark) => mark.account_id === bert.id)?.read_seq).toBe(seq);
  await groups.post(anna, 'groupReadReceipts', { group_id: id, enabled: 0 });
  expect(await marks()).toEqual({ enabled: false, marks: [] });
  await groups.post(anna, 'groupReadReceipts', { group_id: id, enabled: 1 });
  await groups.join(dirk, id);
  expect(await readers()).toEqual({ enabled: false, read: [], unread: [] });
});

test('mentions name members only, and come with frames and history', async () => {
  const { client } = await testServer();
  const groups = new GroupCalls(client);
  const [anna, bert, cora] = await client.registerAll('anna01', 'bert01', 'cora01');
  const id = await groups.found(anna, [bert]);
  expect(await groups.send(anna, id, '@bert', { mentions: [bert.id, cora.id] })).toMatchObject({
    mentions: [bert.id],
  });
  expect(await groups.send(anna, id, '@all', { mentions: 'all' })).toMatchObject({ mentions: 'all' });
  expect(await groups.send(anna, id, 'nobody', { mentions: [cora.id] })).not.toHaveProperty('mentions');
  await expect(groups.send(anna, id, 'x', { mentions: ['bert'] })).rejects.toThrow('422');
  const page = (await client.data('GET', `/api/chat/history?chatType=group&id=${id}`, {
    token: bert.token,
  })) as {
    messages: Frame[];
  };
  expect(page.messages.map((message) => message['mentions'])).toEqual([
    undefined,
    [bert.id],
    'all',
    undefined,
  ]);
});

test('typing in a group reaches the other members, and nobody who may not write there', async () => {
  const { client } = await testServer();
  const groups = new GroupCalls(client);
  const [anna, bert, mallory] = await client.registerAll('anna01', 'bert01', 'mallory');
  const id = await groups.found(anna, [bert]);
  const [one, other, outside] = [
    await client.connect(anna, '&client=magpie'),
    await client.connect(bert, '&client=magpie'),
    await client.connect(mallory, '&client=magpie'),
  ];
  const typing = JSON.stringify({ type: 'typing', data: { chatType: 'group', id } });
  outside.web.send(typing);
  one.web.send(typing);
  const frame = await other.next((one) => one['type'] === 'typing');
  expect(frame['data']).toEqual({ chatType: 'group', id, from_id: anna.id });
  expect(one.frames.some((one) => one['type'] === 'typing')).toBe(false);
});

test('guests: in by policy 0, by the owner, or after the approval; not by themselves where users only are let in', async () => {
  const salt = 'pepper';
  const { client } = await testServer({ guestSalt: salt });
  const groups = new GroupCalls(client);
  const [anna, bert] = await client.registerAll('anna01', 'bert01');
  const deviceId = '87b4aa0e-1111-4000-8000-000000000000';
  const { body } = await client.guestCall('visitorRegister', { deviceId }, salt);
  const guest = (body as { data: PlainAccount }).data;
  const id = await groups.found(anna, [bert]);
  await groups.setPolicy(anna, id, 2);
  await expect(groups.join(guest, id)).rejects.toThrow('请先登录再申请进群');
  await groups.setPolicy(anna, id, 0);
  expect(await groups.join(guest, id)).toBe('加群成功');
  await groups.post(guest, 'groupnickname', { id, nickname: 'Curious' });
  expect(await groups.send(guest, id, 'hello')).toMatchObject({ from_name: 'Curious' });
  expect((await groups.seen(guest, id)).length).toBe(2);
  await groups.quit(guest, id);
  await expect(groups.post(guest, 'group/create', { userIds: [1] })).rejects.toThrow(
    '您没有权限访问，请先注册或登录',
  );
});
