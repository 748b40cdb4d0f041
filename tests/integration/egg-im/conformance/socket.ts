/** The socket: opening, pings, notices. */
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../../helpers/plain-egg-im/plain-client.ts';
import { expectMended } from '../expected-differences.ts';
import { groups, post, world } from './calls.ts';

export function describeSocket(): void {
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
}
