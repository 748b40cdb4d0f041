/** Docks and taskbars of the systems that this machine is not; the bus of Linux is observed in `tests/e2e`. */
import type { BrowserWindow, NativeImage } from 'electron';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createBadge } from './badge.ts';
import type { SessionBus } from './session-bus.ts';

const { app } = vi.hoisted(() => ({ app: { setBadgeCount: vi.fn() } }));
vi.mock('electron', () => ({ app }));

const platform = Object.getOwnPropertyDescriptor(process, 'platform')!;
const on = (name: NodeJS.Platform) =>
  Object.defineProperty(process, 'platform', { ...platform, value: name });
beforeEach(() => app.setBadgeCount.mockClear());
afterEach(() => Object.defineProperty(process, 'platform', platform));

const setUp = () => {
  const setOverlayIcon = vi.fn();
  const told: unknown[][] = [];
  const badge = createBadge({
    bus: {
      tell: ({ body }: { body: unknown[] }) => told.push(body),
      variant: (_signature: string, value: unknown) => value,
    } as unknown as SessionBus,
    drawings: {
      overlay: (label) => (label === '' ? null : (`drawn ${label}` as unknown as NativeImage)),
    },
    desktopFile: 'magpie.desktop',
    window: () => ({ setOverlayIcon }) as unknown as BrowserWindow,
  });
  return { badge, setOverlayIcon, told };
};

test('Windows: a number over the icon in the taskbar, described, and again for a window that was made anew', () => {
  on('win32');
  const { badge, setOverlayIcon, told } = setUp();
  badge.show(7, '7', '7 unread messages');
  badge.show(7, '7', '7 unread messages');
  expect(setOverlayIcon.mock.calls).toEqual([['drawn 7', '7 unread messages']]);
  badge.again();
  badge.show(7, '7', '7 unread messages');
  badge.show(0, 'dot', '');
  badge.show(0, '', '');
  expect(setOverlayIcon.mock.calls.slice(1)).toEqual([
    ['drawn 7', '7 unread messages'],
    ['drawn dot', ''],
    [null, ''],
  ]);
  expect(app.setBadgeCount).not.toHaveBeenCalled();
  expect(told).toEqual([]);
});

test('macOS: the number of the dock', () => {
  on('darwin');
  const { badge, setOverlayIcon, told } = setUp();
  badge.show(120, '99+', '120 unread messages');
  badge.show(0, '', '');
  expect(app.setBadgeCount.mock.calls).toEqual([[120], [0]]);
  expect(setOverlayIcon).not.toHaveBeenCalled();
  expect(told).toEqual([]);
});

test('Linux: the launcher is told on the bus, once for each change', () => {
  on('linux');
  const { badge, told } = setUp();
  badge.show(3, '3', '3 unread messages');
  badge.show(3, '3', '3 unread messages');
  badge.show(0, '', '');
  expect(told).toEqual([
    ['application://magpie.desktop', { count: 3n, 'count-visible': true }],
    ['application://magpie.desktop', { count: 0n, 'count-visible': false }],
  ]);
  expect(app.setBadgeCount).not.toHaveBeenCalled();
});
