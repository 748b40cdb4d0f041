import type { WindowBounds } from '../settings/stored-data.ts';

/** The page's `--ground`, so that the window does not flash before the first paint. */
export const BACKGROUND = { light: '#f4f5f7', dark: '#111315' };

export interface Size {
  width: number;
  height: number;
}

export interface Area extends Size {
  x: number;
  y: number;
}

/** How small a window may be made, and how large it is the first time. */
export interface WindowSizes {
  least: Size;
  first: Size;
}

export const MAIN_SIZES: WindowSizes = {
  least: { width: 760, height: 520 },
  first: { width: 1_120, height: 760 },
};

/** A conversation in a window of its own. */
export const CHAT_SIZES: WindowSizes = {
  least: { width: 400, height: 420 },
  first: { width: 560, height: 720 },
};

/** How much of the title bar must be on some screen so that a person can take hold of the window. */
const GRIP = 100;

/**
 * Where to open: the stored place if it can still be reached on today's screens, else the middle (no position). A window
 * that is larger than the screen it opens on is made as large as that.
 */
export function placeWindow(
  stored: WindowBounds | null,
  screens: readonly Area[],
  { least, first }: WindowSizes = MAIN_SIZES,
): Size & { x?: number; y?: number } {
  const [main] = screens;
  if (stored === null) return main === undefined ? first : fitted(first, main, least);
  const wanted = { width: Math.round(stored.width), height: Math.round(stored.height) };
  const [x, y] = [Math.round(stored.x), Math.round(stored.y)];
  const home = screens.find((area) => {
    const visible = Math.min(x + wanted.width, area.x + area.width) - Math.max(x, area.x);
    return visible >= GRIP && y >= area.y && y <= area.y + area.height - GRIP;
  });
  if (home !== undefined) return { ...fitted(wanted, home, least), x, y };
  return main === undefined ? fitted(wanted, wanted, least) : fitted(wanted, main, least);
}

/**
 * Where a window goes that is open while its screens change: in the middle of the first one when nobody could take hold of
 * it any more, and no larger than that; null while it is within reach.
 */
export function rescuePlace(bounds: Area, screens: readonly Area[], least: Size): Area | null {
  const [main] = screens;
  if (main === undefined) return null;
  const place = placeWindow({ ...bounds, maximized: false }, screens, { least, first: bounds });
  if (place.x !== undefined) return null;
  const middle = (from: number, room: number, size: number) =>
    from + Math.max(0, Math.round((room - size) / 2));
  return {
    x: middle(main.x, main.width, place.width),
    y: middle(main.y, main.height, place.height),
    width: place.width,
    height: place.height,
  };
}

/** The main screen first: there a window goes that has lost its own. */
export function screensFrom<Display extends { id: number }>(screen: {
  getAllDisplays(): Display[];
  getPrimaryDisplay(): Display;
}): Display[] {
  const { id: primary } = screen.getPrimaryDisplay();
  const displays = screen.getAllDisplays();
  return [...displays.filter(({ id }) => id === primary), ...displays.filter(({ id }) => id !== primary)];
}

function fitted(wanted: Size, area: Size, least: Size): Size {
  return {
    width: Math.max(least.width, Math.min(wanted.width, area.width)),
    height: Math.max(least.height, Math.min(wanted.height, area.height)),
  };
}
