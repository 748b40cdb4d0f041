import type { WindowBounds } from '../settings/stored-data.ts';

export const MINIMUM_SIZE = { width: 760, height: 520 };
export const DEFAULT_SIZE = { width: 1_120, height: 760 };

interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** How much of the title bar must be on some screen so that a person can take hold of the window. */
const GRIP = 100;

/** Where to open: the stored place if it can still be reached on today's screens, else the middle (no position). */
export function placeWindow(
  stored: WindowBounds | null,
  screens: readonly Area[],
): { width: number; height: number; x?: number; y?: number } {
  if (stored === null) return DEFAULT_SIZE;
  const width = Math.max(MINIMUM_SIZE.width, Math.round(stored.width));
  const height = Math.max(MINIMUM_SIZE.height, Math.round(stored.height));
  const [x, y] = [Math.round(stored.x), Math.round(stored.y)];
  const reachable = screens.some((area) => {
    const visible = Math.min(x + width, area.x + area.width) - Math.max(x, area.x);
    return visible >= GRIP && y >= area.y && y <= area.y + area.height - GRIP;
  });
  return reachable ? { width, height, x, y } : { width, height };
}
