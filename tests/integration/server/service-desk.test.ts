/** Answers that are sent by themselves, complaints, codes, and what a plain client hears when it connects. */
import jsQR from 'jsqr';
import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
import type { Frame, PlainAccount, PlainClient } from '../../helpers/plain-egg-im/plain-client.ts';
import { isConnectNotice, textOf } from '../../helpers/plain-egg-im/plain-client.ts';
import { query, testServer } from './harness.ts';

const ASK = { ask: 'What is the price?', answer: 'Ten yuan', type: 'single' };
const OPEN_TO_ALL = '{"chatset":{"visitor":{"sendCount":2},"user":{"sendCount":2}}}';

async function twoPeople() {
  const server = await testServer();
  const { client } = server;
  const [anna, bert] = await client.registerAll('anna01', 'bert01');
  await client.data('POST', '/api/chat/userset', { token: bert.token, json: { userset: OPEN_TO_ALL } });
  return { ...server, anna, bert };
}

async function desk(client: PlainClient, who: PlainAccount, call: string, json: object): Promise<Frame> {
  const answer = await client.call('POST', `/api/chat/askanswer/${call}`, { token: who.token, json });
  expect(answer.status).toBe(200);
  return answer.body as Frame;
}

function history(client: PlainClient, who: PlainAccount, id: number): Promise<unknown> {
  return client.data('GET', `/api/chat/history?chatType=single&id=${id}`, { token: who.token });
}

test('a question is answered by itself, kept in the history of both, and costs its owner nothing', async () => {
  const { client, anna, bert } = await twoPeople();
  await desk(client, bert, 'create', { ...ASK, create_userId: bert.id });
  const [atAnna, atBert] = [await client.connect(anna), await client.connect(bert)];
  const asked = Date.now();
  await client.sendText(anna, bert.id, 'price', { options: '%7B%22askanswer%22%3Atrue%7D' });
  const reply = await atAnna.nextMessage();
  expect(Date.now() - asked).toBeGreaterThan(1000);
  expect(reply).toMatchObject({ from_id: bert.id, to_id: anna.id, type: 'text', seq: 2, auto_reply: true });
  expect(textOf(reply)).toBe('Ten yuan');
  const question = await atBert.nextMessage();
  const notice = await atBert.nextMessage();
  expect(textOf(question)).toBe('price');
  expect(notice).toMatchObject({ id: reply['id'], from_id: anna.id, type: 'systemNotice', seq: 2 });
  expect(textOf(notice)).toContain('挑选了最接近的答案');
  expect(textOf(notice)).toContain('Ten yuan');

  const annas = (await history(client, anna, bert.id)) as { messages: Frame[] };
  expect(annas.messages.map(textOf)).toEqual(['price', 'Ten yuan']);
  const berts = (await history(client, bert, anna.id)) as { messages: Frame[] };
  expect(berts.messages[1]).toEqual(notice);
  // Anna lets strangers write once: the answer that came by itself was not that one message.
  await client.sendText(bert, anna.id, 'in person');
  await expect(client.sendText(bert, anna.id, 'again')).rejects.toThrow('只允许向他发一条消息');
});

test('without the option or a fitting answer nothing is said', async () => {
  const { client, directory, anna, bert } = await twoPeople();
  await desk(client, bert, 'create', { ...ASK, create_userId: bert.id });
  const atAnna = await client.connect(anna);
  const options = '%7B%22askanswer%22%3Atrue%7D';
  await client.sendText(anna, bert.id, 'price');
  await client.sendText(anna, bert.id, 'weather tomorrow elsewhere', { options });
  await client.sendText(anna, bert.id, 'the price please', { options });
  // Only the last of the three is answered: had another one been, it would have come first.
  expect(textOf(await atAnna.nextMessage())).toBe('Ten yuan');
  expect(query(directory, 'SELECT count(*) AS count FROM message WHERE notice = 1')).toEqual([{ count: 1 }]);
});

test('asked for the absence of the owner, it replies while they are away and never to mere talk', async () => {
  const { client, directory, anna, bert } = await twoPeople();
  await desk(client, bert, 'create', { ...ASK, create_userId: bert.id });
  const options = encodeURIComponent(JSON.stringify({ askanswer: 'away' }));
  const atAnna = await client.connect(anna);
  const atBert = await client.connect(bert);
  await client.sendText(anna, bert.id, 'price while you are here', { options });
  await atBert.nextMessage();
  // What one asks for in any case is answered later than the question before it would have been.
  await client.sendText(anna, bert.id, 'the price', { options: '%7B%22askanswer%22%3Atrue%7D' });
  await atAnna.nextMessage();
  await atBert.close();
  await client.sendText(anna, bert.id, 'seeyoutomorrow', { options });
  await client.sendText(anna, bert.id, 'what is the price?', { options });
  expect(textOf(await atAnna.nextMessage())).toBe('Ten yuan');
  expect(query(directory, 'SELECT count(*) AS count FROM message WHERE notice = 1')).toEqual([{ count: 2 }]);
});

