/** Sees to it that nobody sits in front of a white or frozen window: what a page that fails leads to. */
import type { BrowserWindow } from 'electron';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import { ERROR_URL } from './page-path.ts';
import { createRecovery, createWatchdog } from './watchdog.ts';

/** After loading, the page's first call to main comes at once; without one its scripts are missing or broken. */
const FIRST_CALL = 10_000;
/** A process that was told to end is gone in much less. */
const END_PATIENCE = 2_000;
/** What Chromium calls a load that another one took the place of. */
const ABORTED = -3;

export interface PageCareOptions {
  clock: Clock;
  logger: Logger;
  /** The app runs without the graphics card already. */
  safeMode: boolean;
  /** Starts the app anew without the graphics card; `url` is what the page showed. */
  restartSafely(url: string): void;
  /** What was on screen there is not any more. */
  onGone(windowId: number): void;
}

export type PageCare = ReturnType<typeof createPageCare>;

export function createPageCare(options: PageCareOptions) {
  const { clock } = options;
  const log = options.logger.module('window');
  const recovery = createRecovery({ clock, safeMode: options.safeMode });
  /** Windows whose present page has called main. */
  const spoken = new Set<number>();
  const waiting = new Map<number, () => void>();
  const cancelWait = (windowId: number) => {
    waiting.get(windowId)?.();
    waiting.delete(windowId);
  };

  return {
    /** The page called main: its scripts run. */
    spoke(window: BrowserWindow): void {
      spoken.add(window.id);
      cancelWait(window.id);
    },
    /** `pageUrl`: where the page of this window begins. */
    watch(window: BrowserWindow, pageUrl: string): void {
      const { id, webContents } = window;
      const isError = () => webContents.getURL() === ERROR_URL;
      const fail = (why: string) => {
        if (window.isDestroyed()) return;
        const remedy = recovery.failed();
        log.warn('page-failed', { why, remedy });
        options.onGone(id);
        const url = webContents.getURL() === '' || isError() ? pageUrl : webContents.getURL();
        // Truth lives in main, so the page comes back as it was.
        if (remedy === 'safe-mode') options.restartSafely(url);
        else
          window
            .loadURL(remedy === 'reload' ? url : ERROR_URL)
            .catch((thrown: unknown) => log.error('page-not-loaded', thrown));
      };

      let silent = false;
      webContents.on('render-process-gone', (_event, { reason }) => {
        const why = silent ? 'silent' : reason;
        silent = false;
        if (why !== 'clean-exit') fail(why);
      });
      webContents.on('did-fail-load', (_event, code, _description, _url, isMainFrame) => {
        if (isMainFrame && code !== ABORTED) fail('not-loaded');
      });
      webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
        if (!isMainFrame || isSameDocument) return;
        spoken.delete(id);
        cancelWait(id);
      });
      webContents.on('did-finish-load', () => {
        if (spoken.has(id) || isError()) return;
        waiting.set(
          id,
          clock.after(FIRST_CALL, () => fail('no-script')),
        );
      });
      const watchdog = createWatchdog({
        clock,
        ask: () => webContents.executeJavaScript('0'),
        isWatched: () =>
          !window.isDestroyed() &&
          window.isVisible() &&
          !window.isMinimized() &&
          !webContents.isLoadingMainFrame() &&
          !webContents.isDevToolsOpened() &&
          !webContents.isCrashed(),
        onSilent() {
          // A page that hangs answers to nothing, a request to load another one included: its process goes first.
          silent = true;
          const process = webContents.getOSProcessId();
          webContents.forcefullyCrashRenderer();
          // One that is stopped as a whole does not even end when it is asked to.
          clock.after(END_PATIENCE, () => {
            if (silent && !window.isDestroyed() && webContents.getOSProcessId() === process) kill(process);
          });
        },
      });
      window.on('closed', () => {
        watchdog.stop();
        spoken.delete(id);
        cancelWait(id);
      });
    },
  };
}

function kill(process: number): void {
  try {
    globalThis.process.kill(process, 'SIGKILL');
  } catch {
    // It went meanwhile.
  }
}
