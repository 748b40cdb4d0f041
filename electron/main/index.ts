/** Composition root of the main process. */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { app, dialog, type BrowserWindow } from 'electron';
import { createMainWindow } from './app/main-window.ts';
import { isOwnPage, PAGE_URL } from './app/page-path.ts';
import { registerSchemes, servePage } from './app/page-protocol.ts';
import { buildParts } from './app/parts.ts';
import { denyPermissions, guardAllContents, logUnhandled } from './app/security.ts';
import { openSettingsStore } from './settings/settings-store.ts';
import { openLogFile } from './support/log-file.ts';
import { createLogger } from './support/logger.ts';

const outFolder = import.meta.dirname;
const userData = app.getPath('userData');
const logFile = openLogFile(join(userData, 'logs', 'main.log'));
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
const isOurs = (url: string) => isOwnPage(url, developmentUrl);

let window: BrowserWindow | null = null;
let parts: ReturnType<typeof buildParts> | null = null;
let settings: ReturnType<typeof openSettingsStore> | null = null;
let ending: 'no' | 'closing' | 'closed' = 'no';

logUnhandled(logger);
// Forced, it would undo `--no-sandbox` for the helpers only, and none of them starts; our page is sandboxed either way.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
registerSchemes();
guardAllContents(isOurs, logger);

// The lock lies in the profile folder, so every `--user-data-dir` is an app of its own.
if (!app.requestSingleInstanceLock()) {
  // The lock is also refused where no file can be made; then no other window would come up instead of ours.
  if (isWritable(userData)) app.quit();
  else void app.whenReady().then(() => giveUp(new Error('The profile folder cannot be written. 无法写入。')));
} else {
  app.on('second-instance', showWindow);
  app.on('activate', showWindow);
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('before-quit', (event) => {
    if (ending === 'closed' || parts === null) return;
    event.preventDefault();
    if (ending === 'closing') return;
    ending = 'closing';
    // A call that hangs must not keep the app from ending: everything durable is on disk already.
    const patience = new Promise<void>((resolve) => setTimeout(resolve, QUIT_PATIENCE));
    void Promise.race([parts.close(), patience])
      .catch((thrown: unknown) => logger.error('close-failed', thrown))
      .then(() => logFile.flush())
      .finally(() => {
        ending = 'closed';
        app.quit();
      });
  });
  app.whenReady().then(start).catch(giveUp);
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

function start(): void {
  logger.info('start', { version: app.getVersion(), electron: process.versions['electron'] });
  denyPermissions();
  servePage(join(outFolder, '../renderer'));
  settings = openSettingsStore(userData, {
    onDamaged: () => logger.warn('settings-damaged'),
    onSaveFailed: (thrown) => logger.error('settings-not-saved', thrown),
  });
  parts = buildParts({ settings, logger, outFolder, window: () => window, isOwnPage: isOurs });
  showWindow();
}

function showWindow(): void {
  if (settings === null || ending !== 'no') return;
  if (window === null || window.isDestroyed()) {
    const created = createMainWindow({
      preload: join(outFolder, '../preload/index.cjs'),
      pageUrl: developmentUrl ?? PAGE_URL,
      settings,
      logger,
    });
    created.on('closed', () => {
      if (window === created) window = null;
    });
    window = created;
    return;
  }
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
