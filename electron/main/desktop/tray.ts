import { Menu, screen, Tray, type MenuItemConstructorOptions } from 'electron';
import type { SessionBus } from './session-bus.ts';
import type { TrayDrawings } from './tray-drawings.ts';
import { watchTrayPanel } from './tray-panel.ts';
import type { TrayLabel } from './tray-picture.ts';

export interface TrayView {
  label: TrayLabel;
  /** Not connected, or nobody signed in. */
  faded: boolean;
  tooltip: string;
  menu: MenuItemConstructorOptions[];
}

export interface TrayIcon {
  /** Whether the desktop shows it. Without it a closed window could not be found again. */
  readonly present: boolean;
  /** Resolves when it is known whether there is a tray. */
  readonly known: Promise<void>;
  update(view: TrayView): void;
  close(): void;
}

export interface TrayOptions {
  /** The session bus on Linux; null elsewhere, and where there is none. */
  bus: SessionBus | null;
  drawings: TrayDrawings;
  onClick(): void;
  /** The desktop's tray came or went. */
  onPresence(present: boolean): void;
}

/** The icon in the tray, for as long as the desktop has one. */
export function createTrayIcon(options: TrayOptions): TrayIcon {
  let tray: Tray | null = null;
  let view: TrayView | null = null;
  let menuKey = '';

  const scale = () => Math.max(1, ...screen.getAllDisplays().map(({ scaleFactor }) => scaleFactor));
  const paint = () => {
    if (view === null) return;
    const image = options.drawings.icon(view.label, view.faded, scale());
    if (tray === null) {
      tray = new Tray(image);
      tray.on('click', options.onClick);
      menuKey = '';
    } else tray.setImage(image);
    tray.setToolTip(view.tooltip);
    if (process.platform === 'darwin')
      tray.setTitle(view.label === '' || view.label === 'dot' ? '' : view.label);
    // A menu that is open would close under the pointer: it is replaced only when it says something else.
    const key = JSON.stringify(view.menu);
    if (key === menuKey) return;
    menuKey = key;
    tray.setContextMenu(Menu.buildFromTemplate(view.menu));
  };
  const remove = () => {
    tray?.destroy();
    tray = null;
  };

  let present = process.platform !== 'linux';
  const { bus } = options;
  const known = new Promise<void>((resolve) => {
    if (process.platform !== 'linux' || bus === null) return resolve();
    watchTrayPanel(bus, (drawn) => {
      const before = present;
      present = drawn;
      // An icon that was made for an earlier tray does not register with a later one by itself.
      remove();
      if (present) paint();
      resolve();
      if (present !== before) options.onPresence(present);
    });
  });
  screen.on('display-metrics-changed', paintIfPresent);

  function paintIfPresent(): void {
    if (present) paint();
  }

  return {
    get present() {
      return present;
    },
    known,
    update(next) {
      view = next;
      paintIfPresent();
    },
    close() {
      screen.off('display-metrics-changed', paintIfPresent);
      remove();
    },
  };
}
