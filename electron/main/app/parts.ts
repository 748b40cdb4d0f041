import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  clipboard,
  powerMonitor,
  session as electronSession,
  shell as system,
} from 'electron';
import { MagpieError } from '#protocol/errors';
import type { AppCommand, LockState } from '#protocol/ipc';
import type { Locale, Settings } from '#protocol/model/settings';
import { DEFAULT_GUEST_SALT } from '#protocol/wire/guest-signature';
import { openBridge } from '../bridge/bridge.ts';
import { createHandlers } from '../bridge/handlers.ts';
import { presentAccounts, presentSession } from '../bridge/present.ts';
import { createConnectionLog } from '../connection/connection-log.ts';
import { createDesktop } from '../desktop/desktop.ts';
import { createEggImDialect } from '../dialects/egg-im/egg-im-dialect.ts';
import { createEntrance } from '../dialects/egg-im/entrance.ts';
import { normaliseAddress, probeServer } from '../dialects/egg-im/probe.ts';
import { EXPORT_TEXTS } from '../export/texts.ts';
import { openHistory } from '../history/client.ts';
import type { PictureSources } from '../media/avatar-handler.ts';
import { handleMedia } from '../media/media-handler.ts';
import { createLinkPreviews } from '../links/link-previews.ts';
import { openNetwork } from '../network/open-network.ts';
import type { AccountRuntime } from '../session/account-runtime.ts';
import { createSessionManager } from '../session/session-manager.ts';
import type { SettingsStore } from '../settings/settings.ts';
import { systemClock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import { createAppLock } from './app-lock.ts';
import { createChatWindow } from './chat-window.ts';
import { createChatWindows } from './chat-windows.ts';
import { readClipboard } from './clipboard-reader.ts';
import { attachContextMenu } from './context-menu.ts';
import { createDraftCall } from './draft-call.ts';
import { gatherDiagnostics, openLogs } from './diagnostics.ts';
import { createConnectionDoctor } from './connection-doctor.ts';
import { createFileActions } from './file-actions.ts';
import { firstPicture } from './first-picture.ts';
import type { PageCare } from './page-care.ts';
import { createPageNews } from './page-news.ts';
import { openUpdates } from '../updates/open-updates.ts';
import type { Trial } from '../updates/trial.ts';
import { watchPower } from './power.ts';
import { createQuestions } from './questions.ts';
import { captureScreens, captureWindow, listWindows, windowToShow } from './screen-capture.ts';
import { createSecretBox } from './secret-box.ts';
import { createServerInside } from './server-inside.ts';
import { createShellIntegration } from './shell-integration.ts';
import { takeSnapshot } from './snapshot.ts';
import { createSpelling } from './spelling.ts';
import { privacySettingsOf } from './privacy-settings.ts';
import { chosenLocale } from './system-locale.ts';
import { createUnsent } from './unsent.ts';

/** A sign-in under way, or a history on a stuck disk, must not keep the server inside from ending in order. */
const SESSION_PATIENCE = 1_800;

/** What is being typed or spoken is stored in much less; a window that hangs must not hold up the end of a session. */
const DRAFT_PATIENCE = 1_000;

export interface PartsOptions {
  settings: SettingsStore;
  logger: Logger;
  /** Folder of the built main process. */
  outFolder: string;
  preload: string;
  pageUrl: string;
  /** Nobody asked for a window yet. */
  hidden: boolean;
  /** Without the graphics card, because the window failed. */
  safeMode: boolean;
  care: PageCare;
  /** The main window while there is one. */
  window(): BrowserWindow | null;
  /** Brings the main window to the front, made anew if there is none. */
  reveal(): void;
  isOwnPage(url: string): boolean;
  /** Whether this version of the app has proved itself. */
  trial: Trial;
  /** The app ends for an update: its window must not keep it. */
  onEnding(isEnding: boolean): void;
}

/** Commands that a conversation's own window can do as well as the main one. */
const IN_ANY_WINDOW: ReadonlySet<AppCommand['kind']> = new Set([
  ...['search-in-chat', 'toggle-pinned', 'toggle-muted', 'toggle-unread', 'export-chat'],
  ...['toggle-details', 'own-window', 'show-shortcuts'],
] as const);

/** Builds the parts behind the window and ties them together; call when the app is ready. */
export function buildParts(options: PartsOptions) {
  const { settings, logger, outFolder, preload, pageUrl, window, reveal } = options;
  const log = logger.module('app');
  const userData = app.getPath('userData');
  const secrets = createSecretBox();
  const locale = (): Locale => chosenLocale(settings);

  /** The main window first. */
  const windows = (): BrowserWindow[] => {
    const main = window();
    return [...(main === null ? [] : [main]), ...chatWindows.all()].filter((one) => !one.isDestroyed());
  };
  /** Where the person is: questions of the system belong on top of that one. */
  const front = (): BrowserWindow | null => {
    const focused = BrowserWindow.getFocusedWindow();
    return focused !== null && windows().includes(focused) ? focused : window();
  };
  const questions = createQuestions(front);
  const applySettings = () => {
    shell.apply();
    lock.settingsChanged();
    spelling.apply();
    desktop.settingsChanged();
  };
  const changeSettings = (change: Partial<Settings>): Settings => {
    shell.check(change);
    const next = settings.update((data) => ({ settings: { ...data.settings, ...change } })).settings;
    applySettings();
    if (change.keepDays !== undefined) onConnection((runtime) => runtime.retentionChanged())();
    if (change.mediaCache !== undefined)
      onConnection((runtime) => void runtime.media.trimCache().catch(() => undefined))();
    if (change.updateSource !== undefined || change.updateAddress !== undefined) updates.sourceChanged();
    emit('settings:changed', next);
    return next;
  };

  // The bridge needs the handlers, they need the session, and the session tells the bridge.
  const emit: ReturnType<typeof openBridge>['emit'] = (channel, payload) => bridge.emit(channel, payload);

  const news = createPageNews({
    clock: systemClock,
    emit: (channel, payload) => emit(channel, payload),
    locked: () => lock.locked,
    first: options.safeMode ? [{ kind: 'safe-mode' }] : [],
  });
  const commandFromMenu = (order: AppCommand) => {
    const focused = front();
    if (focused !== null && focused !== window() && IN_ANY_WINDOW.has(order.kind))
      return bridge.tell(focused, 'app:commanded', order);
    reveal();
    news.command(order);
  };

  const drawn = firstPicture(systemClock);
  const network = openNetwork({
    ...{ settings, secrets, clock: systemClock, logger, opening: drawn.seen },
    systemProxy: (url) => electronSession.defaultSession.resolveProxy(url),
    onChanged(next) {
      emit('network:changed', next);
      onConnection((runtime) => runtime.renewConnection())();
    },
  });
  /** Avatars come out of the cache of an account of their server. */
  const pictures: PictureSources = {
    network,
    async mediaOf(origin) {
      const { accounts } = session.accounts();
      const owner = accounts.find((one) => one.server.origin === origin && one.state !== 'signed-out');
      return owner === undefined ? null : (await session.runtimeOf(owner.key)).media;
    },
  };

  const desktop = createDesktop({
    settings,
    clock: systemClock,
    logger,
    locale,
    window,
    reveal,
    command: (order) => news.command(order),
    playSound: (sound) => emit('sound:requested', { sound }),
    runtime: (accountKey) => session.runtimeOf(accountKey),
    showAccount: async (accountKey) => void (await session.switchAccount(accountKey)),
    focusChatWindow: (conversationId) => chatWindows.focus(conversationId),
    pictures,
    serverOrigin: (accountKey) => settings.read().accounts[accountKey]?.home?.server.origin ?? null,
    quit: () => app.quit(),
    locked: () => lock.locked,
    opening: drawn.seen,
    onRecent: (chats) => shell.recent(chats),
  });

  /** Windows of conversations that store what they know before they go. */
  const closing = new Set<ReturnType<typeof createDraftCall>>();
  const chatWindows = createChatWindows({
    settings,
    create(wanted) {
      const { created, url } = createChatWindow({ ...wanted, preload, pageUrl, logger });
      options.care.watch(created, url);
      windowOpened(created);
      return created;
    },
    onChanged: (conversationIds) => emit('windows:changed', { conversationIds }),
    onClosed: (windowId) => windowGone(windowId),
    async store(window) {
      const call = createDraftCall({
        clock: systemClock,
        patience: DRAFT_PATIENCE,
        windowIds: () => [window.id],
        ask: () => bridge.tell(window, 'session:ending', null),
      });
      closing.add(call);
      await call.store();
      closing.delete(call);
    },
  });
  if (options.hidden) chatWindows.hold();

  const windowOpened = (created: BrowserWindow) => {
    shell.windowOpened(created);
    attachContextMenu(created, locale, {
      learn: (word) => spelling.learn(word),
      openLink: (url) => void system.openExternal(url),
      copyLink: (url) => clipboard.writeText(url),
    });
  };
  const storedBy = (windowId: number) => {
    for (const call of [drafts, ...closing]) call.ready(windowId);
  };
  const windowGone = (windowId: number) => {
    storedBy(windowId);
    shell.chatShown(windowId, null);
    onConnection((runtime) => runtime.windowClosed(windowId))();
  };

  const drafts = createDraftCall({
    clock: systemClock,
    patience: DRAFT_PATIENCE,
    windowIds: () => windows().map(({ id }) => id),
    ask: () => emit('session:ending', null),
  });

  const lockState = (): LockState => ({ enabled: lock.enabled, locked: lock.locked });
  const lock = createAppLock({
    settings,
    clock: systemClock,
    idleSeconds: () => powerMonitor.getSystemIdleTime(),
    onChange() {
      emit('lock:changed', lockState());
      shell.apply();
      if (wasLocked === lock.locked) return;
      wasLocked = lock.locked;
      desktop.lockChanged();
      // Nobody looks, whatever was on screen: what arrives is unread.
      onConnection((runtime) => runtime.offScreen())();
      news.pageGoes();
      const begin = () => {
        showChatWindows();
        window()?.webContents.reload();
      };
      // The page begins anew, so that nothing that was shown is left in it; what was being typed is stored before.
      if (lock.locked) void drafts.store().then(begin);
      else begin();
    },
  });
  let wasLocked = lock.locked;
  const showChatWindows = () => {
    const { state } = session;
    chatWindows.accountShown(state.phase === 'signed-in' && !lock.locked ? state.accountKey : null);
  };

  const shell = createShellIntegration({
    settings,
    logger,
    locale,
    windows,
    front,
    reveal,
    command: commandFromMenu,
    change: changeSettings,
    canLock: () => lock.enabled && !lock.locked,
    lock: () => lock.lock(),
    inside: () => !lock.locked && session.state.phase === 'signed-in',
    locked: () => lock.locked,
    openPlace: (place) => desktop.openPlace(place),
    onShortcutTaken: () =>
      news.notice({ kind: 'error', error: { code: 'shortcut-taken', message: 'at the start' } }),
  });
  const spelling = createSpelling({
    settings,
    logger,
    network,
    serverOrigin: () => (session.state.phase === 'signed-in' ? session.state.server.origin : null),
    onMissing: (language) => news.notice({ kind: 'dictionary-missing', language }),
  });

  const { embedded, office, discovery } = createServerInside({
    ...{ settings, clock: systemClock, logger, userData, outFolder, emit },
    guestSalt: DEFAULT_GUEST_SALT,
    onRunning: (origin) => void session.embeddedServerRuns(origin),
    onRestarted: () => news.notice({ kind: 'embedded-server-restarted' }),
  });

  /** Of the account that was on screen last. */
  let shownOrigin: string | null = null;
  const connections = createConnectionLog(() => systemClock.now());

  const session = createSessionManager({
    beforeEnd: () => drafts.store(),
    settings,
    secrets,
    clock: systemClock,
    logger,
    userData,
    embedded: { start: () => embedded.start(), guestSalt: DEFAULT_GUEST_SALT },
    defaultGuestSalt: DEFAULT_GUEST_SALT,
    probe: (origin) => probeServer(origin, network),
    createEntrance: (given) => createEntrance(given, network),
    createDialect: (given) => createEggImDialect(given, network),
    openHistory: (input) =>
      openHistory({ ...input, workerFile: join(outFolder, 'history-worker.js'), logger }),
    events: {
      session(state) {
        emit('session:changed', presentSession(state));
        showChatWindows();
        desktop.session(state);
        shell.apply();
        spelling.apply();
        const origin = state.phase === 'signed-in' ? state.server.origin : null;
        if (origin !== null && shownOrigin !== null && origin !== shownOrigin) updates.serverChanged();
        shownOrigin = origin ?? shownOrigin;
      },
      connection(state) {
        connections.note(state);
        emit('connection:changed', state);
        desktop.connection(state);
        if (state.state === 'online') spelling.apply();
      },
      storage: (state) => emit('storage:changed', state),
      attention: (accountKey, news) => desktop.attention(accountKey, news),
      history: (changes) => emit('history:changed', changes),
      contacts: (change) => emit('contacts:changed', change),
      notice: (notice) => news.notice(notice),
      typing: (change) => emit('typing:changed', change),
      presence: (presence) => emit('presence:changed', presence),
      checked: (progress) => emit('check:progressed', progress),
      exported: (progress) => emit('export:progressed', progress),
      transferred: (progress) => emit('media:progressed', progress),
      groups: (change) => emit('groups:changed', change),
      groupMarks: (change) => emit('groups:marks-changed', change),
      accounts(list) {
        emit('accounts:changed', presentAccounts(list));
        desktop.accounts(list);
      },
    },
  });

  const unsent = createUnsent({ session, clock: systemClock, locale, patience: DRAFT_PATIENCE });
  const { trial } = options;
  if (trial.isNews && trial.takenBack !== null) {
    news.notice({ kind: 'update-taken-back', version: trial.takenBack });
    trial.told();
  }
  const updates = openUpdates({
    settings,
    network,
    clock: systemClock,
    logger,
    trial,
    server: () => settings.read().chosen?.server.origin ?? null,
    unsent: () => unsent.count(),
    onState: (state) => emit('updates:changed', state),
    onEnding: options.onEnding,
  });
  const doctor = createConnectionDoctor({ network, session, userData, clock: systemClock });

  const bridge = openBridge({
    logger,
    windows,
    isOwnPage: options.isOwnPage,
    accountKey: () => session.accountKey,
    locked: () => lock.locked,
    onCall: (caller) => options.care.spoke(caller),
    handlers: createHandlers({
      session,
      network,
      diagnostics: () => gatherDiagnostics({ clock: systemClock, userData, connections }),
      openLogs: () => openLogs(userData),
      examine(address) {
        const origin =
          address === undefined ? settings.read().chosen?.server.origin : normaliseAddress(address);
        if (origin === undefined) throw new MagpieError('not-allowed', 'no server is chosen');
        return doctor.examine(origin, (result) => emit('doctor:progressed', result));
      },
      snapshot() {
        news.pageBegan();
        return takeSnapshot({ settings, session, embedded, secrets, lock, chatWindows });
      },
      readyToEnd: storedBy,
      updateSettings: changeSettings,
      spellingOffer: () => spelling.offer(),
      lock: {
        lock: () => lock.lock(),
        unlock: (passphrase) => lock.unlock(passphrase),
        async setPassphrase(current, next) {
          await lock.setPassphrase(current, next);
          return lockState();
        },
        async forget() {
          const state = presentSession(await session.signOutAll());
          lock.remove();
          return state;
        },
      },
      windows: {
        async openChat(conversationId) {
          const { conversations } = await (await session.runtime()).listConversations();
          if (!conversations.some(({ id }) => id === conversationId))
            throw new MagpieError('not-found', 'no such conversation');
          chatWindows.open(conversationId);
        },
        closeChat: (conversationId) => chatWindows.close(conversationId),
        tellChat: (windowId, chat) => shell.chatShown(windowId, chat),
        shows: (windowId, conversationId) => chatWindows.shows(windowId, conversationId),
        handOver(handed) {
          const own = chatWindows.of(handed.conversationId);
          if (own !== null) bridge.tell(own, 'media:handed-over', handed);
          return chatWindows.focus(handed.conversationId);
        },
        showInMain(path) {
          reveal();
          news.command({ kind: 'open-path', path });
        },
      },
      updates,
      links: createLinkPreviews({
        ...{ network: network.outside, clock: systemClock, logger },
        wanted: () => settings.read().settings.linkPreviews,
      }),
      drawn() {
        drawn.tell();
        trial.passed();
      },
      openExternal: (url) => system.openExternal(url),
      openPrivacySettings: (device) => system.openExternal(privacySettingsOf(device, process.platform)),
      copyText: (text) => clipboard.writeText(text),
      readClipboard,
      captureScreens: () => captureScreens(windows()),
      listWindows: () => listWindows(windows()),
      showWindow: (id) => windowToShow.name(id),
      captureWindow: (id, size) => captureWindow(id, windows(), size),
      locale,
      files: createFileActions(front, questions),
      office: { office, discovery, chooseFolder: () => questions.folder() },
      chooseFile: (fileName, format) =>
        questions.targetFile(fileName, [
          { name: EXPORT_TEXTS[locale()].fileKinds[format], extensions: [format] },
        ]),
    }),
  });

  handleMedia({
    serverOrigins: () => session.accounts().accounts.map(({ server }) => server.origin),
    media: async () => (await session.runtime()).media,
    locked: () => lock.locked,
    ...pictures,
  });
  const onConnection = (work: (runtime: AccountRuntime) => void) => () => {
    void session.runtimes().then((runtimes) => runtimes.forEach(work));
  };
  const stopWatchingPower = watchPower({
    sessionBus: desktop.bus,
    logger,
    onWake: onConnection((runtime) => runtime.renewConnection()),
    onScreenUnlocked: onConnection((runtime) => runtime.checkConnection()),
    onScreenLocked: () => lock.lock(),
  });
  applySettings();
  session.restore();
  // Others rely on it, whoever is signed in here.
  if (office.isWanted) embedded.start().catch((thrown: unknown) => log.error('embedded-server', thrown));

  return {
    desktop,
    /** The main window was made anew. */
    windowOpened(created: BrowserWindow): void {
      desktop.windowOpened(created);
      windowOpened(created);
    },
    /** A window was closed, or what it showed is gone. */
    windowGone,
    /** Somebody wants to see the app, which was started hidden. */
    windowsWanted: () => chatWindows.release(),
    /** Somebody opened one of our links; {@link isLink} has looked at it. */
    openLink(link: string): void {
      reveal();
      news.command({ kind: 'open-link', link });
    },
    /** Ends everything in order; nothing that is durable depends on it being reached. */
    async close(): Promise<void> {
      trial.ended();
      updates.close();
      await unsent.tell();
      stopWatchingPower();
      chatWindows.stop();
      desktop.close();
      shell.close();
      lock.close();
      const patience = new Promise<void>((resolve) => systemClock.after(SESSION_PATIENCE, resolve));
      const closed = session.close().catch((thrown: unknown) => log.error('session-not-closed', thrown));
      await Promise.race([closed, patience]);
      discovery.stop();
      await embedded.stop();
      bridge.stop();
    },
  };
}
