import { powerMonitor } from 'electron';
import { watchLogin, watchScreenSavers } from '../desktop/screen-lock.ts';
import { openSystemBus, type SessionBus } from '../desktop/session-bus.ts';
import type { Logger } from '../support/logger.ts';

export interface PowerOptions {
  /** On Linux; null elsewhere, and where there is none. */
  sessionBus: Promise<SessionBus | null>;
  logger: Logger;
  /** On waking the socket is surely stale. */
  onWake(): void;
  /** On unlocking it may be, when the machine slept without saying so. */
  onScreenUnlocked(): void;
  /** The screen was locked, or the machine goes to sleep: whoever wakes it need not be the person. */
  onScreenLocked(): void;
}

/** Follows the sleep and the lock of the computer; gives the function that ends it. */
export function watchPower(options: PowerOptions): () => void {
  const { onWake, onScreenUnlocked, onScreenLocked } = options;
  powerMonitor.on('resume', onWake);
  // On Linux logind tells us itself, with the locks.
  const isLinux = process.platform === 'linux';
  if (!isLinux) powerMonitor.on('suspend', onScreenLocked);
  powerMonitor.on('unlock-screen', onScreenUnlocked);
  powerMonitor.on('lock-screen', onScreenLocked);
  let ended = false;
  let systemBus: SessionBus | null = null;
  const watchLinux = async () => {
    const listener = {
      locked: () => void (ended || onScreenLocked()),
      unlocked: () => void (ended || onScreenUnlocked()),
    };
    const sessionBus = await options.sessionBus;
    if (ended) return;
    if (sessionBus !== null) watchScreenSavers(sessionBus, listener);
    systemBus = await openSystemBus(options.logger);
    if (ended) systemBus?.close();
    else if (systemBus !== null)
      await watchLogin(
        systemBus,
        { processId: process.pid, sessionId: process.env['XDG_SESSION_ID'] },
        listener,
      );
  };
  if (isLinux)
    watchLinux().catch((thrown: unknown) => {
      // Without logind the screen saver alone tells.
      options.logger.module('power').info('no-login-session', { why: String(thrown) });
    });
  return () => {
    ended = true;
    systemBus?.close();
    powerMonitor.off('resume', onWake);
    powerMonitor.off('suspend', onScreenLocked);
    powerMonitor.off('unlock-screen', onScreenUnlocked);
    powerMonitor.off('lock-screen', onScreenLocked);
  };
}
