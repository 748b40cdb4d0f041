/** The app on the desktop around its window: tray, launcher count, notifications, and what closing the window means. */
import type { PictureSources } from '../media/avatar-handler.ts';
import { dialog, type BrowserWindow } from 'electron';
import type { AppCommand } from '#protocol/ipc';
import type { ConversationId } from '#protocol/model/conversation';
import type { AccountList, ConnectionState, SessionState } from '#protocol/model/session';
import type { Locale, MutedMentions, NotificationSound } from '#protocol/model/settings';
import type { AccountRuntime } from '../session/account-runtime.ts';
import type { AttentionNews } from '../session/runtime-events.ts';
import type { SettingsStore } from '../settings/settings.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import { createAnnouncements, DIGEST } from './announcements.ts';
import type { Arrival } from './attention.ts';
import { createBadge } from './badge.ts';
import { createBlink } from './blink.ts';
import { createElectronNotifier } from './electron-notifier.ts';
import { createFreedesktopNotifier } from './freedesktop-notifier.ts';
import { arrivalText, digestText, type NotificationText } from './notification-text.ts';
import type { NotificationListener, Notifier } from './notifier.ts';
import { createPause } from './pause.ts';
import { createPictures } from './pictures.ts';
import { createAttentions, partsOf, type Place } from './places.ts';
import { openSessionBus, type SessionBus } from './session-bus.ts';
import { DESKTOP_TEXTS } from './texts.ts';
import { createTrayDrawings } from './tray-drawings.ts';
import { trayMenu } from './tray-menu.ts';
import { createSounds, NO_SOUND } from './sounds.ts';
import { trayLabel } from './tray-picture.ts';
import { createTrayIcon, type TrayIcon } from './tray.ts';

const DESKTOP_ENTRY = 'magpie';
const CHATS_IN_MENU = 5;
const RECENT_CHATS = 8;
/** A reconnect that takes a blink does not make the icon grey. */
const FADE_DELAY = 2_000;
/** Keys of notifications that belong to no conversation. */
const SESSION_ENDED = 'session-ended';
const STAYS = 'stays';

export interface DesktopOptions {
  settings: SettingsStore;
  clock: Clock;
  logger: Logger;
  locale(): Locale;
  /** The main window while there is one. */
  window(): BrowserWindow | null;
  /** Brings the main window to the front. */
  reveal(): void;
  /** Asks the page of the main window to do something. */
  command(command: AppCommand): void;
  playSound(sound: NotificationSound): void;
  runtime(accountKey: string): Promise<Pick<AccountRuntime, 'sendText' | 'markRead'>>;
  /** Brings an account on screen. */
  showAccount(accountKey: string): Promise<void>;
  serverOrigin(accountKey: string): string | null;
  pictures: PictureSources;
  quit(): void;
  /** Brings a conversation's own window to the front; false when it has none. */
  focusChatWindow(conversationId: ConversationId): boolean;
  /** The last conversations of all accounts, as the system's own menus may name them; none while nobody may see them. */
  onRecent(chats: { place: Place; name: string }[]): void;
  /** The app is locked: names and texts are nobody's business. */
  locked(): boolean;
  /** The desktop is spoken to when this has settled: at a start the window comes first. */
  opening: Promise<void>;
}

interface Outputs {
  bus: SessionBus | null;
  tray: TrayIcon;
  notifier: Notifier;
  badge: ReturnType<typeof createBadge>;
}

export type Desktop = ReturnType<typeof createDesktop>;

