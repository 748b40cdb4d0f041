/** Composition root of the main process. */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { app, crashReporter, dialog, nativeTheme, type BrowserWindow } from 'electron';
import { APP_ID, TOAST_ACTIVATOR } from './app/app-id.ts';
import { errorPage } from './app/error-page.ts';
import { isLink, linkIn } from './app/links.ts';
import { createMainWindow } from './app/main-window.ts';
import { startsUnprotected } from './app/missing-sandbox.ts';
import { lacksSandbox } from './app/sandbox-state.ts';
import { createPageCare } from './app/page-care.ts';
import { isOwnPage, PAGE_URL } from './app/page-path.ts';
import { registerSchemes, servePage } from './app/page-protocol.ts';
import { buildParts } from './app/parts.ts';
import { placeIn } from './app/recent-chats.ts';
import { limitPermissions, guardAllContents, logUnhandled } from './app/security.ts';
import { refuseDictionaries } from './app/spelling.ts';
import { SAFE_MODE, safeArguments } from './app/start-arguments.ts';
import { chosenLocale } from './app/system-locale.ts';
import type { Desktop } from './desktop/desktop.ts';
import { LINK_SCHEME } from '#protocol/link';
import { openSettingsStore } from './settings/settings-store.ts';
import { systemClock } from './support/clock.ts';
import { openLogFile } from './support/log-file.ts';
import { createLogger } from './support/logger.ts';
import { tightenFolder } from './support/private-files.ts';
import { beginStart, type Trial } from './updates/trial.ts';

const outFolder = import.meta.dirname;
const userData = app.getPath('userData');
const logPath = join(userData, 'logs', 'main.log');
const logFile = openLogFile(logPath);
const logger = createLogger((line) => {
  logFile.write(line);
  process.stderr.write(line);
}, 'main');
// The reader of our stderr may end before we do.
process.stderr.on('error', () => undefined);

/** Nobody waits longer than five seconds for an app to go. */
const QUIT_PATIENCE = 4_500;

/** The development server's page; never heeded by an installed app. */
const developmentUrl = app.isPackaged ? null : (process.env['ELECTRON_RENDERER_URL'] ?? null);
const pageUrl = developmentUrl ?? PAGE_URL;
const isOurs = (url: string) => isOwnPage(url, developmentUrl);
const safeMode = process.argv.includes(SAFE_MODE);

let window: BrowserWindow | null = null;
let parts: ReturnType<typeof buildParts> | null = null;
let settings: ReturnType<typeof openSettingsStore> | null = null;
/** A link that came before there was anybody to follow it. */
let earlyLink: string | null = null;
let ending: 'no' | 'closing' | 'closed' = 'no';
/** Ending for an update closes the window, whatever closing means otherwise. */
let updating = false;

logUnhandled(logger);
// Before anything can crash. Reports stay in the profile; the page of diagnostics lists them.
crashReporter.start({ uploadToServer: false });
// Forced, it would undo `--no-sandbox` for the helpers only, and none of them starts; our page is sandboxed either way.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
if (safeMode) {
  app.disableHardwareAcceleration();
  app.commandLine.appendSwitch('disable-gpu');
}
if (process.platform === 'win32') {
  app.setAppUserModelId(APP_ID);
  // Since Electron 41.
  if (typeof app.setToastActivatorCLSID === 'function') app.setToastActivatorCLSID(TOAST_ACTIVATOR);
}
registerSchemes();
guardAllContents(isOurs, logger);

const care = createPageCare({
  clock: systemClock,
  logger,
  safeMode,
  restartSafely,
  onGone: (windowId) => parts?.windowGone(windowId),
});

// The lock lies in the profile folder, so every `--user-data-dir` is an app of its own.
if (!app.requestSingleInstanceLock()) {
  // The lock is also refused where no file can be made; then no other window would come up instead of ours.
  if (isWritable(userData)) {
    process.stderr.write(
      `Magpie runs already with the profile ${userData}; its window was asked to the front.\n`,
    );
    app.quit();
  } else
    void app.whenReady().then(() => giveUp(new Error('The profile folder cannot be written. 无法写入。')));
} else {
  app.on('second-instance', (_event, argv) => {
    // Started again by the system at sign-in: nobody asked for a window.
    if (isHiddenStart(argv)) return;
    showWindow();
    follow(argv);
  });
  // macOS has no arguments for it.
  app.on('open-url', (event, url) => {
    event.preventDefault();
    if (!isLink(url)) return;
    if (parts === null) earlyLink = url;
    else parts.openLink(url);
  });
  app.on('activate', () => showWindow());
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('before-quit', (event) => {
    if (ending === 'closed' || parts === null) return;
    event.preventDefault();
    if (ending === 'closing') return;
    void end(() => app.quit());
  });
  const trial = beginStart(userData, app.getVersion());
  // This version has failed twice: the former one is in its place and waits for us to end.
  if (trial === 'taken-back') app.exit(1);
  else
    app
      .whenReady()
      .then(mayStart)
      .then((may) => {
        if (may) return start(trial);
        // Nothing was wrong with this version.
        trial.ended();
        app.exit(0);
      })
      .catch(giveUp);
}

