import { nativeImage, Notification } from 'electron';
import type { NotificationListener, NotificationRequest, Notifier } from './notifier.ts';
import type { DesktopTexts } from './texts.ts';

/** Notifications of macOS and Windows, and of a Linux desktop whose session bus does not let us in. */
export function createElectronNotifier(options: {
  texts(): DesktopTexts;
  listener: NotificationListener;
}): Notifier {
  const { listener } = options;
  /** Kept, because what is garbage tells nobody of its clicks. */
  const shown = new Map<string, Notification>();

  const show = (request: NotificationRequest): Promise<boolean> => {
    if (!Notification.isSupported()) return Promise.resolve(false);
    const { key, picture } = request;
    const texts = options.texts();
    const notification = new Notification({
      title: request.title,
      body: request.body,
      // Our sound is played by us.
      silent: true,
      urgency: request.critical ? 'critical' : 'normal',
      ...(picture === null ? {} : { icon: nativeImage.createFromBuffer(picture.png) }),
      ...(process.platform === 'darwin' && request.answerable
        ? {
            hasReply: true,
            replyPlaceholder: texts.replyHint,
            actions: [{ type: 'button' as const, text: texts.markRead }],
          }
        : {}),
    });
    const isShown = () => shown.get(key) === notification;
    notification.on('click', () => isShown() && listener.clicked(key));
    notification.on('reply', (_event, text) => isShown() && listener.replied(key, text));
    notification.on('action', () => isShown() && listener.markedRead(key));
    notification.on('close', () => {
      if (!isShown()) return;
      shown.delete(key);
      listener.closed(key);
    });
    shown.get(key)?.close();
    shown.set(key, notification);
    return new Promise((resolve) => {
      notification.once('show', () => resolve(true));
      notification.once('failed', () => {
        shown.delete(key);
        resolve(false);
      });
      notification.show();
    });
  };

  return {
    show,
    withdraw(key) {
      const notification = shown.get(key);
      shown.delete(key);
      notification?.close();
    },
    isQuiet: () => Promise.resolve(false),
    close: () => shown.clear(),
  };
}