export function createDesktop(options: DesktopOptions) {
  const { settings, clock } = options;
  const log = options.logger.module('desktop');
  const attention = createAttentions();
  const drawings = createTrayDrawings();
  const pictures = createPictures(options.serverOrigin, options.pictures);
  const texts = () => DESKTOP_TEXTS[options.locale()];
  let session: SessionState = { phase: 'welcome' };
  let connection: ConnectionState = { state: 'offline', reason: 'signed-out', retryAt: null };
  /** Keys of the accounts that receive. */
  let running: ReadonlySet<string> = new Set();
  let outputs: Outputs | null = null;
  let closed = false;
  let offlineSince: number | null = clock.uptime();
  let cancelFade: (() => void) | null = null;
  /** What each notification is to show last; whoever prepares an older state finds that it is outdated. */
  const latest = new Map<string, symbol>();

  const blink = createBlink({ clock, onChange: () => refresh() });
  /** Places of strong alerts that nobody has seen. */
  const alarming = new Set<Place>();
  const calm = () => {
    alarming.clear();
    blink.stop();
  };
  const pause = createPause({ settings, clock, onChange: () => refresh() });
  const sounds = createSounds({ settings, clock, play: options.playSound });

  const shownKey = () => (session.phase === 'signed-in' ? session.accountKey : null);
  /** The places of a conversation and of a message in it. */
  const openConversation = (conversation: Place, message: Place | null) => {
    const { accountKey, id } = partsOf(conversation);
    const own = () => !options.locked() && options.focusChatWindow(id);
    if (shownKey() === accountKey && own()) return;
    options.reveal();
    options.showAccount(accountKey).then(
      () =>
        own() ||
        options.command({
          kind: 'open-conversation',
          conversationId: id,
          messageId: message === null ? null : partsOf(message).id,
        }),
      (thrown: unknown) => log.error('account-not-shown', thrown),
    );
  };

  // ------------------------------------------------------------------ notifications

  const listener: NotificationListener = {
    clicked(key) {
      announcements.closed(key);
      if (key === DIGEST) {
        options.reveal();
        options.command({ kind: 'open-chats' });
      } else if (key === SESSION_ENDED || key === STAYS) options.reveal();
      else openConversation(key, messageOf.get(key) ?? null);
      ready.then(
        ({ notifier }) => notifier.withdraw(key),
        () => undefined,
      );
    },
    replied(key, text) {
      const trimmed = text.trim();
      if (trimmed === '') return;
      act(key, async (runtime, id) => {
        await runtime.sendText(id, trimmed);
        await runtime.markRead(id);
      });
    },
    markedRead: (key) => act(key, (runtime, id) => runtime.markRead(id)),
    closed: (key) => announcements.closed(key),
  };
  const act = (
    key: Place,
    work: (
      runtime: Pick<AccountRuntime, 'sendText' | 'markRead'>,
      conversationId: ConversationId,
    ) => Promise<void>,
  ) => {
    const { accountKey, id } = partsOf(key);
    options
      .runtime(accountKey)
      .then((runtime) => work(runtime, id))
      .catch((thrown: unknown) => {
        // Nothing may be lost silently: the window shows what became of it.
        log.error('not-done', thrown);
        openConversation(key, null);
      });
  };
  /** The message that a notification shows, by conversation. */
  const messageOf = new Map<Place, Place>();

  const privacy = () => (options.locked() ? 'none' : settings.read().settings.notificationPrivacy);
  const mayAnnounce = () => settings.read().settings.notifications && pause.until === null;

  const show = async (
    key: string,
    text: NotificationText,
    arrival: Arrival | null,
    fresh: boolean,
  ): Promise<void> => {
    const turn = Symbol(key);
    latest.set(key, turn);
    const { notifier } = await ready;
    const picture = arrival === null || privacy() === 'none' ? null : await pictures.of(arrival.conversation);
    if (latest.get(key) !== turn) return;
    const sound = fresh ? sounds.take() : NO_SOUND;
    await notifier.show({
      key,
      ...text,
      picture,
      sound: sound.name,
      critical: arrival?.conversation.strongAlert === true,
      answerable: arrival !== null && arrival.conversation.kind !== 'service' && privacy() === 'full',
    });
    if (!notifier.playsSound) await sound.play(notifier);
  };
  const withdraw = (key: string) => {
    latest.delete(key);
    messageOf.delete(key);
    ready.then(
      ({ notifier }) => notifier.withdraw(key),
      () => undefined,
    );
  };
  const failed = (thrown: unknown) => log.error('not-announced', thrown);

  const announcements = createAnnouncements({
    clock,
    announce(key, arrival, fresh) {
      if (arrival.message === null) messageOf.delete(key);
      else messageOf.set(key, arrival.message.id);
      show(key, arrivalText(arrival, privacy(), texts()), arrival, fresh).catch(failed);
    },
    digest: (arrivals, fresh) =>
      void show(DIGEST, digestText(arrivals, privacy(), texts()), null, fresh).catch(failed),
    withdraw,
  });

  const announce = (arrivals: readonly Arrival[]) => {
    const { mutedMentions } = settings.read().settings;
    const wanted = mayAnnounce() ? arrivals.filter((one) => breaksThrough(one, mutedMentions)) : [];
    for (const arrival of wanted) announcements.arrive(arrival);
    const strong = wanted.filter(({ conversation }) => conversation.strongAlert);
    for (const { conversation } of strong) alarming.add(conversation.id);
    if (wanted.length > 0) seekAttention(strong.length > 0).catch(failed);
  };
  /** Blinking and flashing are like a sound: not for somebody who asked the system to be left alone. */
  const seekAttention = async (strongly: boolean): Promise<void> => {
    const { notifier } = await ready;
    if (await notifier.isQuiet()) return;
    const window = options.window();
    if (closed || window?.isFocused() === true) return;
    // Seen on another device meanwhile, a strong alert is none any more.
    if (strongly && alarming.size > 0) blink.start();
    window?.flashFrame(true);
  };

  // ------------------------------------------------------------------ tray and launcher

  const status = (): string => {
    if (session.phase !== 'signed-in') return texts().signedOut;
    if (options.locked()) return texts().locked;
    if (connection.state === 'online') return texts().online;
    return connection.state === 'connecting' ? texts().connecting : texts().offline[connection.reason];
  };
  const isFaded = () => offlineSince !== null && clock.uptime() - offlineSince >= FADE_DELAY;

  const refresh = () => {
    if (outputs === null || closed) return;
    const { mutedUnread } = settings.read().settings;
    const quiet = mutedUnread === 'exclude' ? 0 : attention.mutedTotal;
    const count = attention.total + (mutedUnread === 'include' ? quiet : 0);
    const label = trayLabel(count, quiet > 0);
    const newest = attention.newest(CHATS_IN_MENU);
    const showNames = privacy() !== 'none';
    options.onRecent(showNames ? attention.recent(RECENT_CHATS) : []);
    const [first] = newest;
    const waiting = count === 0 ? '' : texts().unread(count);
    const from = first === undefined || !showNames ? '' : texts().newestFrom(first.name);
    const until = pause.until;
    outputs.badge.show(count, label, waiting);
    outputs.tray.update({
      label: blink.dark ? '' : label,
      faded: isFaded(),
      tooltip: ['Magpie', waiting, from, connection.state === 'online' ? '' : status()]
        .filter((part) => part !== '')
        .join(' · '),
      menu: trayMenu(
        {
          status: status(),
          signedIn: running.size > 0,
          locked: options.locked(),
          showNames,
          newest,
          pausedUntil:
            until === null
              ? null
              : new Date(until).toLocaleTimeString(options.locale(), { hour: '2-digit', minute: '2-digit' }),
        },
        texts(),
        {
          open: options.reveal,
          openConversation: (id) => openConversation(id, null),
          pauseForAnHour: pause.forAnHour,
          pauseUntilTomorrow: pause.untilTomorrow,
          resume: pause.resume,
          openSettings() {
            options.reveal();
            options.command({ kind: 'open-settings' });
          },
          quit: options.quit,
        },
      ),
    });
  };
  const overlayAgain = () => {
    outputs?.badge.again();
    refresh();
  };
  const watchConnection = () => {
    const isOnline = session.phase === 'signed-in' && connection.state === 'online';
    if (isOnline) {
      offlineSince = null;
      cancelFade?.();
      cancelFade = null;
    } else if (offlineSince === null) {
      offlineSince = clock.uptime();
      cancelFade = clock.after(FADE_DELAY, () => {
        cancelFade = null;
        refresh();
      });
    }
    refresh();
  };

  /** The tray went away: a window that is hidden in it could not be found again. */
  const onTray = (present: boolean) => {
    const window = options.window();
    if (!present && window !== null && !window.isVisible()) window.minimize();
  };

  const open = async (): Promise<Outputs> => {
    await options.opening;
    const bus =
      process.platform === 'linux' ? await openSessionBus(options.logger, () => log.warn('bus-lost')) : null;
    const notifier =
      bus === null
        ? createElectronNotifier({ texts, listener })
        : createFreedesktopNotifier({
            bus,
            desktopEntry: DESKTOP_ENTRY,
            texts,
            listener,
            logger: options.logger,
          });
    const tray = createTrayIcon({ bus, drawings, onClick: options.reveal, onPresence: onTray });
    const badge = createBadge({
      bus,
      drawings,
      desktopFile: `${DESKTOP_ENTRY}.desktop`,
      window: options.window,
    });
    outputs = { bus, tray, notifier, badge };
    if (closed) shutDown(outputs);
    else refresh();
    return outputs;
  };
  const shutDown = ({ bus, tray, notifier, badge }: Outputs) => {
    badge.show(0, '', '');
    tray.close();
    notifier.close();
    bus?.close();
  };
  // In a later turn even then: not before the parts around us are there, whom it may tell something at once.
  const ready = Promise.resolve().then(open);
  ready.catch((thrown: unknown) => log.error('not-ready', thrown));

  const explain = (text: NotificationText) => {
    if (settings.read().closeExplained) return;
    settings.update(() => ({ closeExplained: true }));
    void ready
      .then(({ notifier }) =>
        notifier.show({
          ...{ key: STAYS, ...text, picture: null, sound: 'none' },
          ...{ critical: false, answerable: false },
        }),
      )
      .catch(() => false)
      .then((shown) =>
        shown
          ? undefined
          : dialog.showMessageBox({ title: text.title, message: text.title, detail: text.body }),
      );
  };

  return {
    /** The session bus of a Linux desktop; null elsewhere. */
    bus: ready.then(
      ({ bus }) => bus,
      () => null,
    ),
    attention(accountKey: string, news: AttentionNews): void {
      const { arrivals, read, gone } = attention.tell(accountKey, news);
      refresh();
      for (const id of read) {
        announcements.read(id);
        if (alarming.delete(id) && alarming.size === 0) calm();
      }
      // Read elsewhere: there is nothing left to flash for.
      if (read.length > 0 && attention.total === 0) options.window()?.flashFrame(false);
      for (const messageId of gone) announcements.gone(messageId);
      if (news.kind === 'stored') announce(arrivals);
    },
    /** A conversation was chosen in a menu of the system. */
    openPlace: (place: Place) => openConversation(place, null),
    /** What notifications say would stay readable beside a locked window. */
    lockChanged(): void {
      announcements.clear();
      refresh();
    },
    session(next: SessionState): void {
      session = next;
      const hasEnded = next.phase === 'signed-out' && next.ended !== null;
      if (hasEnded) void show(SESSION_ENDED, texts().sessionEnded, null, true).catch(failed);
      else withdraw(SESSION_ENDED);
      watchConnection();
    },
    /** Who is signed in: nothing waits for an account that is not. */
    accounts({ accounts }: AccountList): void {
      running = new Set(accounts.filter(({ state }) => state !== 'signed-out').map(({ key }) => key));
      for (const place of attention.keepOnly(running)) announcements.read(place);
      refresh();
    },
    connection(next: ConnectionState): void {
      connection = next;
      watchConnection();
    },
    settingsChanged(): void {
      // What they say may be more than they may say now.
      if (!settings.read().settings.notifications || options.locked()) announcements.clear();
      refresh();
    },
    /** Whether there is a tray to start into. */
    async hasTray(): Promise<boolean> {
      const { tray } = await ready;
      await tray.known;
      return tray.present;
    },
    /** The main window was made anew. */
    windowOpened(window: BrowserWindow): void {
      window.on('focus', () => {
        window.flashFrame(false);
        calm();
      });
      // Windows forgets the overlay of a window that was hidden.
      window.on('show', overlayAgain);
      overlayAgain();
    },
    /** The person closed the main window. True when the app goes on without it, and the window is not to be closed. */
    keepsRunning(window: BrowserWindow): boolean {
      if (settings.read().settings.closeButton === 'quit' || running.size === 0) return false;
      if (outputs?.tray.present === true || process.platform === 'darwin') {
        window.hide();
        if (process.platform !== 'darwin') explain(texts().staysInTray);
      } else {
        window.minimize();
        explain(texts().staysMinimised);
      }
      return true;
    },
    close(): void {
      closed = true;
      pause.close();
      blink.stop();
      cancelFade?.();
      announcements.clear();
      if (outputs !== null) {
        const last = outputs;
        outputs = null;
        // What was withdrawn just now is still on its way.
        setImmediate(() => shutDown(last));
      }
    },
  };
}

/**
 * Muted conversations are silent, except where they are to alert in any case, or somebody means the person and they want to
 * know.
 */
function breaksThrough({ conversation, message }: Arrival, mentions: MutedMentions): boolean {
  if (!conversation.muted || conversation.strongAlert) return true;
  return mentions === 'notify' && message?.meansMe === true;
}
