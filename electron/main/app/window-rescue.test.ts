import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { Area } from './window-bounds.ts';
import { rescueWindows } from './window-rescue.ts';

const LAPTOP = { x: 0, y: 0, width: 1_280, height: 800 };
const BESIDE = { x: 1_280, y: 0, width: 1_920, height: 1_080 };

interface FakeWindow {
  bounds: Area;
  /** How often it was put somewhere. */
  moves: number;
  getNormalBounds(): Area;
  getMinimumSize(): number[];
  setBounds(next: Partial<Area>): void;
  isDestroyed(): boolean;
  isMaximized(): boolean;
  isFullScreen(): boolean;
}

function setUp(...areas: Area[]) {
  let displays = areas.map((workArea, id) => ({ id, workArea }));
  const events = new EventEmitter();
  const screen = Object.assign(events, {
    getAllDisplays: () => displays,
    getPrimaryDisplay: () => displays[0]!,
  });
  const openWindow = (
    bounds: Area,
    state: { maximized?: boolean; fullScreen?: boolean; gone?: boolean } = {},
  ): FakeWindow => {
    const window: FakeWindow = {
      bounds,
      moves: 0,
      getNormalBounds: () => window.bounds,
      getMinimumSize: () => [760, 520],
      setBounds(next: Partial<Area>) {
        window.bounds = { ...window.bounds, ...next };
        window.moves += 1;
      },
      isDestroyed: () => state.gone === true,
      isMaximized: () => state.maximized === true,
      isFullScreen: () => state.fullScreen === true,
    };
    windows.push(window);
    return window;
  };
  const windows: FakeWindow[] = [];
  const stop = rescueWindows(screen as never, () => windows);
  return {
    openWindow,
    stop,
    listeners: () => events.eventNames().length,
    become(change: string, ...next: Area[]) {
      displays = next.map((workArea, id) => ({ id, workArea }));
      events.emit(change, {}, {});
    },
  };
}

test.each(['display-removed', 'display-metrics-changed', 'display-added'])(
  'a window whose screen is gone comes to the middle of the one that is left (%s)',
  (change) => {
    const { openWindow, become } = setUp(LAPTOP, BESIDE);
    const lost = openWindow({ x: 1_500, y: 100, width: 1_000, height: 700 });
    const home = openWindow({ x: 40, y: 60, width: 900, height: 600 });
    become(change, LAPTOP);
    expect(lost.bounds).toEqual({ x: 140, y: 50, width: 1_000, height: 700 });
    expect(home.moves).toBe(0);
    // Where it is now, everything can be reached: nothing moves any more.
    become(change, LAPTOP);
    expect(lost.moves).toBe(1);
  },
);

test('one that is larger than what is left is made as large as that, never smaller than it may be', () => {
  const { openWindow, become } = setUp(BESIDE);
  const large = openWindow({ x: 1_300, y: 20, width: 1_800, height: 1_000 });
  become('display-removed', LAPTOP);
  expect(large.bounds).toEqual(LAPTOP);
  const lost = openWindow({ x: 1_400, y: 20, width: 1_000, height: 700 });
  become('display-metrics-changed', { x: 0, y: 0, width: 640, height: 480 });
  expect(lost.bounds).toEqual({ x: 0, y: 0, width: 760, height: 520 });
});

test('its title bar above or below every screen counts as lost', () => {
  const { openWindow, become } = setUp(LAPTOP);
  const above = openWindow({ x: 100, y: -300, width: 900, height: 600 });
  const below = openWindow({ x: 100, y: 790, width: 900, height: 600 });
  become('display-metrics-changed', LAPTOP);
  for (const { bounds } of [above, below]) expect(bounds).toMatchObject({ x: 190, y: 100 });
});

test('what fills a screen is the affair of the system; a window that is gone is left alone', () => {
  const { openWindow, become, stop, listeners } = setUp(LAPTOP, BESIDE);
  const place = { x: 1_500, y: 100, width: 1_000, height: 700 };
  const windows = [
    openWindow(place, { maximized: true }),
    openWindow(place, { fullScreen: true }),
    openWindow(place, { gone: true }),
  ];
  become('display-removed', LAPTOP);
  expect(windows.map(({ moves }) => moves)).toEqual([0, 0, 0]);
  stop();
  expect(listeners()).toBe(0);
});
