/** E9 and E14 to E24: friend applications and contacts. */
import { ALIAS_PATH } from '#protocol/wire/contacts';
import type { Domain } from '../../domain/domain.ts';
import { APPLICATION_STATUSES } from '../../domain/applications.ts';
import type { ApplicationStatus } from '../../domain/applications.ts';
import { integer, oneOf, optionalInteger, optionalText, text } from '../parameters.ts';
import type { Routing } from '../routing.ts';

const MOST_PER_PAGE = 10_000;

const friend = { id: integer('好友id') };
const apply = { friend_id: integer('我申请添加的好友id'), nickname: optionalText('申请说明', [1, 50]) };
const page = { page: integer('页码') };

export function registerFriendRoutes(routing: Routing, { applications, contacts }: Domain): void {
  routing.signedIn('POST', 'isApplyfriend/:uuid', { uuid: text('uuid值', [36, 36]) }, ({ account, values }) =>
    applications.pendingFrom(account, values.uuid),
  );
  routing.signedIn('POST', 'applyfriend', apply, async ({ account, values }) => {
    await applications.apply(account, values.friend_id, values.nickname);
    return 'ok';
  });
  routing.signedIn('POST', 'autoAddFriendAndAgree', apply, async ({ account, values }) => {
    await applications.befriend(account, values.friend_id, values.nickname);
    return 'ok';
  });
  routing.signedIn(
    'GET',
    'listapplyfriend/:page',
    { ...page, limit: optionalInteger('每页条数', [1, MOST_PER_PAGE], 10) },
    ({ account, values }) => applications.list(account, values.page, values.limit),
  );
  routing.signedIn(
    'POST',
    'handleapply/:id',
    {
      id: integer('申请id'),
      status: oneOf('处理状态', APPLICATION_STATUSES),
      nickname: optionalText('备注', [1, 50]),
    },
    async ({ account, values }) => {
      const status = values.status as ApplicationStatus;
      await applications.handle(account, values.id, status, values.nickname);
      return 'ok';
    },
  );

  routing.signedIn(
    'GET',
    'goodfriendlist/:page',
    { ...page, limit: optionalInteger('每页条数', [1, MOST_PER_PAGE], 2000) },
    ({ account, values }) => contacts.list(account, values.page, values.limit),
  );
  routing.signedIn('GET', 'getgoodfriendinfo/:id', friend, ({ account, values }) =>
    contacts.profile(account, values.id),
  );
  routing.signedIn('POST', 'ismygoodfriend/:id', friend, ({ account, values }) =>
    contacts.mine(account, values.id),
  );
  routing.signedIn('POST', 'setblackgoodfriend/:id', friend, async ({ account, values }) => {
    await contacts.toggleBlack(account, values.id);
    return 'ok';
  });
  routing.signedIn('POST', 'setstargoodfriend/:id', friend, async ({ account, values }) => {
    await contacts.toggleStar(account, values.id);
    return 'ok';
  });
  routing.signedIn(
    'POST',
    'setmeOrfriendCanSee/:id',
    {
      ...friend,
      friendlookme: oneOf('朋友是否可以看我的动态', ['0', '1']),
      melookfriend: oneOf('我的朋友圈是否出现朋友的信息（我是否看朋友的动态）', ['0', '1']),
    },
    async ({ account, values }) => {
      const flags = { friendlookme: Number(values.friendlookme), melookfriend: Number(values.melookfriend) };
      await contacts.setVisibility(account, values.id, flags);
      return 'ok';
    },
  );
  routing.signedIn(
    'POST',
    `${ALIAS_PATH.slice('/api/chat/'.length)}/:id`,
    { ...friend, nickname: optionalText('备注', [0, 50]) },
    async ({ account, values }) => {
      await contacts.setAlias(account, values.id, values.nickname);
      return 'ok';
    },
  );
  routing.signedIn('POST', 'deletegoodfriend/:id', { id: integer('朋友id') }, async ({ account, values }) => {
    await contacts.remove(account, values.id);
    return '删除好友成功';
  });
}
