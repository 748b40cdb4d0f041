import { nativeImage, Notification } from 'electron';
import type { NotificationListener, NotificationRequest, Notifier } from './notifier.ts';
import type { DesktopTexts } from './texts.ts';
import { createToastIds } from './toast-ids.ts';

interface Shown {
  notification: Notification;
  /** What Windows calls it. */
  id: string;
  /** Whether it came on the desktop is not known yet. */
  settle(isThere: boolean): void;
}

/** Notifications of macOS and Windows, and of a Linux desktop whose session bus does not let us in. */
export function createElectronNotifier(options: {
  texts(): DesktopTexts;
  listener: NotificationListener;
}): Notifier {
  const { listener } = options;
  const isMac = process.platform === 'darwin';
  const isWindows = process.platform === 'win32';
  const ids = createToastIds();
  /** Kept, because what is garbage tells nobody of its clicks. */
  const shown = new Map<string, Shown>();

  /** Takes it off the desktop; whoever waits for it learns that it is not there. */
  const remove = (key: string) => {
    const one = shown.get(key);
    if (one === undefined) return;
    // Before the call: what it tells of must not look like the person's doing.
    shown.delete(key);
    one.notification.close();
    one.settle(false);
  };

  const show = (request: NotificationRequest): Promise<boolean> => {
    if (!Notification.isSupported()) return Promise.resolve(false);
    const { key, picture, sound } = request;
    const texts = options.texts();
    const id = ids.next(key);
    const notification = new Notification({
      title: request.title,
      body: request.body,
      // Only the system knows whether the person wants to be left alone, so where it can it plays the sound.
      silent: !(isMac || isWindows) || sound === 'none',
      ...(isMac && sound !== 'none' ? { sound: `${sound}.wav` } : {}),
      urgency: request.critical ? 'critical' : 'normal',
      ...(picture === null ? {} : { icon: nativeImage.createFromBuffer(picture.png) }),
      ...(isWindows ? { id } : {}),
      ...((isMac || isWindows) && request.answerable
        ? {
            hasReply: true,
            replyPlaceholder: texts.replyHint,
            actions: [{ type: 'button' as const, text: texts.markRead }],
          }
        : {}),
    });
    const isShown = () => shown.get(key)?.notification === notification;
    /** Windows may tell of one deed in two ways. */
    const once = (tell: () => void) => {
      if (isShown() && ids.answer(id)) tell();
    };
    notification.on('click', () => once(() => listener.clicked(key)));
    // The second argument is how Electron told it before version 41.
    notification.on('reply', (details, former) =>
      once(() => listener.replied(key, (details as { reply?: string }).reply ?? former)),
    );
    notification.on('action', () => once(() => listener.markedRead(key)));
    return new Promise((settle) => {
      remove(key);
      shown.set(key, { notification, id, settle });
      notification.once('show', () => settle(true));
      notification.once('failed', () => {
        if (isShown()) shown.delete(key);
        settle(false);
      });
      notification.on('close', () => {
        settle(false);
        // Windows puts it into the notification centre, where it can be clicked and has to be taken away when it was read.
        if (!isShown() || isWindows) return;
        shown.delete(key);
        listener.closed(key);
      });
      notification.show();
    });
  };

  // Windows, since Electron 41: also for what an earlier run of the app has left in the notification centre.
  if (isWindows && typeof Notification.handleActivation === 'function')
    Notification.handleActivation((details) => {
      const id = new URLSearchParams(details.arguments).get('tag') ?? '';
      const key = ids.keyOf(id);
      if (key === null || !ids.answer(id)) return;
      if (details.type === 'reply' && details.reply !== undefined) listener.replied(key, details.reply);
      else if (details.type === 'action') listener.markedRead(key);
      else listener.clicked(key);
    });

  return {
    playsSound: isMac || isWindows,
    show,
    withdraw: remove,
    isQuiet: () => Promise.resolve(false),
    close() {
      for (const { settle } of shown.values()) settle(false);
      shown.clear();
    },
  };
}
