/**
 * What a plain client is told right after it connected (N11, N14 to N23): entries that lead to pages of its app. They
 * are not stored. Our clients have these places of their own and are spared.
 */
import { v4 as uuid } from 'uuid';
import { NOTICE_AVATAR } from '../files/default-images.ts';
import type { AccountRecord } from '../storage/records.ts';
import { displayName } from './account-views.ts';
import type { DomainContext } from './context.ts';
import type { Caller } from './sessions.ts';

/** For how long a new picture is worth a word, milliseconds. */
const AVATAR_NEWS = 60_000;

export interface ConnectNotices {
  /** The account changed this field of its profile. */
  profileChanged(accountId: number, field: string): void;
  /** Message objects as JSON text: those that come before the welcome, and those behind it. Counts as a connection. */
  at(caller: Caller): Promise<{ before: string[]; after: string[] }>;
}

interface Notice {
  key: string;
  name: string;
  text: string;
  url: string;
  avatar?: string;
  doaction?: 'avatar';
}

export function connectNoticeRules({ storage, now }: DomainContext): ConnectNotices {
  const changed = new Map<number, { field: string; time: number }>();
  /** Accounts that connected since this process started: only they are told of a new picture, as documented. */
  const connectedBefore = new Set<number>();

  function hasNewAvatar(accountId: number): boolean {
    const change = changed.get(accountId);
    changed.delete(accountId);
    return change?.field === 'avatar' && now() - change.time < AVATAR_NEWS;
  }

  function written({ account }: Caller, notice: Notice): string {
    const key = `redirect-${notice.key}-${account.id}`;
    return JSON.stringify({
      id: uuid(),
      from_avatar: notice.avatar ?? NOTICE_AVATAR,
      from_name: notice.name,
      from_id: key,
      to_id: account.id,
      to_name: displayName(account),
      to_avatar: account.avatar,
      chatType: 'single',
      type: 'text',
      data: { data: notice.text, dataType: false, otherData: null },
      redirect: {
        url: notice.url,
        type: 'navigateTo',
        ...(notice.doaction === undefined ? {} : { doaction: notice.doaction }),
      },
      options: {},
      create_time: now(),
      isremove: 0,
      group: {},
      msgidKey: key,
    });
  }

  async function noticesFor(caller: Caller): Promise<Notice[]> {
    const { account } = caller;
    const groups = (await storage.groups.listOf(account.id, 0, 1)).length > 0 ? [MY_GROUPS] : [];
    if (caller.tokenRole === 'visitor') return [...groups, WHO_MAY_CHAT, SIGN_IN];
    const friends = (await storage.contacts.list(account.id)).length > 0 ? [MY_CONTACTS] : [];
    // In the order in which the original was seen to send them.
    return [
      SET_PASSWORD,
      WHO_MAY_CHAT,
      myCode(account),
      SEARCH,
      CONFIRM_FRIENDS,
      ANSWERS,
      ...groups,
      ...friends,
      { ...AVATAR, avatar: account.avatar },
    ];
  }

  return {
    profileChanged(accountId, field) {
      // Nobody is told after a minute: the map never holds more than the changes of the last one.
      for (const [id, { time }] of changed) if (now() - time >= AVATAR_NEWS) changed.delete(id);
      changed.set(accountId, { field, time: now() });
    },

    async at(caller) {
      const { account, tokenRole } = caller;
      const isUser = tokenRole !== 'visitor';
      const isNews = isUser && connectedBefore.has(account.id) && hasNewAvatar(account.id);
      connectedBefore.add(account.id);
      const news: Notice = {
        ...AVATAR,
        name: '头像更换成功',
        text: '不满意你的头像可以继续更换',
        avatar: account.avatar,
        doaction: 'avatar',
      };
      return {
        before: isNews ? [written(caller, news)] : [],
        after: (await noticesFor(caller)).map((notice) => written(caller, notice)),
      };
    },
  };
}

function settingsPage(action: string, title: string, rest = ''): string {
  return `/pages/setpageInfo/setpageInfo?action=${action}&title=${encodeURIComponent(title)}${rest}`;
}

const SET_PASSWORD: Notice = {
  key: 'setPassword',
  name: '修改密码',
  text: '您可以点击这里，修改密码',
  url: settingsPage('setPassword', '修改密码'),
};
const MY_GROUPS: Notice = {
  key: 'groupList',
  name: '我的群聊',
  text: '可查看我加入的群聊列表',
  url: `/pages/applyMyfriend/applyMyfriend?action=grouplist&title=${encodeURIComponent('我的群聊列表')}`,
};
const MY_CONTACTS: Notice = {
  key: 'friendsList',
  name: '我的通讯录',
  text: '可查看我的通讯录好友',
  url: '/pages/friendsList/friendsList',
};
const AVATAR: Notice = {
  key: 'userInfoSet',
  name: '头像设置',
  text: '不满意你的头像可以更换',
  url: settingsPage(
    'userinfoSet',
    '账号信息设置',
    `&redirectUrl=${encodeURIComponent('/pages/xiaoxi/xiaoxi')}&redirectType=switchTab`,
  ),
};
const WHO_MAY_CHAT: Notice = {
  key: 'whoCanChatMe',
  name: '聊天消息条数限制',
  text: '谁可以和我聊天，可向我发几条消息',
  url: settingsPage('chatset', '和我聊天设置'),
};
const SEARCH: Notice = {
  key: 'search',
  name: '搜索加好友',
  text: '搜索账号加好友或聊天',
  url: '/pages/search/search',
};
const CONFIRM_FRIENDS: Notice = {
  key: 'applyAddMeFriendSet',
  name: '加我为好友时是否需要我验证',
  text: '默认不需要，您可以去设置',
  url: settingsPage('applyAddMeFriendSet', '申请加我为好友设置'),
};
const ANSWERS: Notice = {
  key: 'AskAndAnswerSet',
  name: '问答设置',
  text: '当您不在线时，自动回答客户的常见问题',
  url: settingsPage('AskAndAnswerSet', '问答设置'),
};
const SIGN_IN: Notice = {
  key: 'visitorLogin',
  name: '登录提示',
  text: '欢迎您，登录可以获取更多功能！',
  url: '/pages/loginCenter/loginCenter',
};

function myCode(account: AccountRecord): Notice {
  const [name, avatar] = [displayName(account), account.avatar].map(encodeURIComponent);
  const rest = `&id=${account.id}&name=${name}&avatar=${avatar}&chatType=single`;
  return {
    key: 'myQrcode',
    name: '我的二维码',
    text: '展示给别人加你为好友',
    url: settingsPage('groupQrcode', '我的二维码', rest),
  };
}
