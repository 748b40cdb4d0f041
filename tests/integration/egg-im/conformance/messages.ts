/** Messages, their lists and recall. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../../helpers/plain-egg-im/plain-client.ts';
import { textMessage } from '../../../helpers/plain-egg-im/plain-client.ts';
import { expectMended } from '../expected-differences.ts';
import { messageThat, textOf } from '../world.ts';
import type { Outcome } from './calls.ts';
import { OK, fail, ok, post, world } from './calls.ts';

export function describeMessages(): void {
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
          userset: JSON.stringify({
            chatset: { visitor: { sendCount: visitor }, user: { sendCount: user } },
          }),
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
          expect.objectContaining({
            id: sent['id'],
            actionType: 'revoke',
            type: 'systemNotice',
            group: null,
          }),
        ),
      );
      const notice = await messageThat(
        socket,
        ({ id, actionType, from_id }) => id === sent['id'] && actionType === 'revoke' && from_id === anna.id,
      );
      expect(textOf(notice)).toBe('Anna撤回了一条消息');
    });
  });
}
