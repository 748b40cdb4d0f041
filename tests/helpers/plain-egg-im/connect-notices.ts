/** The notices N14 to N23 that a plain server sends after every connection, with the addresses of its recordings. */
import { randomUUID } from 'node:crypto';

export interface NoticeTarget {
  id: number;
  username: string;
  avatar: string;
  role: string;
}

interface Notice {
  /** Row of the protocol's table. */
  row: string;
  key: string;
  name: string;
  text: string;
  url: string;
}

const SETTINGS = '/pages/setpageInfo/setpageInfo';
const page = (action: string, title: string) =>
  `${SETTINGS}?action=${action}&title=${encodeURIComponent(title)}`;

const row = (name: string, key: string, from: string, text: string, url: string): Notice => ({
  row: name,
  key,
  name: from,
  text,
  url,
});
const GROUPS = row(
  'N15',
  'groupList',
  '我的群聊',
  '可查看我加入的群聊列表',
  `/pages/applyMyfriend/applyMyfriend?action=grouplist&title=${encodeURIComponent('我的群聊列表')}`,
);
const WHO_CAN_CHAT = row(
  'N18',
  'whoCanChatMe',
  '聊天消息条数限制',
  '谁可以和我聊天，可向我发几条消息',
  page('chatset', '和我聊天设置'),
);

const OF_USERS = ({ id, username, avatar }: NoticeTarget): Notice[] => [
  row('N14', 'setPassword', '修改密码', '您可以点击这里，修改密码', page('setPassword', '修改密码')),
  WHO_CAN_CHAT,
  row(
    'N19',
    'myQrcode',
    '我的二维码',
    '展示给别人加你为好友',
    `${page('groupQrcode', '我的二维码')}&id=${id}&name=${username}&avatar=${encodeURIComponent(avatar)}&chatType=single`,
  ),
  row('N20', 'search', '搜索加好友', '搜索账号加好友或聊天', '/pages/search/search'),
  row(
    'N21',
    'applyAddMeFriendSet',
    '加我为好友时是否需要我验证',
    '默认不需要，您可以去设置',
    page('applyAddMeFriendSet', '申请加我为好友设置'),
  ),
  row(
    'N22',
    'AskAndAnswerSet',
    '问答设置',
    '当您不在线时，自动回答客户的常见问题',
    page('AskAndAnswerSet', '问答设置'),
  ),
  GROUPS,
  row('N16', 'friendsList', '我的通讯录', '可查看我的通讯录好友', '/pages/friendsList/friendsList'),
  row(
    'N17',
    'userInfoSet',
    '头像设置',
    '不满意你的头像可以更换',
    `${page('userinfoSet', '账号信息设置')}&redirectUrl=%2Fpages%2Fxiaoxi%2Fxiaoxi&redirectType=switchTab`,
  ),
];
const OF_VISITORS: Notice[] = [
  GROUPS,
  WHO_CAN_CHAT,
  row('N23', 'visitorLogin', '登录提示', '欢迎您，登录可以获取更多功能！', '/pages/loginCenter/loginCenter'),
];

function message(notice: Notice, target: NoticeTarget, now: number, doaction?: 'avatar'): object {
  const from = `redirect-${notice.key}-${target.id}`;
  return {
    id: randomUUID(),
    from_avatar: notice.key === 'userInfoSet' ? target.avatar : `/chat/img/${notice.key}.png`,
    from_name: notice.name,
    from_id: from,
    to_id: target.id,
    to_name: target.username,
    to_avatar: target.avatar,
    chatType: 'single',
    type: 'text',
    data: { data: notice.text, dataType: false, otherData: null },
    options: {},
    create_time: now,
    isremove: 0,
    group: {},
    redirect: { url: notice.url, type: 'navigateTo', ...(doaction === undefined ? {} : { doaction }) },
    msgidKey: from,
  };
}

/** As many as the role gets; those that need a group or a friend are always among them. */
export function connectNotices(target: NoticeTarget, now: number): object[] {
  const notices = target.role === 'visitor' ? OF_VISITORS : OF_USERS(target);
  return notices.map((notice) => message(notice, target, now));
}

/** N11: the picture was changed a moment ago. */
export function avatarNotice(target: NoticeTarget, now: number): object {
  const notice = row(
    'N11',
    'userInfoSet',
    '头像更换成功',
    '不满意你的头像可以继续更换',
    page('userinfoSet', '账号信息设置'),
  );
  return message(notice, target, now, 'avatar');
}
