import { powerMonitor } from 'electron';

export interface PowerOptions {
  /** On waking the socket is surely stale. */
  onWake(): void;
  /** On unlocking it may be, when the machine slept without saying so. */
  onScreenUnlocked(): void;
  onScreenLocked(): void;
}

/** Follows the sleep and the lock of the computer; gives the function that ends it. */
export function watchPower({ onWake, onScreenUnlocked, onScreenLocked }: PowerOptions): () => void {
  powerMonitor.on('resume', onWake);
  powerMonitor.on('unlock-screen', onScreenUnlocked);
  powerMonitor.on('lock-screen', onScreenLocked);
  return () => {
    powerMonitor.off('resume', onWake);
    powerMonitor.off('unlock-screen', onScreenUnlocked);
    powerMonitor.off('lock-screen', onScreenLocked);
  };
}
