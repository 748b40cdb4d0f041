/** Automatic answers and complaints (E43 to E53). */
import { describe, expect, test } from 'vitest';
import { textMessage } from '../../../helpers/plain-egg-im/plain-client.ts';
import type { Frame, PlainAccount } from '../../../helpers/plain-egg-im/plain-client.ts';
import { expectMended } from '../expected-differences.ts';
import { messageThat, textOf } from '../world.ts';
import { get, post, world } from './calls.ts';

export function describeServiceDesk(): void {
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
      expect(await ask(bert, 'create', { ...own, ...words })).toMatchObject({
        code: 200,
        msg: '问答创建成功',
      });
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
        data: {
          id,
          reason: 'spam',
          content: 'more',
          status: 0,
          admin_reply: null,
          user: { uuid: anna.uuid },
        },
      });
      expect(await get(anna, 'complaint/list')).toMatchObject({
        status: 200,
        msg: '获取成功',
        data: [{ id }],
      });
      // Whose it is, the original does not always ask.
      const theirs = await get(bert, `complaint/detail/${id}`);
      expectMended(theirs, 'ownership', gone, expect.objectContaining({ status: 200 }));
      expect(await post(anna, `complaint/delete/${id}`)).toEqual({ status: 200, msg: '删除成功', data: {} });
      expect(await get(anna, `complaint/detail/${id}`)).toEqual(gone);
      expect(await post(anna, `complaint/update/${id}`, { content: 'x' })).toEqual(gone);
      expect(await post(anna, `complaint/delete/${id}`)).toEqual(gone);
    });
  });
}
