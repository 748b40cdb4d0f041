/** Contacts and applications (E9, E14 to E22). */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../../helpers/plain-egg-im/plain-client.ts';
import { textMessage } from '../../../helpers/plain-egg-im/plain-client.ts';
import { messageThat, textOf } from '../world.ts';
import type { Outcome } from './calls.ts';
import { OK, fail, get, ok, post, world } from './calls.ts';

export function describeFriends(): void {
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
      const befriend = (id: number): Promise<Outcome> =>
        post(anna, 'autoAddFriendAndAgree', { friend_id: id });
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
      expect(
        await post(anna, `setmeOrfriendCanSee/${bert.id}`, { friendlookme: 0, melookfriend: 1 }),
      ).toEqual(OK);
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
      expect(
        await post(anna, `setmeOrfriendCanSee/${bert.id}`, { friendlookme: 1, melookfriend: 1 }),
      ).toEqual(refused);
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
}
