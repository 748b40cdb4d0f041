import { BrowserWindow, nativeTheme, screen } from 'electron';
import type { WindowBounds } from '../settings/stored-data.ts';
import windowIcon from '../../../resources/icons/256x256.png?asset';
import { BACKGROUND, placeWindow, screensFrom, type WindowSizes } from './window-bounds.ts';

const SAVE_DELAY = 500;

/** From the page being loaded to the window being shown, if nobody has said that the page is drawn; milliseconds. */
const DRAWN_PATIENCE = 300;

export interface PageWindowOptions {
  preload: string;
  /** Where in the page to begin, with its hash. */
  url: string;
  title: string;
  sizes: WindowSizes;
  stored: WindowBounds | null;
  /** Somebody moved it; not told while it is minimised. */
  onBounds(bounds: WindowBounds): void;
  /** Loads the page but does not show the window until somebody calls `show`. */
  hidden: boolean;
  onLoadFailed(thrown: unknown): void;
}

/** A window with our page in it, under the rules that all of them share: sandboxed, isolated, nothing from outside. */
export function createPageWindow(options: PageWindowOptions): BrowserWindow {
  const { sizes, stored } = options;
  const window = new BrowserWindow({
    ...placeWindow(
      stored,
      screensFrom(screen).map(({ workArea }) => workArea),
      sizes,
    ),
    minWidth: sizes.least.width,
    minHeight: sizes.least.height,
    show: false,
    title: options.title,
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
      // Whether and with which dictionaries is the session's affair: see spelling.ts.
      spellcheck: true,
      // The sound of a notification is played while nobody has touched the page.
      autoplayPolicy: 'no-user-gesture-required',
      navigateOnDragDrop: false,
    },
  });

  // Maximising before the first show would lose the normal size for good.
  if (stored?.maximized === true) window.once('show', () => window.maximize());
  if (!options.hidden) showWhenDrawn(window);

  let timer: NodeJS.Timeout | null = null;
  const save = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (window.isDestroyed() || window.isMinimized()) return;
    options.onBounds({ ...window.getNormalBounds(), maximized: window.isMaximized() });
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

  window.loadURL(options.url).catch(options.onLoadFailed);
  return window;
}

/**
 * Without the flash of an empty window where that can be had. On Wayland a hidden window has no surface, so its page draws no
 * frame and `ready-to-show` never comes (https://github.com/electron/electron/issues/48859): loaded must be enough there.
 */
function showWhenDrawn(window: BrowserWindow): void {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const end = () => {
    clearTimeout(timer);
    isOver = true;
  };
  const show = () => {
    if (!isOver) window.show();
  };
  window.once('ready-to-show', show);
  window.once('show', end);
  window.once('closed', end);
  if (process.platform === 'linux')
    window.webContents.once('did-finish-load', () => (timer = setTimeout(show, DRAWN_PATIENCE)));
}
