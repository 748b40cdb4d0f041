/** Groups from foundation to end. */
import { describe, expect, test } from 'vitest';
import { textMessage } from '../../../helpers/plain-egg-im/plain-client.ts';
import type { Answer, Frame, PlainAccount } from '../../../helpers/plain-egg-im/plain-client.ts';
import { expectMended } from '../expected-differences.ts';
import { messageThat, textOf } from '../world.ts';
import type { Outcome } from './calls.ts';
import { OK, fail, get, groups, ok, outcome, post, world } from './calls.ts';

export function describeGroups(): void {
  describe('groups', () => {
    let group: number;
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
      expect((await get(world.cora, `groupinfo/${group}`)).data).toMatchObject({
        id: group,
        user_id: anna.id,
      });
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
      expect(sent).toMatchObject({
        chatType: 'group',
        to_id: group,
        from_name: 'Berti',
        group: { id: group },
      });
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
      expect(String(joined['from_id'])).toMatch(
        new RegExp(`^redirect-applyAddGroup${group}-${cora.id}-\\d+$`),
      );
      expect(await join(cora)).toEqual(fail('用户已经在群里'));
      expect(await join(anna, 999_999_999, anna.id)).toEqual(
        fail('加群的用户不存在或已被封禁，无法加入群聊'),
      );

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
      await atBert.until(() =>
        atBert.messages.slice(before).some(noticeWith(`[${cora.username}] 加入了群聊`)),
      );

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
}
