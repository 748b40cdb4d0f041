/** Screens go and change while the app runs: a window that nobody could take hold of any more comes back within reach. */
import type { BrowserWindow, Screen } from 'electron';
import { rescuePlace, screensFrom } from './window-bounds.ts';

const CHANGES = ['display-removed', 'display-added', 'display-metrics-changed'] as const;

type Window = Pick<
  BrowserWindow,
  'getNormalBounds' | 'getMinimumSize' | 'setBounds' | 'isDestroyed' | 'isMaximized' | 'isFullScreen'
>;

/** Gives the function that ends it. */
export function rescueWindows(
  screen: Pick<Screen, 'on' | 'off' | 'getAllDisplays' | 'getPrimaryDisplay'>,
  windows: () => readonly Window[],
): () => void {
  const look = () => {
    const areas = screensFrom(screen).map(({ workArea }) => workArea);
    for (const window of windows()) {
      // These fill a screen: the system itself puts them on another one.
      if (window.isDestroyed() || window.isMaximized() || window.isFullScreen()) continue;
      const [width = 0, height = 0] = window.getMinimumSize();
      const place = rescuePlace(window.getNormalBounds(), areas, { width, height });
      if (place !== null) window.setBounds(place);
    }
  };
  // Each of its own type, although they all look alike here.
  const on = screen.on.bind(screen) as (change: string, listener: () => void) => unknown;
  const off = screen.off.bind(screen) as typeof on;
  for (const change of CHANGES) on(change, look);
  return () => {
    for (const change of CHANGES) off(change, look);
  };
}
