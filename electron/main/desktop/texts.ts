import type { MediaContent } from '#protocol/model/message';
import type { OfflineReason } from '#protocol/model/session';
import type { Locale } from '#protocol/model/settings';

/** Words of the tray, its menu and the notifications. */
export interface DesktopTexts {
  newMessages(count: number): string;
  digest(count: number, conversations: number): string;
  andMore(conversations: number): string;
  comma: string;
  /** What a click on a notification does, where the desktop names it. */
  open: string;
  reply: string;
  replyHint: string;
  markRead: string;
  unread(count: number): string;
  /** What a message without words is called. */
  media: Record<MediaContent['kind'], string>;
  newestFrom(name: string): string;
  online: string;
  connecting: string;
  offline: Record<OfflineReason, string>;
  signedOut: string;
  locked: string;
  openApp: string;
  pause: string;
  pauseHour: string;
  pauseTomorrow: string;
  resume: string;
  pausedUntil(time: string): string;
  lock: string;
  settings: string;
  quit: string;
  staysInTray: { title: string; body: string };
  staysMinimised: { title: string; body: string };
  sessionEnded: { title: string; body: string };
}

export const DESKTOP_TEXTS: Record<Locale, DesktopTexts> = {
  'zh-CN': {
    newMessages: (count) => (count === 1 ? '新消息' : `${count} 条新消息`),
    digest: (count, conversations) => `${conversations} 个会话中有 ${count} 条新消息`,
    andMore: (conversations) => `，等 ${conversations} 个`,
    comma: '、',
    open: '打开',
    reply: '回复',
    replyHint: '写回复…',
    markRead: '标为已读',
    unread: (count) => `${count} 条未读消息`,
    media: { image: '[图片]', sticker: '[表情]', video: '[视频]', voice: '[语音]', file: '[文件]' },
    newestFrom: (name) => `最新来自 ${name}`,
    online: '在线',
    connecting: '正在连接…',
    offline: {
      unreachable: '离线：连不上服务器',
      lost: '离线：连接已断开',
      refused: '离线：服务器拒绝了连接',
      silent: '离线：服务器没有应答',
      'signed-out': '未登录',
    },
    signedOut: '未登录',
    locked: '已锁定',
    openApp: '打开 Magpie',
    pause: '暂停通知',
    pauseHour: '1 小时',
    pauseTomorrow: '到明天',
    resume: '恢复通知',
    pausedUntil: (time) => `通知已暂停至 ${time}`,
    lock: '立即锁定',
    settings: '设置…',
    quit: '退出 Magpie',
    staysInTray: {
      title: 'Magpie 仍在运行',
      body: '关闭窗口后，Magpie 会留在托盘中继续接收消息。要退出，请使用托盘菜单或 Ctrl+Q。',
    },
    staysMinimised: {
      title: 'Magpie 仍在运行',
      body: '此桌面没有托盘，所以窗口已最小化而没有关闭。要退出，请使用菜单或 Ctrl+Q。',
    },
    sessionEnded: { title: '您已退出登录', body: '请重新登录，以继续接收消息。' },
  },
  en: {
    newMessages: (count) => (count === 1 ? 'New message' : `${count} new messages`),
    digest: (count, conversations) =>
      `${count} new messages in ${conversations === 1 ? '1 conversation' : `${conversations} conversations`}`,
    andMore: (conversations) => ` and ${conversations} more`,
    comma: ', ',
    open: 'Open',
    reply: 'Reply',
    replyHint: 'Write a reply…',
    markRead: 'Mark as read',
    unread: (count) => (count === 1 ? '1 unread message' : `${count} unread messages`),
    media: { image: '[Photo]', sticker: '[Sticker]', video: '[Video]', voice: '[Voice]', file: '[File]' },
    newestFrom: (name) => `newest from ${name}`,
    online: 'Online',
    connecting: 'Connecting…',
    offline: {
      unreachable: 'Offline: the server cannot be reached',
      lost: 'Offline: the connection was lost',
      refused: 'Offline: the server refused the connection',
      silent: 'Offline: the server does not answer',
      'signed-out': 'Not signed in',
    },
    signedOut: 'Not signed in',
    locked: 'Locked',
    openApp: 'Open Magpie',
    pause: 'Pause notifications',
    pauseHour: 'For 1 hour',
    pauseTomorrow: 'Until tomorrow',
    resume: 'Resume notifications',
    pausedUntil: (time) => `Notifications paused until ${time}`,
    lock: 'Lock now',
    settings: 'Settings…',
    quit: 'Quit Magpie',
    staysInTray: {
      title: 'Magpie is still running',
      body: 'With its window closed, Magpie stays in the tray and goes on receiving messages. To quit, use its tray menu or Ctrl+Q.',
    },
    staysMinimised: {
      title: 'Magpie is still running',
      body: 'This desktop has no tray, so the window was minimised instead of closed. To quit, use the menu or Ctrl+Q.',
    },
    sessionEnded: { title: 'You were signed out', body: 'Sign in again to go on receiving messages.' },
  },
};