test('whoever leaves right after a question has seen it: nothing is answered in their name', async () => {
  const { client, directory, anna, bert } = await twoPeople();
  await desk(client, bert, 'create', { ...ASK, create_userId: bert.id });
  await desk(client, bert, 'create', {
    ...ASK,
    ask: 'Where is the shop?',
    answer: 'Here',
    create_userId: bert.id,
  });
  const atAnna = await client.connect(anna);
  const atBert = await client.connect(bert);
  const options = encodeURIComponent(JSON.stringify({ askanswer: 'away' }));
  await client.sendText(anna, bert.id, 'what is the price?', { options });
  await atBert.nextMessage();
  await atBert.close();
  // What one asks for in any case is answered later than the question before it would have been.
  await client.sendText(anna, bert.id, 'Where is the shop?', { options: '%7B%22askanswer%22%3Atrue%7D' });
  expect(textOf(await atAnna.nextMessage())).toBe('Here');
  expect(query(directory, 'SELECT count(*) AS count FROM message WHERE notice = 1')).toEqual([{ count: 1 }]);
});

test('answers belong to their owner, whatever owner or id somebody else names', async () => {
  const { client, anna, bert } = await twoPeople();
  await desk(client, bert, 'create', { ...ASK, create_userId: bert.id });
  const list = await desk(client, bert, 'list', { type: 'single', userId: bert.id });
  const [{ id }] = list['data'] as [{ id: number }];
  const unknown = { code: 404, msg: '问答不存在' };
  const named = { type: 'single', create_userId: bert.id };
  expect(await desk(client, anna, 'detail', { id, ...named })).toEqual(unknown);
  expect(await desk(client, anna, 'update', { ...ASK, id, ...named, answer: 'mine' })).toEqual(unknown);
  expect(await desk(client, anna, 'update', { ...ASK, id, create_userId: anna.id })).toEqual(unknown);
  expect(await desk(client, anna, 'delete', { id, ...named })).toEqual(unknown);
  expect(await desk(client, anna, 'create', { ...ASK, ask: 'planted', create_userId: bert.id })).toEqual(
    unknown,
  );
  expect(await desk(client, anna, 'list', { type: 'single', userId: bert.id })).toEqual(unknown);
  expect(await desk(client, bert, 'list', { type: 'single', userId: bert.id })).toEqual(list);
  // What a message would be answered with may be searched, until the owner wants nothing of the caller.
  const search = { ...named, ask: 'price' };
  expect(await desk(client, anna, 'search', search)).toMatchObject({ code: 200, data: { id } });
  await client.befriend(bert, anna);
  await client.data('POST', `/api/chat/setblackgoodfriend/${anna.id}`, { token: bert.token });
  expect(await desk(client, anna, 'search', search)).toEqual({ code: 404, msg: '暂无问答数据' });
});

test('answers have limits, and two never share a question', async () => {
  const { client, bert } = await twoPeople();
  const own = { create_userId: bert.id };
  const long = await desk(client, bert, 'create', { ...ASK, ...own, ask: 'x'.repeat(501) });
  expect(long).toMatchObject({ code: 400 });
  await desk(client, bert, 'create', { ...ASK, ...own });
  await desk(client, bert, 'create', { ...ASK, ...own, ask: 'second' });
  const list = await desk(client, bert, 'list', { type: 'single', userId: bert.id });
  const [first, second] = list['data'] as { id: number }[];
  expect(second?.id).toBeGreaterThan(first?.id ?? 0);
  const clash = await desk(client, bert, 'update', { ...ASK, ...own, id: second?.id });
  expect(clash).toEqual({ code: 400, msg: '已有相同的问题' });
});

async function complain(client: PlainClient, who: PlainAccount, json: object): Promise<number> {
  const body = { target_type: 'single', reason: 'spam', ...json };
  const answer = await client.call('POST', '/api/chat/complaint/create', { token: who.token, json: body });
  expect(answer.body).toMatchObject({ msg: '投诉提交成功' });
  return (answer.body as { data: { id: number } }).data.id;
}

test('a complaint is seen and changed by its author alone', async () => {
  const { client, anna, bert } = await twoPeople();
  const id = await complain(client, anna, { target_id: bert.id });
  const unknown = { msg: '投诉记录不存在', data: {} };
  for (const [method, path] of [
    ['GET', `detail/${id}`],
    ['POST', `update/${id}`],
    ['POST', `delete/${id}`],
  ] as const) {
    const json = method === 'POST' ? { content: 'mine now' } : undefined;
    const answer = await client.call(method, `/api/chat/complaint/${path}`, {
      token: bert.token,
      ...(json === undefined ? {} : { json }),
    });
    expect(answer).toMatchObject({ status: 400, body: unknown });
  }
  const list = await client.call('GET', '/api/chat/complaint/list', { token: bert.token });
  expect(list.body).toEqual({ msg: '获取成功', data: [] });
  const detail = await client.call('GET', `/api/chat/complaint/detail/${id}`, { token: anna.token });
  expect(detail.body).toMatchObject({ data: { id, content: '', status: 0, user: { id: anna.id } } });
});

