import { Notification } from 'electron';
import type { Locale } from '#protocol/model/settings';
import type { SessionManager } from '../session/session-manager.ts';
import type { Clock } from '../support/clock.ts';

export interface UnsentOptions {
  session: Pick<SessionManager, 'runtimes'>;
  clock: Clock;
  locale(): Locale;
  /** A history on a stuck disk must not hold anybody up (milliseconds). */
  patience: number;
}

/** What waits in the outboxes of all accounts. */
export function createUnsent({ session, clock, locale, patience }: UnsentOptions) {
  const count = async (): Promise<number> => {
    const counts = await Promise.all((await session.runtimes()).map((runtime) => runtime.unsentCount()));
    return counts.reduce((sum, one) => sum + one, 0);
  };
  return {
    count,
    /** Whoever leaves while something waits learns of it, and is not held up. */
    async tell(): Promise<void> {
      if (!Notification.isSupported()) return;
      const enough = new Promise<number>((resolve) => clock.after(patience, () => resolve(0)));
      const waiting = await Promise.race([count(), enough]).catch(() => 0);
      if (waiting > 0) new Notification({ title: 'Magpie', body: unsentText(locale(), waiting) }).show();
    },
  };
}

/** What is said when the app ends while messages wait: main has no locales of the window. */
function unsentText(locale: Locale, count: number): string {
  if (locale === 'zh-CN') return `还有 ${count} 条消息没有发出，下次启动时会自动发送。`;
  return count === 1
    ? 'One message is not sent yet. It goes out at the next start.'
    : `${count} messages are not sent yet. They go out at the next start.`;
}
