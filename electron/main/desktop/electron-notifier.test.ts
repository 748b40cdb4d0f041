/** Notifications of macOS and Windows, up to where Electron hands them to the system. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createElectronNotifier } from './electron-notifier.ts';
import type { NotificationListener, NotificationRequest } from './notifier.ts';
import { DESKTOP_TEXTS } from './texts.ts';

type Activation = { type: string; arguments: string; reply?: string };
const electron = vi.hoisted(() => ({
  shown: [] as {
    options: Record<string, unknown>;
    closed: boolean;
    emit(event: string, ...args: unknown[]): void;
  }[],
  activate: null as ((details: Activation) => void) | null,
  handleActivation: undefined as ((callback: (details: Activation) => void) => void) | undefined,
}));
vi.mock('electron', async () => {
  const { EventEmitter } = await import('node:events');
  class Notification extends EventEmitter {
    static isSupported = () => true;
    static get handleActivation() {
      return electron.handleActivation;
    }
    closed = false;
    constructor(readonly options: Record<string, unknown>) {
      super();
    }
    show() {
      electron.shown.push(this);
    }
    close() {
      this.closed = true;
    }
  }
  return { Notification, nativeImage: { createFromBuffer: (png: Buffer) => png } };
});

const platform = Object.getOwnPropertyDescriptor(process, 'platform')!;
const on = (name: NodeJS.Platform) =>
  Object.defineProperty(process, 'platform', { ...platform, value: name });
beforeEach(() => {
  electron.shown.length = 0;
  electron.activate = null;
  electron.handleActivation = undefined;
});
afterEach(() => Object.defineProperty(process, 'platform', platform));

const ANN = `${'0123456789abcdef'.repeat(2)}/single:7`;
const request = (more: Partial<NotificationRequest> = {}): NotificationRequest => ({
  key: ANN,
  title: 'Ann',
  body: 'lunch?',
  picture: null,
  critical: false,
  answerable: true,
  sound: 'drop',
  ...more,
});

function setUp(system: NodeJS.Platform, activation = false) {
  on(system);
  if (activation) electron.handleActivation = (callback) => (electron.activate = callback);
  const told: unknown[][] = [];
  const tell =
    (what: string) =>
    (...args: unknown[]) =>
      void told.push([what, ...args]);
  const listener: NotificationListener = {
    clicked: tell('clicked'),
    replied: tell('replied'),
    markedRead: tell('read'),
    closed: tell('closed'),
  };
  const notifier = createElectronNotifier({ texts: () => DESKTOP_TEXTS.en, listener });
  const show = (more?: Partial<NotificationRequest>) => {
    const answer = notifier.show(request(more));
    return { answer, at: electron.shown.at(-1)! };
  };
  return { notifier, show, told };
}

describe('whether it came', () => {
  test.each([
    ['shown', true],
    ['failed', false],
    ['closed before it was shown', false],
    ['withdrawn', false],
    ['replaced', false],
    ['the app ends', false],
  ])('%s: is known', async (what, came) => {
    const { notifier, show } = setUp('darwin');
    const { answer, at } = show();
    if (what === 'shown') at.emit('show');
    else if (what === 'failed') at.emit('failed', {}, 'not allowed');
    else if (what === 'withdrawn') notifier.withdraw(ANN);
    else if (what === 'replaced') show();
    else if (what === 'the app ends') notifier.close();
    else at.emit('close', {});
    expect(await answer).toBe(came);
  });

  test('one that failed is forgotten; the next one does not try to close it', async () => {
    const { show } = setUp('win32');
    const first = show();
    first.at.emit('failed', {}, 'no');
    await first.answer;
    show();
    expect(first.at.closed).toBe(false);
  });
});

test('macOS: closed by the person it is gone; withdrawn or replaced it tells nobody', () => {
  const { notifier, show, told } = setUp('darwin');
  const first = show().at;
  const second = show().at;
  expect(first.closed).toBe(true);
  first.emit('close', {});
  expect(told).toEqual([]);
  second.emit('close', {});
  expect(told).toEqual([['closed', ANN]]);
  const third = show().at;
  notifier.withdraw(ANN);
  expect(third.closed).toBe(true);
  third.emit('close', {});
  third.emit('click', {});
  expect(told).toHaveLength(1);
});

test('Windows: gone from the screen it is in the notification centre, can be clicked there and is taken away', () => {
  const { notifier, show, told } = setUp('win32');
  const { at } = show();
  at.emit('show');
  at.emit('close', { reason: 'timedOut' });
  expect(told).toEqual([]);
  at.emit('click', {});
  expect(told).toEqual([['clicked', ANN]]);
  notifier.withdraw(ANN);
  expect(at.closed).toBe(true);
});

test.each(['darwin', 'win32'] as const)('%s: reply and mark as read, if it may be answered', (system) => {
  const { show, told } = setUp(system);
  const { at } = show();
  expect(at.options).toMatchObject({ hasReply: true, actions: [{ type: 'button', text: 'Mark as read' }] });
  at.emit('reply', { reply: 'yes' }, 'yes');
  show().at.emit('reply', {}, 'as told before Electron 41');
  show().at.emit('action', { actionIndex: 0 }, 0);
  expect(told).toEqual([
    ['replied', ANN, 'yes'],
    ['replied', ANN, 'as told before Electron 41'],
    ['read', ANN],
  ]);
  expect(show({ answerable: false }).at.options).not.toHaveProperty('hasReply');
});

test('the system plays the sound where it alone knows whether the person wants quiet', () => {
  const mac = setUp('darwin');
  expect(mac.notifier.playsSound).toBe(true);
  expect(mac.show().at.options).toMatchObject({ silent: false, sound: 'drop.wav' });
  const windows = setUp('win32');
  expect(windows.notifier.playsSound).toBe(true);
  expect(windows.show().at.options).toMatchObject({ silent: false });
  expect(windows.show({ sound: 'none' }).at.options).toMatchObject({ silent: true });
  const linux = setUp('linux');
  expect(linux.notifier.playsSound).toBe(false);
  expect(linux.show().at.options).toMatchObject({ silent: true });
});

describe('what an earlier run left in the notification centre of Windows', () => {
  const idOf = (at: { options: Record<string, unknown> }) => String(at.options['id']);

  test('leads to its conversation, answers it, and is done once', () => {
    const { show } = setUp('win32');
    const ids = [show(), show(), show()].map(({ at }) => idOf(at));
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id.length).toBeLessThanOrEqual(64);

    const { told } = setUp('win32', true);
    electron.activate?.({ type: 'click', arguments: `type=click&tag=${ids[0]}` });
    electron.activate?.({ type: 'reply', arguments: `type=reply&tag=${ids[1]}`, reply: 'later' });
    electron.activate?.({ type: 'reply', arguments: `type=reply&tag=${ids[1]}`, reply: 'later' });
    electron.activate?.({ type: 'action', arguments: `type=action&action=0&tag=${ids[2]}` });
    expect(told).toEqual([
      ['clicked', ANN],
      ['replied', ANN, 'later'],
      ['read', ANN],
    ]);
  });

  test('of one that is there as well, told in both ways, the reply goes out once', () => {
    const { show, told } = setUp('win32', true);
    const { at } = show();
    at.emit('reply', { reply: 'yes' });
    electron.activate?.({ type: 'reply', arguments: `type=reply&tag=${idOf(at)}`, reply: 'yes' });
    expect(told).toEqual([['replied', ANN, 'yes']]);
  });

  test('what names no conversation is nobody’s', () => {
    const { show, told } = setUp('win32', true);
    for (const tag of ['', '14317607570838471237', 'digest.x1', `${ANN}.x1`, 'ff.single.7.x1'])
      electron.activate?.({ type: 'click', arguments: `type=click&tag=${tag}` });
    expect(told).toEqual([]);
    // A name that would be too long, or could mean something in the arguments, is left to the system.
    for (const key of ['digest', `${ANN}${'1'.repeat(60)}`, `${ANN}&x=1`])
      expect(idOf(show({ key }).at)).toBe('');
  });
});
