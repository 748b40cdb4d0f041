/**
 * Does a server speak `egg-im`? From the protocol and its recorded exchanges alone, through the wire alone. Against ours,
 * the mended faults must be mended; a foreign server may show them (`npm run test:conformance -- --origin URL`).
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer, Frame, PlainAccount } from '../../helpers/plain-egg-im/plain-client.ts';
import { sign, textMessage } from '../../helpers/plain-egg-im/plain-client.ts';
import { png } from '../../helpers/files/samples.ts';
import { GroupCalls } from '../server/groups.ts';
import { ENDPOINTS } from './endpoints.ts';
import { expectMended, report } from './expected-differences.ts';
import { EXCHANGES, FOREIGN, messageThat, openWorld, textOf } from './world.ts';
import type { World } from './world.ts';

const ok = (data: unknown): Outcome => ({ status: 200, msg: 'ok', data });
const fail = (data: string): Outcome => ({ status: 400, msg: 'fail', data });
const OK = ok('ok');

interface Outcome {
  status: number;
  msg: string;
  data: unknown;
}

const NO_TOKEN = fail('您没有权限访问即时通讯接口');
const BAD_TOKEN = fail('Token 令牌不合法！');
const VISITOR = fail('您没有权限访问，请先注册或登录');
const DISABLED = fail('当前用户不存在或者已被禁用');
const FAULT = { status: 500, msg: 'fail', data: expect.any(String) as unknown };

let world: World;
let groups: GroupCalls;
let group: number;

beforeAll(async () => {
  world = await openWorld();
  groups = new GroupCalls(world.client);
});

function outcome({ status, body }: Answer): Outcome {
  const { msg, data } = (body ?? {}) as { msg: string; data: unknown };
  return { status, msg, data };
}

async function post(who: PlainAccount, path: string, json: object = {}): Promise<Outcome> {
  return outcome(await world.client.call('POST', `/api/chat/${path}`, { token: who.token, json }));
}

async function get(who: PlainAccount, path: string): Promise<Outcome> {
  return outcome(await world.client.call('GET', `/api/chat/${path}`, { token: who.token }));
}

afterAll(() => {
  if (FOREIGN !== '') process.stdout.write(`\n${report()}`);
});

describe('validation: every recorded 422, word for word', () => {
  interface Exchange {
    name: string;
    status?: number;
    request: { method: string; path: string; headers?: Record<string, string>; body?: unknown };
    response: { data: string };
  }
  const recorded = (JSON.parse(readFileSync(EXCHANGES, 'utf8')) as Exchange[]).filter(
    ({ status }) => status === 422,
  );
  // Recall: ours demands less (Q12), and the upper bound is the clock. Bodies that are no objects: next block.
  const apart = /^E27 |^JSON array body|^text body/;
  test.each(recorded.filter(({ name }) => !apart.test(name)))('$name', async ({ request, response }) => {
    const { method, path, body, headers } = request;
    const isForm = typeof body === 'string';
    const answer = await world.client.call(method, path, {
      ...(headers?.['token'] === undefined ? {} : { token: world.anna.token }),
      ...(body === undefined ? {} : isForm ? { form: body } : { json: body }),
      ...(path.includes('/visitor') ? { headers: { 'X-Security-Sign': 'x' } } : {}),
    });
    expect(outcome(answer)).toEqual({ status: 422, msg: 'fail', data: response.data });
  });
  test('all of them are here', () => {
    expect(recorded.length).toBe(48);
  });
});

describe('roles: every endpoint with every caller', () => {
  const guarded = ENDPOINTS.filter(({ access }) => access === 'visitor' || access === 'user');
  const named = (who: PlainAccount, path: string): string => path.replace(':uuid', who.uuid);

  test.each(guarded)('$id no token: refused', async ({ method, path }) => {
    const answer = await world.client.call(
      method,
      named(world.anna, path),
      method === 'POST' ? { json: {} } : {},
    );
    expect(outcome(answer)).toEqual(NO_TOKEN);
  });

  test.each(guarded)('$id something that is no token: refused', async ({ method, path }) => {
    const answer = await world.client.call(method, named(world.anna, path), {
      token: 'nonsense',
      ...(method === 'POST' ? { json: {} } : {}),
    });
    expectMended(outcome(answer), 'Q5', BAD_TOKEN, FAULT);
  });

  test.each(guarded)('$id a guest: only what guests may', async ({ method, path, access }) => {
    const answer = await world.client.call(method, named(world.guest, path), {
      token: world.guest.token,
      ...(method === 'POST' ? { json: {} } : {}),
    });
    if (access === 'user') expect(outcome(answer)).toEqual(VISITOR);
    else expect(outcome(answer)).not.toEqual(VISITOR);
  });

  test.each(guarded.filter(({ id }) => id !== 'E3'))(
    '$id a user, and an administrator alike: let in',
    async ({ method, path }) => {
      const asked = async (who: PlainAccount): Promise<Outcome> =>
        outcome(
          await world.client.call(method, named(who, path), {
            token: who.token,
            ...(method === 'POST' ? { json: {} } : {}),
          }),
        );
      const [user, administrator] = [await asked(world.cora), await asked(world.root)];
      for (const refusal of [NO_TOKEN, BAD_TOKEN, VISITOR, DISABLED]) expect(user).not.toEqual(refusal);
      // The protocol gives administrators nothing that users do not have.
      expect({ status: administrator.status, msg: administrator.msg }).toEqual({
        status: user.status,
        msg: user.msg,
      });
    },
  );

  test.each(ENDPOINTS.filter(({ access }) => access === 'signed'))(
    '$id without a signature, with a wrong one, an old one, a wrong device',
    async ({ path }) => {
      const deviceId = randomUUID();
      const timestamp = Date.now();
      const person = { username: `late${world.tag}`, password: 'secret12' };
      const ask = async (device: string, at: number, header: string | undefined): Promise<Outcome> =>
        outcome(
          await world.client.call('POST', path, {
            json: { ...person, deviceId: device, timestamp: at },
            ...(header === undefined ? {} : { headers: { 'X-Security-Sign': header } }),
          }),
        );
      expectMended(await ask(deviceId, timestamp, undefined), 'Q6', fail('非法访问'), FAULT);
      expect(await ask(deviceId, timestamp, 'f'.repeat(64))).toEqual(fail('非法签名'));
      const old = timestamp - 301_000;
      expect(await ask(deviceId, old, sign(deviceId, old, world.salt))).toEqual(fail('请求已过期'));
      const odd = `${deviceId.slice(0, 35)}!`;
      expect(await ask(odd, timestamp, sign(odd, timestamp, world.salt))).toEqual(fail('无效标识'));
    },
  );

  test('unknown paths and wrong methods', async () => {
    for (const [method, path] of [
      ['GET', '/api/nothing'],
      ['GET', '/api/regChat'],
    ] as const) {
      const answer = outcome(await world.client.call(method, path));
      expectMended(
        answer,
        'Q34',
        { status: 404, msg: 'fail', data: '404 错误' },
        { status: 200, msg: 'fail', data: '404 错误' },
      );
    }
  });
});

describe('accounts', () => {
  const credentials = (): { username: string; password: string } => ({
    username: `dora${world.tag}`,
    password: 'secret12',
  });
  const open = async (path: string, json: object): Promise<Outcome> =>
    outcome(await world.client.call('POST', `/api/${path}`, { json }));

  test('E1 registers and signs in; a taken name', async () => {
    expect(await open('regChat', credentials())).toEqual(
      ok(
        expect.objectContaining({
          username: `dora${world.tag}`,
          role: 'user',
          status: 1,
          token: expect.stringMatching(/^eyJ/) as unknown,
        }),
      ),
    );
    expect(await open('regChat', credentials())).toEqual(fail('该账号已存在，请换一个账号注册'));
  });

  test('E2 signs in; unknown name, wrong password; the older token dies', async () => {
    const first = (await open('loginChat', credentials())).data as PlainAccount;
    expect(await open('loginChat', credentials())).toMatchObject({ status: 200, msg: 'ok' });
    expect(await post(first, 'searchUser', { keyword: 'x' })).toEqual(BAD_TOKEN);
    expect(await open('loginChat', { username: `none${world.tag}`, password: 'secret12' })).toEqual(
      fail('账号不存在或者被禁用'),
    );
    expect(await open('loginChat', { ...credentials(), password: 'secret13' })).toEqual(
      fail('账户或密码错误'),
    );
  });

  test('E3 signs out', async () => {
    const account = (await open('loginChat', credentials())).data as PlainAccount;
    expect(await post(account, 'logout')).toEqual(ok(true));
    expect(await post(account, 'logout')).toEqual(BAD_TOKEN);
  });

  test('E4, E5, E6 guest entry, registration and sign-in on a device keep the account', async () => {
    const deviceId = randomUUID();
    const entered = async (
      endpoint: 'visitorRegister' | 'visitorregChat' | 'visitorloginChat',
      fields: object = {},
    ): Promise<Outcome> =>
      outcome(await world.client.guestCall(endpoint, { deviceId, ...fields }, world.salt));
    const guest = (await entered('visitorRegister')).data as PlainAccount;
    expect(guest).toMatchObject({ role: 'visitor', username: `VIS${deviceId.slice(0, 8)}` });
    expect((await entered('visitorRegister')).data).toMatchObject({ id: guest.id });
    const person = { username: `emil${world.tag}`, password: 'secret12' };
    expect(await entered('visitorregChat', { ...person, username: `dora${world.tag}` })).toEqual(
      fail('该账号已存在，请换一个账号注册'),
    );
    expect(await entered('visitorregChat', person)).toEqual(
      ok(expect.objectContaining({ id: guest.id, role: 'user', username: person.username })),
    );
    expect(await entered('visitorloginChat', person)).toEqual(ok(expect.objectContaining({ id: guest.id })));
  });

  test('E7 a profile; null for nobody', async () => {
    const profile = async (uuid: string): Promise<Outcome> =>
      outcome(await world.client.call('GET', `/api/userinfo/${uuid}`));
    const { id, uuid, username } = world.anna;
    const shown = await profile(uuid);
    expect(shown).toEqual(ok(expect.objectContaining({ id, uuid, username, role: 'user' })));
    expect(JSON.stringify(shown)).not.toMatch(/password|token/);
    expect(await profile(randomUUID())).toEqual(ok(null));
  });

  test('E8 finds by a part of the name, in any case, and never oneself or guests', async () => {
    const found = async (keyword: string): Promise<Frame[]> =>
      (await post(world.anna, 'searchUser', { keyword })).data as Frame[];
    expect(await found(`BERT${world.tag}`)).toEqual([
      {
        id: world.bert.id,
        username: world.bert.username,
        avatar: expect.any(String) as unknown,
        role: 'user',
        uuid: world.bert.uuid,
        nickname: '',
      },
    ]);
    expect(await found(world.anna.username)).toEqual([]);
    expect(await found(world.guest.username)).toEqual([]);
  });

  test('E10, E11 settings', async () => {
    const userset = JSON.stringify({
      chatset: { visitor: { sendCount: 2, needFollow: false }, user: { sendCount: 2, needFollow: false } },
    });
    expect(await post(world.bert, 'userset', { userset })).toEqual(OK);
    expect(await post(world.anna, 'getUserSetInfo', { userid: world.bert.id })).toEqual(
      ok({
        id: world.bert.id,
        uuid: world.bert.uuid,
        userset,
        invite_confirm: 0,
        isgoodfriend: false,
        isgoodfriend_status: true,
      }),
    );
    expect(await post(world.anna, 'getUserSetInfo', { userid: world.guest.id })).toEqual(
      fail('用户不存在或者为游客，无法加为好友'),
    );
    expectMended(
      await post(world.cora, 'userset', { userset: 'no json' }),
      'Q33',
      fail('用户设置格式错误'),
      OK,
    );
    await post(world.cora, 'userset', { userset: '{}' });
  });

  test('E12 nickname, picture, confirmation, and what is refused', async () => {
    const change = (fieldname: string, fieldValue: string): Promise<Outcome> =>
      post(world.anna, 'updateUserinfo', { fieldname, fieldValue });
    expect(await change('nickname', 'Anna')).toEqual(ok('修改昵称成功'));
    expect(await change('avatar', '/public/chat/a.png')).toEqual(ok('头像更新成功'));
    expect(await change('invite_confirm', '0')).toEqual(ok('设置成功'));
    expect(await change('nothing', 'x')).toEqual(ok(''));
    expect(await change('username', 'other')).toEqual(fail('账号不可修改'));
    expect(await change('nickname', 'n'.repeat(31))).toEqual(fail('昵称长度不能超过30个字符'));
    expect(await change('avatar', `/${'a'.repeat(1000)}`)).toEqual(fail('头像地址过长不能超过1000个字符'));
    expect(await change('invite_confirm', '7')).toEqual(fail('添加我为好友设置值错误'));
  });

  test('E13 password', async () => {
    const account = (await open('loginChat', credentials())).data as PlainAccount;
    const change = (
      oldpassword: string,
      newpassword: string,
      checknewpassword = newpassword,
    ): Promise<Outcome> => post(account, 'setPassword', { oldpassword, newpassword, checknewpassword });
    expect(await change('secret12', 'secret13', 'secret14')).toEqual(fail('新密码与确认新密码不一致'));
    expect(await change('wrong', 'secret13')).toEqual(fail('原始密码错误，无法修改密码'));
    expect(await change('secret12', 'secret13')).toEqual(ok('修改密码成功'));
    expect(await open('loginChat', { ...credentials(), password: 'secret13' })).toMatchObject({
      status: 200,
    });
  });

  test.skipIf(FOREIGN !== '')('a disabled account is refused everywhere', async () => {
    const { username, id } = await world.client.register(`gina${world.tag}`);
    const account = await world.client.login(username);
    await world.setDisabled?.(username, true);
    expect(await post(account, 'searchUser', { keyword: 'x' })).toEqual(DISABLED);
    expect(await open('loginChat', { username, password: 'secret12' })).toEqual(fail('账号不存在或者被禁用'));
    expect(await post(world.anna, 'socket/sendmessage', textMessage(id, 'x'))).toEqual(
      fail('对方不存在或者被禁用，不能发消息'),
    );
  });
});

describe('friends', () => {
  test('E14 applies (N8); oneself, nobody, twice', async () => {
    const socket = await world.socketOf(world.bert);
    const apply = (id: number): Promise<Outcome> =>
      post(world.cora, 'applyfriend', { friend_id: id, nickname: 'hello' });
    expect(await apply(world.cora.id)).toEqual(fail('不能添加自己为好友'));
    expect(await apply(999_999_999)).toEqual(fail('添加的好友不存在'));
    expect(await apply(world.bert.id)).toEqual(OK);
    const notice = await messageThat(
      socket,
      ({ from_id }) => from_id === `redirect-applyFriend-${world.cora.id}`,
    );
    expect(notice).toMatchObject({
      from_name: '好友申请提醒',
      chatType: 'single',
      type: 'text',
      redirect: { url: '/pages/applyMyfriend/applyMyfriend', type: 'navigateTo' },
      msgidKey: notice['from_id'],
    });
    expect(await apply(world.bert.id)).toEqual(fail('您已经申请过了，请勿重复申请'));
  });

  test('E9, E15 the application as its recipient sees it', async () => {
    const { cora, bert } = world;
    expect(await post(bert, `isApplyfriend/${cora.uuid}`)).toEqual(
      ok(
        expect.objectContaining({
          user_id: cora.id,
          friend_id: bert.id,
          nickname: 'hello',
          status: 'pending',
        }),
      ),
    );
    expect(await post(bert, `isApplyfriend/${world.anna.uuid}`)).toEqual(fail('用户申请信息不存在'));
    expect(await post(bert, `isApplyfriend/${randomUUID()}`)).toEqual(fail('用户不存在'));
    const { data } = await get(bert, 'listapplyfriend/1');
    expect(data).toMatchObject({
      pendingCount: 1,
      alldata: [{ user_id: cora.id, user: { uuid: cora.uuid } }],
    });
  });

  test('E16 only its recipient decides; agreeing makes friends of both (N9)', async () => {
    const { cora, bert } = world;
    const { data } = await get(bert, 'listapplyfriend/1');
    const [{ id }] = (data as { alldata: [{ id: number }] }).alldata;
    const gone = fail('申请不存在或已处理');
    expect(await post(world.anna, `handleapply/${id}`, { status: 'agree' })).toEqual(gone);
    expect(await post(bert, `handleapply/${id}`, { status: 'pending' })).toEqual(OK);
    const [atCora, atBert] = [await world.socketOf(cora), await world.socketOf(bert)];
    expect(await post(bert, `handleapply/${id}`, { status: 'agree', nickname: 'My Cora' })).toEqual(OK);
    const isFriendship = (peer: number) => (message: Frame) =>
      message['from_id'] === peer && textOf(message) === '我们已经是好友了，可以开始聊天了';
    const copies = [
      await messageThat(atCora, isFriendship(bert.id)),
      await messageThat(atBert, isFriendship(cora.id)),
    ];
    expect(copies[0]?.['id']).toBe(copies[1]?.['id']);
    expect(copies[1]).toMatchObject({ type: 'systemNotice', from_name: 'My Cora' });
    expect(await post(bert, `handleapply/${id}`, { status: 'agree' })).toEqual(gone);
  });

  test('E17 at once, unless the other one wants to be asked', async () => {
    const { anna, bert } = world;
    await post(world.root, 'updateUserinfo', { fieldname: 'invite_confirm', fieldValue: '1' });
    const befriend = (id: number): Promise<Outcome> => post(anna, 'autoAddFriendAndAgree', { friend_id: id });
    expect(await befriend(world.root.id)).toEqual(fail('需要对方审核，不能自动加对方为好友'));
    expect(await befriend(anna.id)).toEqual(fail('不能添加自己为好友'));
    expect(await befriend(bert.id)).toEqual(OK);
    expect(await befriend(bert.id)).toEqual(fail('您已经申请过了，请勿重复申请'));
  });

  test('E18, E19 contacts, grouped by initials; nobody has an empty list', async () => {
    const { anna, bert } = world;
    const { data } = await get(anna, 'goodfriendlist/1');
    expect(data).toMatchObject({
      count: 1,
      rows: {
        indexList: ['B'],
        total: 1,
        newList: [{ title: 'B', list: [{ friend_id: bert.id, uuid: bert.uuid }] }],
      },
    });
    expect(await get(world.root, 'goodfriendlist/1')).toEqual(ok({ count: 0, rows: [] }));
    expect(await get(anna, `getgoodfriendinfo/${bert.id}`)).toEqual(
      ok(
        expect.objectContaining({
          friend_id: bert.id,
          friendinfo: expect.objectContaining({ id: bert.id }) as unknown,
        }),
      ),
    );
    expect(await get(anna, `getgoodfriendinfo/${world.root.id}`)).toEqual(fail('好友不存在'));
  });

  test('E20 to E23 star, visibility, blacklist', async () => {
    const { anna, bert } = world;
    expect(await post(anna, `setstargoodfriend/${bert.id}`)).toEqual(OK);
    expect(await post(anna, `setmeOrfriendCanSee/${bert.id}`, { friendlookme: 0, melookfriend: 1 })).toEqual(
      OK,
    );
    expect(await post(anna, `ismygoodfriend/${bert.id}`)).toEqual(
      ok(
        expect.objectContaining({
          friend_id: bert.id,
          ismystarfriend: 1,
          friendlookme: 0,
          isblack: 0,
          status: 1,
        }),
      ),
    );
    expect(await post(anna, `setblackgoodfriend/${bert.id}`)).toEqual(OK);
    const refused = fail('好友不存在或者被拉黑，无法操作');
    expect(await post(anna, `setstargoodfriend/${bert.id}`)).toEqual(refused);
    expect(await post(anna, `setmeOrfriendCanSee/${bert.id}`, { friendlookme: 1, melookfriend: 1 })).toEqual(
      refused,
    );
    expect(await post(anna, `ismygoodfriend/${bert.id}`)).toEqual(fail('不是好友'));
    expect(await post(bert, 'socket/sendmessage', textMessage(anna.id, 'x'))).toEqual(
      fail('对方把你拉黑了，不能发送消息'),
    );
    expect(await post(anna, `setblackgoodfriend/${world.root.id}`)).toEqual(fail('好友不存在'));
    expect(await post(anna, `setblackgoodfriend/${bert.id}`)).toEqual(OK);
  });

  test('E24 ends it on both sides', async () => {
    const { bert, cora } = world;
    expect(await post(bert, `deletegoodfriend/${cora.id}`)).toEqual(ok('删除好友成功'));
    expect(await post(bert, `deletegoodfriend/${cora.id}`)).toEqual(fail('不是好友关系，无权操作'));
    expect(await post(cora, `ismygoodfriend/${bert.id}`)).toEqual(fail('不是好友'));
  });
});

describe('messages', () => {
  test('E25 arrives as it was answered (S6), and not at its sender', async () => {
    const { anna, bert } = world;
    const socket = await world.socketOf(bert);
    const own = await world.socketOf(anna);
    const { status, data } = await post(anna, 'socket/sendmessage', textMessage(bert.id, 'hi there'));
    expect(status).toBe(200);
    const sent = data as Frame;
    expect(sent).toMatchObject({
      from_id: anna.id,
      to_id: bert.id,
      chatType: 'single',
      type: 'text',
      data: '{"data":"hi there","dataType":false,"otherData":null}',
      isremove: 0,
      sendUUid: anna.uuid,
    });
    const received = await messageThat(socket, ({ id }) => id === sent['id']);
    expect(received).toEqual(sent);
    expect(own.messages.some(({ id }) => id === sent['id'])).toBe(false);
  });

  test('E25 whom one may not write to', async () => {
    const { cora, root, guest, client } = world;
    expect(await post(cora, 'socket/sendmessage', textMessage(999_999_999, 'x'))).toEqual(
      fail('对方不存在或者被禁用，不能发消息'),
    );
    const allow = (visitor: number, user: number): Promise<Outcome> =>
      post(root, 'userset', {
        userset: JSON.stringify({ chatset: { visitor: { sendCount: visitor }, user: { sendCount: user } } }),
      });
    await allow(0, 0);
    expect(await post(cora, 'socket/sendmessage', textMessage(root.id, 'x'))).toEqual(
      fail('对方设置成：需要您先成为他的好友才能发消息'),
    );
    expect(await post(guest, 'socket/sendmessage', textMessage(root.id, 'x'))).toEqual(
      fail('你们不是好友关系，对方设置成：先登录才能发消息'),
    );
    await allow(1, 1);
    const only = fail('在成为好友之前，对方只允许向他发一条消息');
    // Connected: the original counts only what was delivered (Q11).
    await client.connect(await client.login(root.username)).then((socket) => socket.close());
    world.root = await client.login(root.username);
    await world.socketOf(world.root);
    for (const writer of [cora, guest]) {
      expect((await post(writer, 'socket/sendmessage', textMessage(root.id, 'first'))).status).toBe(200);
      expect(await post(writer, 'socket/sendmessage', textMessage(root.id, 'second'))).toEqual(only);
    }
  });

  test('E26 brings what waited, in order', async () => {
    const { anna, bert, client } = world;
    await (await world.socketOf(bert)).close();
    for (const text of ['one', 'two', 'three']) {
      await expect
        .poll(async () => (await post(anna, 'socket/sendmessage', textMessage(bert.id, text))).status)
        .toBe(200);
    }
    const socket = await world.socketOf(bert);
    expect(await post(bert, 'chatGetmessageOffLine')).toEqual(OK);
    await socket.until(() => socket.messages.length >= 3);
    expect(socket.messages.slice(-3).map(textOf)).toEqual(['one', 'two', 'three']);
    expect(client.origin).not.toBe('');
  });

  test('E27 takes back (N7); too late, not one’s own', async () => {
    const { anna, bert } = world;
    const socket = await world.socketOf(bert);
    const sent = (await post(anna, 'socket/sendmessage', textMessage(bert.id, 'oops'))).data as Frame;
    const body = {
      to_id: bert.id,
      to_name: 'Bert',
      to_avatar: 'http://127.0.0.1/bert.png',
      id: sent['id'],
      chatType: 'single',
      create_time: sent['create_time'],
    };
    expect(
      await post(anna, 'revokeMessage', {
        ...body,
        create_time: Number(sent['create_time']) - 301_000,
        id: randomUUID(),
      }),
    ).toEqual(fail('消息超过5分钟，不能撤回'));
    const stranger = await post(world.cora, 'revokeMessage', body);
    expectMended(
      stranger,
      'Q14',
      fail('消息不存在，不能撤回'),
      ok(expect.objectContaining({ actionType: 'revoke' })),
    );
    expect(await post(anna, 'revokeMessage', body)).toEqual(
      ok(
        expect.objectContaining({ id: sent['id'], actionType: 'revoke', type: 'systemNotice', group: null }),
      ),
    );
    const notice = await messageThat(
      socket,
      ({ id, actionType, from_id }) => id === sent['id'] && actionType === 'revoke' && from_id === anna.id,
    );
    expect(textOf(notice)).toBe('Anna撤回了一条消息');
  });
});

describe('groups', () => {
  const noticeWith = (text: RegExp | string) => (message: Frame) =>
    message['chatType'] === 'group' &&
    (typeof text === 'string' ? textOf(message) === text : text.test(textOf(message)));

  test('E28 founds one with contacts (N1)', async () => {
    const { anna, bert } = world;
    const [atAnna, atBert] = [await world.socketOf(anna), await world.socketOf(bert)];
    expect(await post(anna, 'group/create', { userIds: [999_999_999] })).toEqual(
      fail('请选择加入群聊的用户'),
    );
    group = await groups.foundAgain(anna, [bert]);
    for (const socket of [atAnna, atBert]) {
      const notice = await messageThat(socket, noticeWith('Anna创建了一个群，大家可以开始聊天了'));
      expect(notice).toMatchObject({ to_id: group, type: 'systemNotice', from_id: anna.id });
    }
  });

  test('E29, E30 mine, and one with its members', async () => {
    const { anna, bert } = world;
    expect((await get(bert, 'grouplist/1?limit=5')).data).toMatchObject([
      { id: group, user_id: anna.id, group_users: [{ user_id: bert.id }] },
    ]);
    expect((await get(world.cora, 'grouplist/1')).data).toEqual([]);
    expect((await get(world.cora, `groupinfo/${group}`)).data).toMatchObject({ id: group, user_id: anna.id });
    expect(await get(anna, 'groupinfo/999999999')).toEqual(fail('群不存在或被封禁'));
  });

  test('E31, E32, E33 name and announcement by the owner (N2, N3), nickname by members', async () => {
    const { anna, bert, cora } = world;
    const socket = await world.socketOf(bert);
    expect(await post(bert, 'groupUpdateName', { id: group, name: 'Mine' })).toEqual(
      fail('只有群主才能修改群名称'),
    );
    expect(await post(anna, 'groupUpdateName', { id: group, name: 'Team' })).toEqual(OK);
    expect(await messageThat(socket, noticeWith('群名称修改为：Team'))).toMatchObject({ to_name: 'Team' });
    expect(await post(bert, 'groupremark', { id: group, remark: 'x' })).toEqual(
      fail('只有群主才能修改群公告'),
    );
    expect(await post(anna, 'groupremark', { id: group, remark: 'Be kind' })).toEqual(OK);
    const announced = await messageThat(socket, noticeWith(/^\[公告\]/));
    expect(announced).toMatchObject({ group: { remark: 'Be kind' } });
    expect(await post(cora, 'groupnickname', { id: group, nickname: 'x' })).toEqual(
      fail('你不在该群聊中，无法修改昵称'),
    );
    expect(await post(bert, 'groupnickname', { id: group, nickname: 'Berti' })).toEqual(OK);
  });

  test('E25 in a group; outside of it', async () => {
    const { anna, bert, cora } = world;
    const [atAnna, atBert] = [await world.socketOf(anna), await world.socketOf(bert)];
    const sent = (
      await post(bert, 'socket/sendmessage', { ...textMessage(group, 'hi all'), chatType: 'group' })
    ).data as Frame;
    expect(sent).toMatchObject({ chatType: 'group', to_id: group, from_name: 'Berti', group: { id: group } });
    await messageThat(atAnna, ({ id }) => id === sent['id']);
    expect(atBert.messages.some(({ id }) => id === sent['id'])).toBe(false);
    const say = { ...textMessage(group, 'x'), chatType: 'group' };
    expect(await post(cora, 'socket/sendmessage', say)).toEqual(fail('您不在群里，无法发消息'));
    expect(await post(anna, 'socket/sendmessage', { ...say, sendto_id: 999_999_999 })).toEqual(
      fail('群不存在或者已解散或者被封禁，无法发消息'),
    );
    const recall = {
      to_id: group,
      to_name: 'Team',
      to_avatar: 'http://127.0.0.1/t.png',
      id: sent['id'],
      chatType: 'group',
      create_time: sent['create_time'],
    };
    expect(await post(cora, 'revokeMessage', recall)).toEqual(fail('你不在该群聊中，操作失败'));
    expect(await post(bert, 'revokeMessage', { ...recall, to_id: 999_999_999 })).toEqual(fail('群不存在'));
    expect(await post(bert, 'revokeMessage', recall)).toMatchObject({ status: 200 });
    await messageThat(atBert, ({ id, actionType }) => id === sent['id'] && actionType === 'revoke');
  });

  test('E36, E37 whoever likes joins (N6); by approval (N10, E38, N6b)', async () => {
    const { anna, bert, cora } = world;
    const [atAnna, atBert] = [await world.socketOf(anna), await world.socketOf(bert)];
    const join = (who: PlainAccount, user_id = who.id, inviteuser_id = -1): Promise<Outcome> =>
      post(who, 'groupInviteUser', { group_id: group, user_id, inviteuser_id, addGroupDesc: 'let me in' });
    const policy = (who: PlainAccount, addGroupSet: number): Promise<Outcome> =>
      post(who, 'groupAddUserSet', { group_id: group, addGroupSet });
    const notYours = fail('群不存在或者被封禁或者你无权操作');
    expect(await policy(bert, 0)).toEqual(notYours);
    expect(await policy(anna, 0)).toEqual(ok('设置成功'));
    expect(await join(cora)).toEqual(ok('加群成功'));
    const joined = await messageThat(atBert, noticeWith(`[${cora.username}] 加入了群聊`));
    expect(joined).toMatchObject({ from_name: '加群申请提醒', to_id: group });
    expect(String(joined['from_id'])).toMatch(new RegExp(`^redirect-applyAddGroup${group}-${cora.id}-\\d+$`));
    expect(await join(cora)).toEqual(fail('用户已经在群里'));
    expect(await join(anna, 999_999_999, anna.id)).toEqual(fail('加群的用户不存在或已被封禁，无法加入群聊'));

    expect(await post(bert, 'groupDeleteUser', { group_id: group, user_id: cora.id })).toEqual(
      fail('只有群主才能操作'),
    );
    expect(await post(anna, 'groupDeleteUser', { group_id: group, user_id: anna.id })).toEqual(
      fail('群主不能删除自己'),
    );
    expect(await post(anna, 'groupDeleteUser', { group_id: group, user_id: cora.id })).toEqual(
      ok('删除群成员成功'),
    );

    await policy(anna, 1);
    expect(await join(cora)).toEqual(ok('等待群主同意'));
    const asked = await messageThat(atAnna, ({ from_name }) => from_name === '加群处理');
    expect(asked).toMatchObject({
      chatType: 'single',
      redirect: {
        desc: { addGroupUserType: '用户自主进群', addGroupDesc: 'let me in', addGroupUserRole: 'user' },
      },
    });
    expect(await join(cora)).toEqual(fail('已申请加入群聊，正在等待群主同意'));
    const decide = (who: PlainAccount, type: string): Promise<Outcome> =>
      post(who, 'groupAgreeOrNo', { group_id: group, user_id: cora.id, type });
    expect(await decide(bert, 'agree')).toEqual(notYours);
    expect(await decide(anna, 'no')).toEqual(ok('处理成功'));
    expect(await decide(anna, 'agree')).toEqual(fail('非法操作'));
    await join(cora);
    const before = atBert.messages.length;
    expect(await decide(anna, 'agree')).toEqual(ok('处理成功'));
    await atBert.until(() => atBert.messages.slice(before).some(noticeWith(`[${cora.username}] 加入了群聊`)));

    await policy(anna, 2);
    expect(await join(world.guest)).toEqual(fail('请先登录再申请进群'));
  });

  test('E39 codes', async () => {
    const { anna, bert, root, client } = world;
    const code = (query: string): Promise<Answer> => client.call('GET', `/api/chat/groupQrcode/${query}`);
    expect((await code(`${group}?token=${anna.token}`)).contentType).toContain('image/png');
    const h5 = await code(
      `${bert.id}?token=${anna.token}&chatType=single&type=H5&http=http%3A%2F%2Fweb.example%2F`,
    );
    expect(h5.contentType).toContain('image/png');
    expect(outcome(await code(`${group}?token=${root.token}`))).toEqual(
      fail('群不存在或被封禁或者您不在该群聊中'),
    );
    expect(outcome(await code(`999999999?token=${anna.token}&chatType=single&type=H5&http=h`))).toEqual(
      fail('用户不存在或被封禁'),
    );
    const app = await code(`${bert.id}?token=${anna.token}&chatType=single`);
    expectMended({ status: app.status }, 'Q15', { status: 200 }, { status: 500 });
  });

  test('E34 leaving (N5), and the end (N4)', async () => {
    const { anna, bert, cora, root } = world;
    const [atAnna, atBert] = [await world.socketOf(anna), await world.socketOf(bert)];
    expect(await post(root, 'groupDeleteOrQuit', { id: group })).toEqual(fail('你不在该群聊中，操作失败'));
    expect(await post(cora, 'groupDeleteOrQuit', { id: group })).toEqual(OK);
    await messageThat(atAnna, noticeWith(new RegExp(`^${cora.username}于 .+ 已退出群聊$`)));
    expect(await post(anna, 'groupDeleteOrQuit', { id: group })).toEqual(OK);
    for (const socket of [atAnna, atBert]) await messageThat(socket, noticeWith(/^群主于 .+ 解散了该群$/));
    expect(await post(anna, 'groupDeleteOrQuit', { id: group })).toEqual(fail('群不存在'));
  });
});

describe('files', () => {
  const picture = png(32, 32, [10, 20, 30]);
  const upload = (name: string, field = 'file', folder = 'chatImgs'): Promise<Answer> =>
    world.client.call('POST', `/api/chat/uploadStreamSingleToServerDiy/${folder}`, {
      token: world.anna.token,
      file: { field, name, content: picture },
    });

  test('E40 stores and tells the address; bad names, no file, no multipart', async () => {
    expect(outcome(await upload('a.PNG'))).toEqual(
      ok({ url: expect.stringMatching(/^\/public\/uploads\/Diy\/chatImgs\/\d{8}\/[\w]+\.png$/) as unknown }),
    );
    expect(outcome(await upload('a.exe'))).toEqual(fail('Invalid filename: a.exe'));
    expect(await post(world.anna, 'uploadStreamSingleToServerDiy/chatImgs')).toEqual(
      fail('Content-Type must be multipart/*'),
    );
  });

  test('E41 wants its own field', async () => {
    const answer = await world.client.call('POST', '/api/chat/uploadAliyun', {
      token: world.anna.token,
      file: { field: 'file', name: 'a.png', content: picture },
    });
    expect(outcome(answer)).toEqual(fail("上传失败: Expected field 'img', but got 'file'"));
  });

  test('E42 says what is missing', async () => {
    expect(await post(world.anna, 'getVideoScreenshot', { time: 20, width: 260 })).toEqual(
      fail('视频地址不能为空'),
    );
    const video = { videoUrl: `${world.client.origin}/public/none.mp4` };
    expect(await post(world.anna, 'getVideoScreenshot', { ...video, time: -1, width: 260 })).toEqual(
      fail('时间点参数无效'),
    );
    expect(await post(world.anna, 'getVideoScreenshot', { ...video, time: 1, width: 4000 })).toEqual(
      fail('图片宽度应在1-3840之间'),
    );
  });
});

describe('service desk', () => {
  const ask = async (who: PlainAccount, name: string, json: object): Promise<Frame> => {
    const { status, body } = await world.client.call('POST', `/api/chat/askanswer/${name}`, {
      token: who.token,
      json,
    });
    expect(status).toBe(200);
    return body as Frame;
  };

  test('E43 to E48 the life of an answer', async () => {
    const { bert } = world;
    const own = { type: 'single', create_userId: bert.id };
    const words = { ask: 'What is the price?', answer: 'Ten yuan' };
    expect(await ask(bert, 'create', { ...own })).toEqual({ code: 400, msg: '参数不完整' });
    expect(await ask(bert, 'create', { ...own, ...words })).toMatchObject({ code: 200, msg: '问答创建成功' });
    expect(await ask(bert, 'create', { ...own, ...words })).toMatchObject({ code: 200, msg: '问答已更新' });
    const list = await ask(bert, 'list', { type: 'single', userId: bert.id });
    expect(list).toMatchObject({
      code: 200,
      msg: '获取成功',
      data: [{ ...words, create_userId: bert.id, likeCount: 0 }],
    });
    const [{ id }] = list['data'] as [{ id: number }];
    expect(await ask(bert, 'detail', { id, ...own })).toMatchObject({ code: 200, data: words });
    expect(await ask(bert, 'update', { id, ...own, ...words, answer: 'Nine yuan' })).toMatchObject({
      code: 200,
      msg: '更新成功',
    });
    expect(await ask(bert, 'search', { ...own, ask: 'price' })).toMatchObject({
      code: 200,
      data: { answer: 'Nine yuan' },
      score: expect.any(Number) as unknown,
    });
    for (const name of ['detail', 'update', 'delete']) {
      expect(await ask(bert, name, { id: 1, ...own, ...words })).toMatchObject({
        code: 404,
        msg: '问答不存在',
      });
    }
  });

  test('a question is answered by itself (N12, N13)', async () => {
    const { anna, bert } = world;
    const [atAnna, atBert] = [await world.socketOf(anna), await world.socketOf(bert)];
    const options = encodeURIComponent(JSON.stringify({ askanswer: true }));
    await post(anna, 'socket/sendmessage', { ...textMessage(bert.id, 'price'), options });
    const reply = await messageThat(atAnna, (message) => textOf(message) === 'Nine yuan');
    expect(reply).toMatchObject({ from_id: bert.id, type: 'text' });
    const copy = await messageThat(atBert, ({ id }) => id === reply['id']);
    expect(copy).toMatchObject({ from_id: anna.id, type: 'systemNotice' });
    const own = { type: 'single', create_userId: bert.id };
    const [{ id }] = (await ask(bert, 'list', { type: 'single', userId: bert.id }))['data'] as [
      { id: number },
    ];
    expect(await ask(bert, 'delete', { id, ...own })).toMatchObject({ code: 200, msg: '删除成功' });
    expect(await ask(bert, 'search', { ...own, ask: 'price' })).toMatchObject({
      code: 404,
      msg: '暂无问答数据',
    });
  });

  test('E49 to E53 the life of a complaint', async () => {
    const { anna, bert } = world;
    const gone = { status: 400, msg: '投诉记录不存在', data: {} };
    const whole = {
      target_id: bert.id,
      target_type: 'single',
      target_name: 'Bert',
      reason: 'spam',
      images: ['/public/a.png'],
    };
    expect(await post(anna, 'complaint/create', { reason: 'x' })).toEqual({
      status: 400,
      msg: '缺少必要参数',
      data: {},
    });
    expect(await post(anna, 'complaint/create', { ...whole, target_type: 'zzz' })).toEqual({
      status: 400,
      msg: '投诉提交失败',
      data: {},
    });
    const made = await post(anna, 'complaint/create', whole);
    expect(made).toEqual({ status: 200, msg: '投诉提交成功', data: { id: expect.any(Number) as unknown } });
    const { id } = made.data as { id: number };
    expect(await post(anna, `complaint/update/${id}`, { content: 'more' })).toEqual({
      status: 200,
      msg: '更新成功',
      data: {},
    });
    expect(await get(anna, `complaint/detail/${id}`)).toMatchObject({
      status: 200,
      data: { id, reason: 'spam', content: 'more', status: 0, admin_reply: null, user: { uuid: anna.uuid } },
    });
    expect(await get(anna, 'complaint/list')).toMatchObject({ status: 200, msg: '获取成功', data: [{ id }] });
    // Whose it is, the original does not always ask.
    const theirs = await get(bert, `complaint/detail/${id}`);
    expectMended(theirs, 'ownership', gone, expect.objectContaining({ status: 200 }));
    expect(await post(anna, `complaint/delete/${id}`)).toEqual({ status: 200, msg: '删除成功', data: {} });
    expect(await get(anna, `complaint/detail/${id}`)).toEqual(gone);
    expect(await post(anna, `complaint/update/${id}`, { content: 'x' })).toEqual(gone);
    expect(await post(anna, `complaint/delete/${id}`)).toEqual(gone);
  });
});

describe('the socket', () => {
  test('S4 refuses with a sentence, then closes without a code', async () => {
    for (const [query, text] of [
      ['', '缺少 token 参数'],
      ['?token=', '缺少 token 参数'],
      ['?token=nonsense', 'Token 不合法'],
    ] as const) {
      const socket = world.client.socket(`/ws${query}`);
      expect(await socket.untilClosed(), query).toBe(1005);
      expect(socket.frames, query).toEqual([{ msg: 'fail', data: text }]);
    }
  });

  test('S2 a ping is answered in both forms; other frames are not', async () => {
    const socket = await world.socketOf(world.cora);
    for (const ping of ['{"type":"ping"}', 'ping']) {
      const before = socket.frames.length;
      socket.web.send('{"type":"nothing"}');
      socket.web.send('not json');
      socket.web.send(ping);
      await socket.until(() => socket.frames.slice(before).some(({ type }) => type === 'pong'));
      expect(socket.frames.slice(before).filter(({ type }) => type !== 'pong' && type !== 'ping')).toEqual(
        [],
      );
    }
  });

  test('S3 and N14 to N23 at connecting; N11 first, after a new picture', async () => {
    const { client } = world;
    const anna = await client.login(world.anna.username);
    world.anna = anna;
    await groups.foundAgain(anna, [world.bert]);
    await client.connect(anna).then((socket) => socket.close());
    await post(anna, 'updateUserinfo', { fieldname: 'avatar', fieldValue: '/public/chat/b.png' });
    const socket = client.socket(`/ws?token=${anna.token}`);
    await socket.until(() => socket.frames.some(({ type }) => type === 'system'));
    socket.web.send('ping');
    await socket.until(() => socket.frames.some(({ type }) => type === 'pong'));
    const key = (frame: Frame): string =>
      frame['type'] === 'system'
        ? 'welcome'
        : String((frame['data'] as Frame | undefined)?.['from_id'] ?? '');
    const keys = socket.frames.map(key).filter((one) => one === 'welcome' || one.startsWith('redirect-'));
    expect(keys.slice(0, 2)).toEqual([`redirect-userInfoSet-${anna.id}`, 'welcome']);
    const wanted = [
      'setPassword',
      'groupList',
      'friendsList',
      'userInfoSet',
      'whoCanChatMe',
      'myQrcode',
      'search',
      'applyAddMeFriendSet',
      'AskAndAnswerSet',
    ];
    expect(keys.slice(2).sort()).toEqual(wanted.map((one) => `redirect-${one}-${anna.id}`).sort());
    await socket.close();
    const guestSocket = await client.connect(world.guest);
    await guestSocket.until(() =>
      guestSocket.frames.some((frame) => key(frame) === `redirect-visitorLogin-${world.guest.id}`),
    );
    await guestSocket.close();
  });

  test('elsewhere: the path with a slash, another path', async () => {
    for (const path of ['/ws/?token=x', '/other']) {
      const socket = world.client.socket(path);
      await Promise.race([socket.untilClosed(), socket.until(() => socket.frames.length > 0)]);
      if (path === '/other') expect(socket.refused).toBe(404);
      else expectMended(socket.refused, 'Q31', 404, undefined);
      await socket.close();
    }
  });
});
