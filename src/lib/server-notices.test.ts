import { expect, it } from 'vitest';
import { readAnsweredForMe, readGroupNotice } from './server-notices.ts';

it('reads the sentences of servers', () => {
  expect(readGroupNotice('林晓创建了一个群，大家可以开始聊天了')).toEqual({ kind: 'created', name: '林晓' });
  expect(readGroupNotice('群名称修改为：周五')).toEqual({ kind: 'renamed', group: '周五' });
  expect(readGroupNotice('[公告] \n\n 第一行\n第二行 ')).toEqual({
    kind: 'announced',
    text: '第一行\n第二行',
  });
  expect(readGroupNotice('群主于 11/21/2026, 5:39:16 PM 解散了该群')).toEqual({ kind: 'dissolved' });
  expect(readGroupNotice('于晓于 2026/11/21 17:39:16 已退出群聊')).toEqual({ kind: 'left', name: '于晓' });
  expect(readGroupNotice('[ann] 加入了群聊')).toEqual({ kind: 'joined', name: 'ann', inviter: null });
  expect(readGroupNotice('[ben]邀请 [ann [x]] 加入了群聊')).toEqual({
    kind: 'joined',
    name: 'ann [x]',
    inviter: 'ben',
  });
  expect(readGroupNotice('请处理申请 [ann] 加入了群[周五]')).toEqual({
    kind: 'asked',
    name: 'ann',
    inviter: null,
    group: '周五',
  });
  expect(readGroupNotice('请处理申请 [ben]邀请 [ann] 加入了群[周五]')).toMatchObject({ inviter: 'ben' });
});

it('what it does not know stays as it came', () => {
  expect(readGroupNotice('ann 撤回了一条消息')).toBeNull();
  expect(readGroupNotice('大家好')).toBeNull();
});

it('finds the answer that was given in somebody’s name', () => {
  const notice =
    '系统根据您设置的问答数据，挑选了最接近的答案，回复给对方，回复内容是：\n\n 十点到六点\n周日休息';
  expect(readAnsweredForMe(notice)).toBe('十点到六点\n周日休息');
  expect(readAnsweredForMe('十点到六点')).toBeNull();
});
