/**
 * Notifications of a Linux desktop, spoken over D-Bus. Electron's own would do without buttons, without replies and
 * without replacing what is shown (org.freedesktop.Notifications 1.2).
 */
import type { Logger } from '../support/logger.ts';
import { gnomeIsQuiet } from './gnome-quiet.ts';
import { escapeMarkup } from './notification-text.ts';
import type { NotificationListener, NotificationRequest, Notifier } from './notifier.ts';
import type { BusSignal, SessionBus } from './session-bus.ts';
import type { DesktopTexts } from './texts.ts';

const NAME = 'org.freedesktop.Notifications';
const PATH = '/org/freedesktop/Notifications';
const MARK_READ = 'mark-read';
/** KDE's name for a reply that is typed into the notification. */
const INLINE_REPLY = 'inline-reply';
const URGENCY = { normal: 1, critical: 2 };
/** The desktop decides how long it shows. */
const NO_TIMEOUT_OF_OURS = -1;

export interface FreedesktopNotifierOptions {
  bus: SessionBus;
  /** Name of our `.desktop` file without its ending. */
  desktopEntry: string;
  texts(): DesktopTexts;
  listener: NotificationListener;
  logger: Logger;
}

export function createFreedesktopNotifier(options: FreedesktopNotifierOptions): Notifier {
  const { bus, listener } = options;
  const log = options.logger.module('notifications');
  /** Ids of the desktop, by our key. */
  const shown = new Map<string, number>();
  /** Calls of one key wait for each other: an id is known only when the desktop answered. */
  const turns = new Map<string, Promise<unknown>>();
  let owner: string | null = null;
  let abilities: Promise<Set<string>> | null = null;

  const call = (member: string, signature = '', body: unknown[] = []) =>
    bus.call({ destination: NAME, path: PATH, interface: NAME, member, signature, body });
  const askAbilities = async (): Promise<Set<string>> =>
    new Set((await call('GetCapabilities'))[0] as string[]);

  bus.watchName(NAME, (next) => {
    owner = next;
    // Another one took over, or none: it knows nothing of what the last one showed.
    abilities = null;
    for (const key of shown.keys()) listener.closed(key);
    shown.clear();
  });
  const keyOf = (sender: string, id: unknown): string | null => {
    if (owner !== null && sender !== owner) return null;
    for (const [key, known] of shown) if (known === id) return key;
    return null;
  };
  /** Tells whose notification a signal is about. */
  const about = ({ sender, body: [id] }: BusSignal, tell: (key: string) => void) => {
    const key = keyOf(sender, id);
    if (key !== null) return tell(key);
    // Its id may be in an answer that came just before, and whose reader has not had its turn yet.
    void Promise.all(turns.values()).then(() => {
      const late = keyOf(sender, id);
      if (late !== null) tell(late);
    });
  };
  bus.listen({ interface: NAME, member: 'ActionInvoked' }, (signal) =>
    about(signal, (key) => {
      const [, action] = signal.body;
      if (action === 'default') listener.clicked(key);
      else if (action === MARK_READ) listener.markedRead(key);
    }),
  );
  bus.listen({ interface: NAME, member: 'NotificationReplied' }, (signal) =>
    about(signal, (key) => listener.replied(key, String(signal.body[1]))),
  );
  bus.listen({ interface: NAME, member: 'NotificationClosed' }, (signal) =>
    about(signal, (key) => {
      shown.delete(key);
      listener.closed(key);
    }),
  );

  const inTurn = <Value>(key: string, work: () => Promise<Value>): Promise<Value> => {
    const turn = (turns.get(key) ?? Promise.resolve()).then(work, work);
    const settled = turn
      .catch(() => undefined)
      .finally(() => {
        if (turns.get(key) === settled) turns.delete(key);
      });
    turns.set(key, settled);
    return turn;
  };

  const notify = async (request: NotificationRequest): Promise<boolean> => {
    const texts = options.texts();
    try {
      // Asking also starts the desktop's service where it is started on demand.
      abilities ??= askAbilities();
      const can = await abilities;
      const actions = can.has('actions') ? ['default', texts.open] : [];
      if (can.has('actions') && request.answerable) {
        if (can.has(INLINE_REPLY)) actions.push(INLINE_REPLY, texts.reply);
        actions.push(MARK_READ, texts.markRead);
      }
      const { picture } = request;
      const hints: Record<string, ReturnType<SessionBus['variant']>> = {
        'desktop-entry': bus.variant('s', options.desktopEntry),
        category: bus.variant('s', 'im.received'),
        urgency: bus.variant('y', request.critical ? URGENCY.critical : URGENCY.normal),
        // The sound is the person's choice in our settings, and we play it.
        'suppress-sound': bus.variant('b', true),
        'x-kde-reply-placeholder-text': bus.variant('s', texts.replyHint),
        ...(picture === null
          ? {}
          : {
              'image-data': bus.variant('(iiibiiay)', [
                picture.size,
                picture.size,
                picture.size * 4,
                true,
                8,
                4,
                picture.rgba,
              ]),
            }),
      };
      const body = can.has('body-markup') ? escapeMarkup(request.body) : request.body;
      const [id] = await call('Notify', 'susssasa{sv}i', [
        'Magpie',
        shown.get(request.key) ?? 0,
        'magpie',
        request.title,
        body,
        actions,
        hints,
        NO_TIMEOUT_OF_OURS,
      ]);
      shown.set(request.key, Number(id));
      return true;
    } catch (thrown) {
      abilities = null;
      log.warn('not-shown', { why: thrown instanceof Error ? thrown.message : String(thrown) });
      return false;
    }
  };

  return {
    playsSound: false,
    show: (request) => inTurn(request.key, () => notify(request)),
    withdraw(key) {
      void inTurn(key, async () => {
        const id = shown.get(key);
        if (id === undefined) return;
        // Before the call: the desktop answers with a signal that must not look like the person's doing.
        shown.delete(key);
        await call('CloseNotification', 'u', [id]).catch(() => undefined);
      });
    },
    async isQuiet() {
      try {
        const [value] = await bus.call({
          destination: NAME,
          path: PATH,
          interface: 'org.freedesktop.DBus.Properties',
          member: 'Get',
          signature: 'ss',
          body: [NAME, 'Inhibited'],
        });
        if (typeof value === 'object' && value !== null && 'value' in value && value.value === true)
          return true;
      } catch {
        // It does not know the property: not every desktop's service does.
      }
      return gnomeIsQuiet();
    },
    close: () => undefined,
  };
}