/** An AppImage that was started without its sandbox asks first. */
async function mayStart(): Promise<boolean> {
  const unprotected = lacksSandbox({
    platform: process.platform,
    appImage: process.env['APPIMAGE'],
    user: process.getuid?.() ?? null,
    unprotected: app.commandLine.hasSwitch('no-sandbox'),
    accepted: process.env['MAGPIE_NO_SANDBOX'] === '1',
  });
  if (!unprotected) return true;
  logger.warn('no-sandbox');
  return startsUnprotected();
}

/** Ends everything in order, then the process by `leave`. */
async function end(leave: () => void): Promise<void> {
  ending = 'closing';
  // A call that hangs must not keep the app from ending: everything durable is on disk already.
  const patience = new Promise<void>((resolve) => setTimeout(resolve, QUIT_PATIENCE));
  await Promise.race([parts?.close(), patience]).catch((thrown: unknown) =>
    logger.error('close-failed', thrown),
  );
  await logFile.flush();
  ending = 'closed';
  leave();
}

/** The page failed twice: perhaps the graphics card is why. `url` is what it showed, and will show again. */
function restartSafely(url: string): void {
  if (ending !== 'no') return;
  settings?.update(() => ({ resumePath: new URL(url).hash.slice(1) || null }));
  app.relaunch({ args: safeArguments(process.argv.slice(1)) });
  // Not by quitting: a window whose page hangs would first be asked whether it may close.
  void end(() => app.exit(0));
}

/** Without a window nobody would ever know that the app runs, or why it does not. */
function giveUp(thrown: unknown): void {
  logger.error('not-started', thrown);
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  dialog.showErrorBox('Magpie', `Magpie cannot start. 无法启动。\n\n${why}\n${userData}`);
  void logFile.flush().finally(() => app.exit(1));
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function start(trial: Trial): void {
  logger.info('start', { version: app.getVersion(), electron: process.versions['electron'], safeMode });
  limitPermissions(isOurs);
  refuseDictionaries();
  servePage(join(outFolder, '../renderer'), () =>
    errorPage({
      locale: chosenLocale(settings),
      dark: nativeTheme.shouldUseDarkColors,
      pageUrl,
      logFile: logPath,
    }),
  );
  // Profiles of earlier versions were made with the modes of their day.
  tightenFolder(join(userData, 'accounts'));
  settings = openSettingsStore(userData, {
    onDamaged: () => logger.warn('settings-damaged'),
    onSaveFailed: (thrown) => logger.error('settings-not-saved', thrown),
  });
  const hidden = isHiddenStart(process.argv) || wasOpenedAtLogin();
  // First the window, whose processes start and whose page loads while the rest is built. Its page asks for nothing before
  // the present turn of the loop is over, and by then there is somebody to answer.
  nativeTheme.themeSource = settings.read().settings.theme;
  showWindow({ hidden });
  parts = buildParts({
    settings,
    logger,
    outFolder,
    preload: join(outFolder, '../preload/index.cjs'),
    pageUrl,
    hidden,
    safeMode,
    care,
    window: () => window,
    reveal: () => showWindow(),
    isOwnPage: isOurs,
    trial,
    onEnding: (isEnding) => (updating = isEnding),
  });
  if (window !== null) parts.windowOpened(window);
  if (hidden) void showWithoutTray(parts.desktop);
  // Linux learns it from the installed `.desktop` file.
  if (app.isPackaged && process.platform !== 'linux') app.setAsDefaultProtocolClient(LINK_SCHEME);
  if (earlyLink === null) follow(process.argv);
  else parts.openLink(earlyLink);
}

/** Does what a start of the app was asked for, by a link of the system or an entry of its own menus there. */
function follow(argv: readonly string[]): void {
  const link = linkIn(argv);
  const place = placeIn(argv);
  if (link !== null) parts?.openLink(link);
  else if (place !== null) parts?.desktop.openPlace(place);
}

/** Hidden where there is no tray, the window could not be found: it waits in the taskbar instead. */
async function showWithoutTray(desktop: Desktop): Promise<void> {
  if (!(await desktop.hasTray()) && window !== null && !window.isVisible()) window.minimize();
}

/** macOS gives login items no arguments. */
function wasOpenedAtLogin(): boolean {
  return process.platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin;
}

/** `--hidden`: the app runs and receives, and its window waits for the next start or a click on its icon. */
function isHiddenStart(argv: readonly string[]): boolean {
  return argv.includes('--hidden');
}

function showWindow({ hidden = false } = {}): void {
  if (settings === null || ending !== 'no') return;
  if (window === null || window.isDestroyed()) {
    const created = createMainWindow({
      preload: join(outFolder, '../preload/index.cjs'),
      pageUrl,
      settings,
      logger,
      hidden,
    });
    care.watch(created, pageUrl);
    created.on('close', (event) => {
      if (ending === 'no' && !updating && parts?.desktop.keepsRunning(created) === true)
        event.preventDefault();
    });
    const { id } = created;
    created.on('closed', () => {
      if (window === created) window = null;
      parts?.windowGone(id);
      // Windows of single conversations are beside the main one, not instead of it.
      // On macOS an app goes on without windows, unless its person wants closing to quit.
      const quits = process.platform !== 'darwin' || settings?.read().settings.closeButton === 'quit';
      if (quits && ending === 'no') app.quit();
    });
    window = created;
    parts?.windowOpened(created);
    return;
  }
  parts?.windowsWanted();
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
