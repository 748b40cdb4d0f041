import { expect, test } from 'vitest';
import { MagpieError } from '#protocol/errors';
import { payloadOf } from './http-client.ts';

function outcomeOf(status: number, json: unknown): unknown {
  try {
    return { payload: payloadOf({ status, json, retryAfter: null }) };
  } catch (thrown) {
    if (!(thrown instanceof MagpieError)) throw thrown;
    return { code: thrown.code, text: thrown.details?.serverText };
  }
}

test('prepared answers tell their outcome in `code`, whatever the status', () => {
  expect(outcomeOf(200, { code: 200, msg: '获取成功', data: [1] })).toEqual({ payload: [1] });
  expect(outcomeOf(200, { code: 200, msg: '删除成功' })).toEqual({ payload: undefined });
  expect(outcomeOf(200, { code: 404, msg: '问答不存在' })).toEqual({ code: 'refused', text: '问答不存在' });
  expect(outcomeOf(200, { code: 500, msg: '搜索失败' })).toEqual({ code: 'bad-answer', text: '搜索失败' });
});

test('complaints tell why in `msg`', () => {
  expect(outcomeOf(200, { msg: '投诉提交成功', data: { id: 1 } })).toEqual({ payload: { id: 1 } });
  expect(outcomeOf(400, { msg: '缺少必要参数', data: {} })).toEqual({
    code: 'refused',
    text: '缺少必要参数',
  });
});

test('all others tell it in `data`', () => {
  expect(outcomeOf(400, { msg: 'fail', data: '不是好友' })).toEqual({ code: 'refused', text: '不是好友' });
  expect(outcomeOf(400, { msg: 'fail', data: {} })).toEqual({ code: 'refused', text: undefined });
  expect(outcomeOf(400, { msg: 'fail', data: 'Token 令牌不合法！' })).toMatchObject({
    code: 'session-ended',
  });
  expect(outcomeOf(200, { msg: 'fail', data: '404 错误' })).toMatchObject({ code: 'bad-answer' });
  expect(outcomeOf(200, 'text')).toMatchObject({ code: 'bad-answer' });
});

test.each([408, 425])('%i is no refusal: what did not arrive may be said again', (status) => {
  expect(outcomeOf(status, { msg: 'fail', data: 'Request Timeout' })).toMatchObject({
    code: 'server-unreachable',
  });
  expect(outcomeOf(status, '<html>')).toMatchObject({ code: 'server-unreachable' });
});