test('evidence is kept as the server knows it, and proves nothing that its author could not read', async () => {
  const { client, directory, anna, bert } = await twoPeople();
  const cora = await client.register('cora01');
  const toAnna = await client.sendText(bert, anna.id, 'buy now');
  const toCora = await client.sendText(bert, cora.id, 'a secret');
  await client.data('POST', '/api/chat/userset', { token: anna.token, json: { userset: OPEN_TO_ALL } });
  const recalled = await client.sendText(bert, anna.id, 'taken back');
  const { id, chatType, create_time } = recalled;
  await client.data('POST', '/api/chat/revokeMessage', {
    token: bert.token,
    json: { id, chatType, to_id: anna.id, to_name: 'Anna', to_avatar: '/public/a.png', create_time },
  });
  const claims = [toAnna, toCora, recalled, { id: 'made-up', text: 'lies' }, 'bare'];
  await complain(client, anna, { target_id: bert.id, complaint_chatinfo: claims });
  const [row] = query(directory, 'SELECT evidence FROM complaint') as [{ evidence: string }];
  const evidence = JSON.parse(row.evidence) as { claimed: unknown; stored: string | null }[];
  expect(evidence.map(({ claimed }) => claimed)).toEqual(claims);
  expect(evidence.map(({ stored }) => stored !== null)).toEqual([true, false, false, false, false]);
  expect(textOf(JSON.parse(evidence[0]?.stored ?? '{}'))).toBe('buy now');
});

test.each([
  ['no reason', { reason: '' }, '缺少必要参数'],
  ['a long reason', { reason: 'x'.repeat(501) }, '投诉提交失败'],
  ['ten pictures', { images: Array.from({ length: 10 }, () => '/public/a.png') }, '投诉提交失败'],
  ['a picture that is a script', { images: ['javascript:alert(1)'] }, '投诉提交失败'],
  ['a target that is no number', { target_id: 'x' }, '投诉提交失败'],
  ['evidence without end', { complaint_chatinfo: Array.from({ length: 101 }, () => 1) }, '投诉提交失败'],
])('a complaint with %s is refused', async (_name, json, text) => {
  const { client, anna, bert } = await twoPeople();
  const answer = await client.call('POST', '/api/chat/complaint/create', {
    token: anna.token,
    json: { target_id: bert.id, target_type: 'single', reason: 'spam', ...json },
  });
  expect(answer).toMatchObject({ status: 400, body: { msg: text, data: {} } });
});

test('the twenty-first complaint within an hour has to wait', async () => {
  const { client, anna, bert } = await twoPeople();
  for (let count = 0; count < 20; count++) await complain(client, anna, { target_id: bert.id });
  const json = { target_id: bert.id, target_type: 'single', reason: 'spam' };
  const answer = await client.call('POST', '/api/chat/complaint/create', { token: anna.token, json });
  expect(answer.status).toBe(429);
});

test('a code says what is documented, also with a name that would break an address', async () => {
  const { client, anna, bert } = await twoPeople();
  await client.data('POST', '/api/chat/updateUserinfo', {
    token: bert.token,
    json: { fieldname: 'nickname', fieldValue: '张 & 三#1' },
  });
  const web = encodeURIComponent(`${client.origin}/open`);
  const path = `/api/chat/groupQrcode/${bert.id}?chatType=single&type=H5&http=${web}&token=${anna.token}`;
  const { bytes, contentType } = await client.call('GET', path);
  expect(contentType).toBe('image/png');
  const { data, width, height } = PNG.sync.read(bytes);
  const text = jsQR(new Uint8ClampedArray(data), width, height)?.data ?? '';
  const [page, query = ''] = text.split('?');
  expect(page).toBe(`${client.origin}/open#/pages/setpageInfo/setpageInfo`);
  expect(Object.fromEntries(new URLSearchParams(query))).toEqual({
    action: 'autoAddGroup',
    title: '加用户[张 & 三#1]为好友',
    id: String(bert.id),
    chatType: 'single',
    name: '张 & 三#1',
    avatar: bert['avatar'],
  });
});

test('plain clients hear of the pages of their app, ours do not', async () => {
  const { client, anna } = await twoPeople();
  const plain = await client.connect(anna);
  await plain.until(() => plain.frames.filter(isConnectNotice).length === 7);
  await plain.close();
  const ours = await client.connect(anna, '&client=magpie');
  await ours.next((frame) => frame['type'] === 'ready');
  expect(ours.frames.filter(isConnectNotice)).toEqual([]);
});
