import type { Locale } from '#protocol/model/settings';

/** What is said when the app ends while messages wait: main has no locales of the window. */
export function unsentText(locale: Locale, count: number): string {
  if (locale === 'zh-CN') return `还有 ${count} 条消息没有发出，下次启动时会自动发送。`;
  return count === 1
    ? 'One message is not sent yet. It goes out at the next start.'
    : `${count} messages are not sent yet. They go out at the next start.`;
}
