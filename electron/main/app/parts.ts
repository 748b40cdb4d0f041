import { join } from 'node:path';
import { app, type BrowserWindow, clipboard, dialog, nativeTheme, powerMonitor, shell } from 'electron';
import type { Notice } from '#protocol/ipc';
import type { Locale } from '#protocol/model/settings';
import { DEFAULT_GUEST_SALT } from '#protocol/wire/guest-signature';
import { openBridge } from '../bridge/bridge.ts';
import { createHandlers } from '../bridge/handlers.ts';
import { presentSession } from '../bridge/present.ts';
import { createEggImDialect } from '../dialects/egg-im/egg-im-dialect.ts';
import { createEntrance } from '../dialects/egg-im/entrance.ts';
import { probeServer } from '../dialects/egg-im/probe.ts';
import { createEmbeddedServer } from '../embedded-server/embedded-server.ts';
import { EXPORT_TEXTS } from '../export/texts.ts';
import { openHistory } from '../history/client.ts';
import { handleAvatars } from '../media/avatar-handler.ts';
import { createSessionManager } from '../session/session-manager.ts';
import type { SettingsStore } from '../settings/settings.ts';
import { systemClock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import { setMenu } from './menu.ts';
import { createSecretBox } from './secret-box.ts';

/** A sign-in under way, or a history on a stuck disk, must not keep the server inside from ending in order. */
const SESSION_PATIENCE = 1_800;

/** From the page's first question until its toasts are surely there. */
const NOTICE_DELAY = 700;

export interface PartsOptions {
  settings: SettingsStore;
  logger: Logger;
  /** Folder of the built main process. */
  outFolder: string;
  window(): BrowserWindow | null;
  isOwnPage(url: string): boolean;
}

/** Builds the parts behind the window and ties them together; call when the app is ready. */
export function buildParts(options: PartsOptions) {
  const { settings, logger, outFolder, window } = options;
  const log = logger.module('app');
  const userData = app.getPath('userData');
  const secrets = createSecretBox();
  const systemLocale: Locale = app.getLocale().toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';

  const locale = (): Locale => {
    const { language } = settings.read().settings;
    return language === 'system' ? systemLocale : language;
  };
  const applySettings = () => {
    nativeTheme.themeSource = settings.read().settings.theme;
    setMenu(locale(), !app.isPackaged);
  };
  applySettings();

  // The bridge needs the handlers, they need the session, and the session tells the bridge.
  const emit: ReturnType<typeof openBridge>['emit'] = (channel, payload) => bridge.emit(channel, payload);

  /** What happened before the page could listen, a damaged history above all, is told when it has asked for its start. */
  let untold: Notice[] | null = [];
  const tellNotice = (notice: Notice) => {
    if (untold === null) emit('notice:posted', notice);
    else untold.push(notice);
  };
  const tellUntold = () => {
    for (const notice of untold ?? []) emit('notice:posted', notice);
    untold = null;
  };

  const embedded = createEmbeddedServer({
    serverFile: join(outFolder, 'server.js'),
    userData,
    clock: systemClock,
    logger,
    guestSalt: DEFAULT_GUEST_SALT,
    port: {
      read: () => settings.read().embeddedPort,
      save: (port) => void settings.update(() => ({ embeddedPort: port })),
    },
    onState(state) {
      emit('server:changed', state);
      if (state.state === 'running') void session.embeddedServerRuns(state.origin);
    },
    onRestarted: () => tellNotice({ kind: 'embedded-server-restarted' }),
  });

  const session = createSessionManager({
    settings,
    secrets,
    clock: systemClock,
    logger,
    userData,
    embedded: { start: () => embedded.start(), guestSalt: DEFAULT_GUEST_SALT },
    defaultGuestSalt: DEFAULT_GUEST_SALT,
    probe: probeServer,
    createEntrance,
    createDialect: createEggImDialect,
    openHistory: (input) =>
      openHistory({ ...input, workerFile: join(outFolder, 'history-worker.js'), logger }),
    events: {
      session: (state) => emit('session:changed', presentSession(state)),
      connection: (state) => emit('connection:changed', state),
      history: (changes) => emit('history:changed', changes),
      contacts: (change) => emit('contacts:changed', change),
      notice: tellNotice,
      typing: (change) => emit('typing:changed', change),
      presence: (presence) => emit('presence:changed', presence),
      checked: (progress) => emit('check:progressed', progress),
      exported: (progress) => emit('export:progressed', progress),
    },
  });

  const bridge = openBridge({
    logger,
    window,
    isOwnPage: options.isOwnPage,
    handlers: createHandlers({
      session,
      snapshot() {
        systemClock.after(NOTICE_DELAY, tellUntold);
        return {
          version: app.getVersion(),
          platform: process.platform as 'linux' | 'darwin' | 'win32',
          systemLocale,
          settings: settings.read().settings,
          session: presentSession(session.state),
          connection: session.connection,
          embeddedServer: embedded.state,
          secureStorage: secrets.secure,
          presence: session.presence,
        };
      },
      updateSettings(change) {
        const next = settings.update((data) => ({ settings: { ...data.settings, ...change } })).settings;
        applySettings();
        emit('settings:changed', next);
        return next;
      },
      openExternal: (url) => shell.openExternal(url),
      copyText: (text) => clipboard.writeText(text),
      locale,
      async chooseFile(fileName, format) {
        const parent = window();
        const question = {
          defaultPath: fileName,
          filters: [{ name: EXPORT_TEXTS[locale()].fileKinds[format], extensions: [format] }],
        };
        const { canceled, filePath } = await (parent === null
          ? dialog.showSaveDialog(question)
          : dialog.showSaveDialog(parent, question));
        return canceled || filePath === '' ? null : filePath;
      },
    }),
  });

  handleAvatars(() => settings.read().chosen?.server.origin ?? null);
  const renew = () => {
    if (session.state.phase !== 'signed-in') return;
    session.runtime().then(
      (runtime) => runtime.renewConnection(),
      () => undefined,
    );
  };
  powerMonitor.on('resume', renew);
  session.restore();

  return {
    /** Ends everything in order; nothing that is durable depends on it being reached. */
    async close(): Promise<void> {
      powerMonitor.off('resume', renew);
      const patience = new Promise<void>((resolve) => systemClock.after(SESSION_PATIENCE, resolve));
      const closed = session.close().catch((thrown: unknown) => log.error('session-not-closed', thrown));
      await Promise.race([closed, patience]);
      await embedded.stop();
      bridge.stop();
    },
  };
}
