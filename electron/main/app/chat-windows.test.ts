import { EventEmitter } from 'node:events';
import type { BrowserWindow } from 'electron';
import { expect, test } from 'vitest';
import { settingsOver } from '../settings/settings.ts';
import { createChatWindows, REMEMBERED } from './chat-windows.ts';

/** As much of a window as the windows of conversations need. */
class FakeWindow extends EventEmitter {
  static ids = 100;
  readonly id = (FakeWindow.ids += 1);
  readonly calls: string[] = [];
  isMinimized = () => true;
  restore = () => void this.calls.push('restore');
  show = () => void this.calls.push('show');
  focus = () => void this.calls.push('focus');
  isHidden = false;
  isGone = false;
  hide = () => void (this.isHidden = true);
  isDestroyed = () => this.isGone;
  close = () => {
    let isPrevented = false;
    this.emit('close', { preventDefault: () => (isPrevented = true) });
    if (!isPrevented) this.destroy();
  };
  destroy = () => {
    this.isGone = true;
    this.emit('closed');
  };
}

const BOUNDS = { x: 10, y: 20, width: 500, height: 600, maximized: false };

/** Its page has nothing to store. */
const atOnce = { then: (done: () => void) => done() } as unknown as Promise<void>;

const setUp = (settings = settingsOver(), store = (): Promise<void> => atOnce) => {
  const made: { conversationId: string; stored: unknown; window: FakeWindow; move: () => void }[] = [];
  const told: string[][] = [];
  const closed: number[] = [];
  const windows = createChatWindows({
    settings,
    create({ conversationId, stored, onBounds }) {
      const window = new FakeWindow();
      made.push({ conversationId, stored, window, move: () => onBounds(BOUNDS) });
      return window as unknown as BrowserWindow;
    },
    onChanged: (ids) => told.push(ids),
    onClosed: (id) => closed.push(id),
    store,
  });
  return { windows, made, told, closed, settings };
};

test('one window for a conversation, which a second call brings to the front', () => {
  const { windows, made, told } = setUp();
  windows.accountShown('ann');
  windows.open('single:1');
  windows.open('single:1');
  expect(made).toHaveLength(1);
  expect(made[0]?.window.calls).toEqual(['restore', 'show', 'focus']);
  expect(windows.conversationIds).toEqual(['single:1']);
  expect(told).toEqual([['single:1']]);
});

test('one that is closed is seen no more, and goes when its page has stored what it knows', async () => {
  let stored = (): void => undefined;
  const { windows, made, told, closed } = setUp(
    settingsOver(),
    () => new Promise((resolve) => (stored = resolve)),
  );
  windows.accountShown('ann');
  windows.open('single:1');
  windows.close('single:1');
  expect(made[0]?.window.isHidden).toBe(true);
  // The main window takes the conversation over when all of it is with main.
  expect([closed, told.at(-1)]).toEqual([[], ['single:1']]);
  stored();
  await new Promise((resolve) => setImmediate(resolve));
  expect([closed, told.at(-1)]).toEqual([[made[0]?.window.id], []]);
});

test('one that is wanted again while it closes stays; closed once more it goes, when that is stored as well', async () => {
  const stored: (() => void)[] = [];
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const { windows, made, closed } = setUp(
    settingsOver(),
    () => new Promise((resolve) => stored.push(resolve)),
  );
  windows.accountShown('ann');
  windows.open('single:1');
  windows.close('single:1');
  windows.open('single:1');
  expect(made).toHaveLength(1);
  expect(made[0]?.window.calls).toEqual(['restore', 'show', 'focus']);
  windows.close('single:1');
  stored[0]?.();
  await settled();
  expect(closed, 'the second time is not stored yet').toEqual([]);
  expect(windows.focus('single:1')).toBe(true);
  stored[1]?.();
  await settled();
  expect(closed).toEqual([]);
  expect(windows.conversationIds).toEqual(['single:1']);

  windows.close('single:1');
  stored[2]?.();
  await settled();
  expect(closed).toEqual([made[0]?.window.id]);
});

test('the place is remembered, also for one that was closed', () => {
  const { windows, made, closed, told } = setUp();
  windows.accountShown('ann');
  windows.open('single:1');
  expect(made[0]?.stored).toBeNull();
  made[0]?.move();
  windows.close('single:1');
  expect(closed).toEqual([made[0]?.window.id]);
  expect(told.at(-1)).toEqual([]);
  windows.open('single:1');
  expect(made[1]?.stored).toMatchObject(BOUNDS);
});

test('windows go with their account and come back with it', () => {
  const { windows, made } = setUp();
  windows.accountShown('ann');
  windows.open('single:1');
  windows.open('group:2');
  windows.close('group:2');
  windows.accountShown('bob');
  expect(windows.all()).toEqual([]);
  windows.open('single:1');
  windows.accountShown('ann');
  expect(windows.conversationIds).toEqual(['single:1']);
  expect(made.map(({ conversationId }) => conversationId)).toEqual([
    'single:1',
    'group:2',
    'single:1',
    'single:1',
  ]);
});

test('the end of the app leaves them for the next start; hidden, they wait until somebody looks', () => {
  const first = setUp();
  first.windows.accountShown('ann');
  first.windows.open('single:1');
  first.windows.stop();
  first.made[0]?.window.emit('closed');
  const second = setUp(first.settings);
  second.windows.hold();
  second.windows.accountShown('ann');
  expect(second.made).toEqual([]);
  second.windows.release();
  expect(second.windows.conversationIds).toEqual(['single:1']);
});

test('nobody on screen, no windows; and what is remembered stays small', () => {
  const { windows, made, settings } = setUp();
  windows.open('single:1');
  expect(made).toEqual([]);
  windows.accountShown('ann');
  for (let peer = 1; peer <= REMEMBERED + 20; peer += 1) {
    windows.open(`single:${peer}`);
    windows.close(`single:${peer}`);
  }
  expect(Object.keys(settings.read().chatWindows)).toHaveLength(REMEMBERED);
  expect(settings.read().chatWindows[`ann/single:${REMEMBERED + 20}`]).toBeDefined();
});

test('a conversation is shown in its own window, or in the main one where it has none', () => {
  const { windows, made } = setUp();
  const main = 1;
  windows.accountShown('ann');
  expect(windows.shows(main, 'single:1')).toBe(true);
  windows.open('single:1');
  windows.open('single:2');
  const [one, two] = made.map(({ window }) => window.id) as [number, number];
  expect([main, one, two].map((id) => windows.shows(id, 'single:1'))).toEqual([false, true, false]);
  expect([main, one, two].map((id) => windows.shows(id, 'single:3'))).toEqual([true, false, false]);
  windows.close('single:1');
  expect([main, two].map((id) => windows.shows(id, 'single:1'))).toEqual([true, false]);
});
