import { BrowserWindow, nativeTheme, screen } from 'electron';
import type { SettingsStore } from '../settings/settings.ts';
import type { Logger } from '../support/logger.ts';
import windowIcon from '../../../resources/icons/256x256.png?asset';
import { MINIMUM_SIZE, placeWindow } from './window-bounds.ts';

/** The page's own background, so that the window does not flash before the first paint. */
const BACKGROUND = { light: '#f5f6f8', dark: '#17191d' };
const SAVE_DELAY = 500;
/** A page that keeps dying is reloaded this often per minute, then left alone. */
const RELOADS_PER_MINUTE = 3;

export interface MainWindowOptions {
  preload: string;
  pageUrl: string;
  settings: SettingsStore;
  logger: Logger;
}

export function createMainWindow(options: MainWindowOptions): BrowserWindow {
  const { settings } = options;
  const log = options.logger.module('window');
  const stored = settings.read().window;
  const window = new BrowserWindow({
    ...placeWindow(
      stored,
      screen.getAllDisplays().map((display) => display.workArea),
    ),
    minWidth: MINIMUM_SIZE.width,
    minHeight: MINIMUM_SIZE.height,
    show: false,
    title: 'Magpie',
    // Windows and macOS take it from the program; on Linux a program started from a folder would have none.
    ...(process.platform === 'linux' ? { icon: windowIcon } : {}),
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    titleBarStyle: process.platform === 'darwin' ? 'hiddenInset' : 'default',
    autoHideMenuBar: true,
    webPreferences: {
      preload: options.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
    },
  });

  window.once('ready-to-show', () => {
    window.show();
    // Maximising before the first show would lose the normal size for good.
    if (stored?.maximized === true) window.maximize();
  });

  let timer: NodeJS.Timeout | null = null;
  const save = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (window.isDestroyed() || window.isMinimized()) return;
    const bounds = { ...window.getNormalBounds(), maximized: window.isMaximized() };
    settings.update(() => ({ window: bounds }));
  };
  const saveSoon = () => {
    timer ??= setTimeout(save, SAVE_DELAY);
  };
  window.on('resize', saveSoon);
  window.on('move', saveSoon);
  window.on('close', save);
  window.on('closed', () => {
    if (timer !== null) clearTimeout(timer);
  });

  let reloads: number[] = [];
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    log.warn('page-gone', { reason });
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    reloads = reloads.filter((at) => Date.now() - at < 60_000);
    if (reloads.length >= RELOADS_PER_MINUTE) return;
    reloads.push(Date.now());
    // Truth lives in main, so the page comes back as it was.
    window.webContents.reload();
  });
  window.on('unresponsive', () => log.warn('page-unresponsive'));

  window.loadURL(options.pageUrl).catch((thrown: unknown) => log.error('page-not-loaded', thrown));
  return window;
}
