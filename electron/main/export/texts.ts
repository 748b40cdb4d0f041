import type { Locale } from '#protocol/model/settings';

interface Texts {
  title(name: string): string;
  exported(time: string): string;
  complete(count: number): string;
  partial(here: number, total: number): string;
  recalled(name: string): string;
  recalledByMe: string;
  unsent: string;
  missing: string;
  me: string;
  fileKinds: { html: string; json: string };
}

/** Words of an exported file and of the dialog that asks for its place. */
export const EXPORT_TEXTS: Record<Locale, Texts> = {
  'zh-CN': {
    title: (name) => `与 ${name} 的聊天记录`,
    exported: (time) => `导出时间：${time}`,
    complete: (count) => `包含全部 ${count.toLocaleString('zh-CN')} 条消息`,
    partial: (here, total) =>
      `服务器上共 ${total.toLocaleString('zh-CN')} 条消息，此文件只含这台电脑上的 ${here.toLocaleString('zh-CN')} 条`,
    recalled: (name) => `${name} 撤回了一条消息`,
    recalledByMe: '你撤回了一条消息',
    unsent: '未送达',
    missing: '文件无法获取',
    me: '我',
    fileKinds: { html: '网页', json: 'JSON 数据' },
  },
  en: {
    title: (name) => `Conversation with ${name}`,
    exported: (time) => `Exported ${time}`,
    complete: (count) => `Holds all ${count.toLocaleString('en')} messages`,
    partial: (here, total) =>
      `Holds the ${here.toLocaleString('en')} messages on this computer, of ${total.toLocaleString('en')} on the server`,
    recalled: (name) => `${name} recalled a message`,
    recalledByMe: 'You recalled a message',
    unsent: 'Not delivered',
    missing: 'the file could not be loaded',
    me: 'Me',
    fileKinds: { html: 'Web page', json: 'JSON data' },
  },
};
