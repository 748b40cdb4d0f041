/** Accounts, guests, profiles and settings (E1 to E13). */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Frame, PlainAccount } from '../../../helpers/plain-egg-im/plain-client.ts';
import { textMessage } from '../../../helpers/plain-egg-im/plain-client.ts';
import { expectMended } from '../expected-differences.ts';
import { FOREIGN } from '../world.ts';
import type { Outcome } from './calls.ts';
import { BAD_TOKEN, DISABLED, OK, fail, ok, outcome, post, world } from './calls.ts';

export function describeAccounts(): void {
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
      expect(await entered('visitorloginChat', person)).toEqual(
        ok(expect.objectContaining({ id: guest.id })),
      );
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
      expect(await open('loginChat', { username, password: 'secret12' })).toEqual(
        fail('账号不存在或者被禁用'),
      );
      expect(await post(world.anna, 'socket/sendmessage', textMessage(id, 'x'))).toEqual(
        fail('对方不存在或者被禁用，不能发消息'),
      );
    });
  });
}
