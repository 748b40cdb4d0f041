/** E28 to E38: groups; and what we can beyond the protocol: join requests, receipts. */
import type { Domain } from '../../domain/domain.ts';
import { integer, list, oneOf, optionalInteger, optionalText, text } from '../parameters.ts';
import type { Routing } from '../routing.ts';

const MOST_PER_PAGE = 10_000;

const ofGroup = { id: integer('群id') };
const inGroup = { group_id: integer('群id') };

export function registerGroupRoutes(routing: Routing, { groups }: Domain): void {
  routing.signedIn('POST', 'group/create', { userIds: list('userIds') }, async ({ account, values }) => {
    await groups.create(account, values.userIds);
    return 'ok';
  });
  routing.signedIn(
    'GET',
    'grouplist/:page',
    { page: integer('页码'), limit: optionalInteger('每页条数', [1, MOST_PER_PAGE], 30) },
    ({ account, values }) => groups.list(account, values.page, values.limit),
  );
  routing.signedIn('GET', 'groupinfo/:id', ofGroup, ({ values }) => groups.profile(values.id));
  routing.signedIn(
    'POST',
    'groupUpdateName',
    { ...ofGroup, name: text('群名称', [1, 20]) },
    async ({ account, values }) => {
      await groups.rename(account, values.id, values.name);
      return 'ok';
    },
  );
  routing.signedIn(
    'POST',
    'groupremark',
    { ...ofGroup, remark: text('群公告', [1, 500]) },
    async ({ account, values }) => {
      await groups.announce(account, values.id, values.remark);
      return 'ok';
    },
  );
  routing.signedIn(
    'POST',
    'groupnickname',
    { ...ofGroup, nickname: text('群昵称', [1, 20]) },
    async ({ account, values }) => {
      await groups.setNickname(account, values.id, values.nickname);
      return 'ok';
    },
  );
  routing.signedIn('POST', 'groupDeleteOrQuit', ofGroup, async ({ account, values }) => {
    await groups.quit(account, values.id);
    return 'ok';
  });
  routing.signedIn(
    'POST',
    'groupDeleteUser',
    { ...inGroup, user_id: integer('群成员id') },
    async ({ account, values }) => {
      await groups.remove(account, values.group_id, values.user_id);
      return '删除群成员成功';
    },
  );
  // `inviteuser_id` may be sent, but who invites is known from the token (quirk Q14).
  routing.signedIn(
    'POST',
    'groupInviteUser',
    { ...inGroup, user_id: integer('用户id'), addGroupDesc: optionalText('加群说明', [1, 500]) },
    ({ account, values }) =>
      groups.join(account, {
        groupId: values.group_id,
        accountId: values.user_id,
        reason: values.addGroupDesc,
      }),
  );
  routing.signedIn(
    'POST',
    'groupAddUserSet',
    { ...inGroup, addGroupSet: integer('进群设置属性值', [0, 10]) },
    async ({ account, values }) => {
      await groups.setPolicy(account, values.group_id, values.addGroupSet);
      return '设置成功';
    },
  );
  routing.signedIn(
    'POST',
    'groupAgreeOrNo',
    { ...inGroup, user_id: integer('用户id'), type: oneOf('同意或者拒绝', ['agree', 'no']) },
    async ({ account, values }) => {
      const agrees = values.type === 'agree';
      await groups.decide(account, { groupId: values.group_id, accountId: values.user_id, agrees });
      return '处理成功';
    },
  );

  routing.signedIn('GET', 'groupRequests/:id', ofGroup, ({ account, values }) =>
    groups.requests(account, values.id),
  );
  routing.signedIn('GET', 'groupMarks/:id', ofGroup, ({ account, values }) =>
    groups.marks(account, values.id),
  );
  routing.signedIn(
    'GET',
    'groupReaders/:id',
    { ...ofGroup, seq: integer('消息序号') },
    ({ account, values }) => groups.readers(account, values.id, values.seq),
  );
  routing.signedIn(
    'POST',
    'groupReadReceipts',
    { ...inGroup, enabled: oneOf('已读回执', ['0', '1']) },
    async ({ account, values }) => {
      await groups.setReadReceipts(account, values.group_id, values.enabled === '1');
      return 'ok';
    },
  );
}
