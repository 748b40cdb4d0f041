import { app, type BrowserWindow, type NativeImage } from 'electron';
import type { SessionBus } from './session-bus.ts';
import type { TrayLabel } from './tray-picture.ts';

const LAUNCHER = 'com.canonical.Unity.LauncherEntry';

export interface BadgeOptions {
  bus: SessionBus | null;
  drawings: { overlay(label: TrayLabel): NativeImage | null };
  /** Name of our `.desktop` file. */
  desktopFile: string;
  window(): BrowserWindow | null;
}

/** The count on the app's entry in the dock, the taskbar or the launcher. */
export function createBadge({ bus, drawings, desktopFile, window }: BadgeOptions) {
  let last = '';
  const tellLauncher = (count: number) => {
    bus?.tell({
      path: `/com/canonical/unity/launcherentry/${process.pid}`,
      interface: LAUNCHER,
      member: 'Update',
      signature: 'sa{sv}',
      body: [
        `application://${desktopFile}`,
        { count: bus.variant('x', BigInt(count)), 'count-visible': bus.variant('b', count > 0) },
      ],
    });
  };
  return {
    show(count: number, label: TrayLabel, description: string): void {
      const key = `${count}|${label}`;
      if (key === last) return;
      last = key;
      // Docks and panels of KDE, Ubuntu and others listen to this signal; Electron would need libunity to send it.
      if (process.platform === 'linux') tellLauncher(count);
      else if (process.platform === 'darwin') app.setBadgeCount(count);
      else window()?.setOverlayIcon(drawings.overlay(label), description);
    },
    /** The window is another one: it has no overlay yet. */
    again(): void {
      last = '';
    },
  };
}
