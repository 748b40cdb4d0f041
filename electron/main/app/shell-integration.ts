/** What the app has from the system around its windows: menus, keys that work everywhere, start with the system. */
import { app, globalShortcut, Menu, nativeTheme, screen, type BrowserWindow } from 'electron';
import { MagpieError } from '#protocol/errors';
import type { AppCommand, OpenChat } from '#protocol/ipc';
import { ZOOM, type Locale, type Settings } from '#protocol/model/settings';
import type { Place } from '../desktop/places.ts';
import type { SettingsStore } from '../settings/settings.ts';
import type { Logger } from '../support/logger.ts';
import {
  isAutostarted,
  setAutostart,
  startsAtLogin,
  type AutostartOptions,
  type StartCommand,
} from './autostart.ts';
import { MENU_LABELS } from './menu-labels.ts';
import { menuTemplate } from './menu.ts';
import { rescueWindows } from './window-rescue.ts';
import { dockMenu, jumpList, type RecentChat } from './recent-chats.ts';

export interface ShellIntegrationOptions {
  settings: SettingsStore;
  logger: Logger;
  locale(): Locale;
  windows(): readonly BrowserWindow[];
  /** The window where the person is. */
  front(): BrowserWindow | null;
  reveal(): void;
  command(command: AppCommand): void;
  /** Changes preferences as the settings page would. */
  change(part: Partial<Settings>): void;
  canLock(): boolean;
  lock(): void;
  /** Somebody is signed in, and the app is not locked. */
  inside(): boolean;
  locked(): boolean;
  openPlace(place: Place): void;
  /** The key of the settings belongs to another program since. */
  onShortcutTaken(): void;
}

export type ShellIntegration = ReturnType<typeof createShellIntegration>;

export function createShellIntegration(options: ShellIntegrationOptions) {
  const log = options.logger.module('shell');
  const stopRescuing = rescueWindows(screen, options.windows);
  const preferences = () => options.settings.read().settings;
  let shortcut = '';
  let menuKey = '';
  /** What each window has open. */
  const chats = new Map<number, OpenChat>();
  let recentKey = '';

  const applyMenu = () => {
    const state = {
      platform: process.platform,
      development: !app.isPackaged,
      alwaysOnTop: preferences().alwaysOnTop,
      canLock: options.canLock(),
      inside: options.inside(),
      locked: options.locked(),
      chat: chats.get(options.front()?.id ?? -1) ?? null,
    };
    const key = JSON.stringify([state, options.locale()]);
    // A menu that is open would close under the pointer.
    if (key === menuKey) return;
    menuKey = key;
    const template = menuTemplate(state, MENU_LABELS[options.locale()], {
      command(command) {
        options.command(command);
        // A check mark changes by the click itself, whatever comes of it: it is what the chat says.
        menuKey = '';
        setImmediate(applyMenu);
      },
      zoom(step) {
        const zoom = step === 0 ? 1 : preferences().zoom + step * ZOOM.step;
        options.change({ zoom: Math.min(ZOOM.most, Math.max(ZOOM.least, Math.round(zoom * 10) / 10)) });
      },
      toggleAlwaysOnTop: () => options.change({ alwaysOnTop: !preferences().alwaysOnTop }),
      lock: options.lock,
      quit: () => app.quit(),
    });
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  };

  const autostart: AutostartOptions = {
    platform: process.platform,
    environment: process.env,
    start: startCommand(),
    loginItems: {
      get: () => startsAtLogin(process.platform, app.getLoginItemSettings({ args: ['--hidden'] })),
      set: (openAtLogin) => app.setLoginItemSettings({ openAtLogin, args: ['--hidden'] }),
    },
  };
  let autostarts: boolean | null = null;
  const applyAutostart = () => {
    const { startWithSystem } = preferences();
    if (autostarts === startWithSystem) return;
    const isStart = autostarts === null;
    autostarts = startWithSystem;
    // Nothing is written into anybody's system before they ask for it.
    if (isStart && !startWithSystem) return;
    const set = async () => {
      // Taken back in the system's own settings: that counts.
      if (isStart && !(await isAutostarted(autostart))) options.change({ startWithSystem: false });
      else await setAutostart(startWithSystem, autostart);
    };
    set().catch((thrown: unknown) => log.error('autostart-not-set', thrown));
  };

  /** False when another program has it; then nothing has changed. */
  const takeShortcut = (wanted: string): boolean => {
    if (wanted === shortcut) return true;
    if (wanted !== '' && !globalShortcut.register(wanted, options.reveal)) return false;
    if (shortcut !== '') globalShortcut.unregister(shortcut);
    shortcut = wanted;
    return true;
  };
  const applyView = (window: BrowserWindow) => {
    if (window.isDestroyed()) return;
    const { zoom, alwaysOnTop } = preferences();
    window.webContents.setZoomFactor(zoom);
    if (window.isAlwaysOnTop() !== alwaysOnTop) window.setAlwaysOnTop(alwaysOnTop);
  };

  return {
    /** Whether these preferences can be had; `shortcut-taken` or `shortcut-unsupported` when not. Nothing is changed in that case. */
    check({ globalShortcut: wanted }: Partial<Settings>): void {
      if (wanted !== undefined && !takeShortcut(wanted))
        throw new MagpieError(givesShortcuts() ? 'shortcut-taken' : 'shortcut-unsupported', wanted);
    },
    apply(): void {
      nativeTheme.themeSource = preferences().theme;
      applyMenu();
      applyAutostart();
      if (!takeShortcut(preferences().globalShortcut) && givesShortcuts()) {
        log.warn('shortcut-taken');
        options.change({ globalShortcut: '' });
        options.onShortcutTaken();
      }
      for (const window of options.windows()) applyView(window);
    },
    /** The last conversations, none where nobody may see them. */
    recent(chats: readonly RecentChat[]): void {
      const key = JSON.stringify([chats, options.locale()]);
      if (key === recentKey) return;
      recentKey = key;
      if (process.platform === 'darwin')
        app.dock?.setMenu(Menu.buildFromTemplate(dockMenu(chats, { open: options.openPlace })));
      // A development build is started by Electron's own program, which would not find us.
      else if (process.platform === 'win32' && app.isPackaged) {
        const title = MENU_LABELS[options.locale()].recentChats;
        const answer = app.setJumpList(jumpList(chats, { program: process.execPath, title }));
        if (String(answer) !== 'ok') log.warn('jump-list', { answer: String(answer) });
      }
    },
    /** A window has another chat open, or none. */
    chatShown(windowId: number, chat: OpenChat | null): void {
      if (chat === null) chats.delete(windowId);
      else chats.set(windowId, chat);
      applyMenu();
    },
    windowOpened(window: BrowserWindow): void {
      window.on('focus', applyMenu);
      window.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
        if (isMainFrame && !isSameDocument) this.chatShown(window.id, null);
      });
      // Chromium keeps a factor per page address and forgets ours with each load.
      window.webContents.on('did-finish-load', () => applyView(window));
      applyView(window);
    },
    close(): void {
      stopRescuing();
      if (shortcut !== '') globalShortcut.unregister(shortcut);
    },
  };
}

/** How this very app was started: an AppImage by its file, a development build with its folder. */
function startCommand(): StartCommand {
  const program = process.env['APPIMAGE'] ?? process.execPath;
  return { program, args: app.isPackaged ? [] : [app.getAppPath()] };
}

/** A Wayland desktop gives such keys as it likes, whoever has them: the choice is kept for a session that does. */
function givesShortcuts(): boolean {
  return process.platform !== 'linux' || process.env['XDG_SESSION_TYPE'] !== 'wayland';
}
