/** The order of answers and signals; what is shown is observed on a real bus in `tests/e2e`. */
import { expect, test } from 'vitest';
import { silentLogger } from '../support/logger.ts';
import { createFreedesktopNotifier } from './freedesktop-notifier.ts';
import type { BusCall, BusSignal, SessionBus } from './session-bus.ts';
import { DESKTOP_TEXTS } from './texts.ts';

function setUp() {
  const heard: string[] = [];
  const listeners = new Map<string, (signal: BusSignal) => void>();
  let answer: (id: number) => void = () => undefined;
  const bus = {
    call: ({ member }: BusCall) =>
      member === 'Notify'
        ? new Promise<unknown[]>((resolve) => (answer = (id) => resolve([id])))
        : Promise.resolve([['actions']]),
    listen: ({ member }, listener) => void listeners.set(member, listener),
    watchName: (_name, listener) => listener(':1.5'),
    variant: (_signature, value) => value as never,
    tell: () => undefined,
    close: () => undefined,
  } satisfies SessionBus;
  const notifier = createFreedesktopNotifier({
    bus,
    desktopEntry: 'magpie',
    texts: () => DESKTOP_TEXTS.en,
    logger: silentLogger,
    listener: {
      clicked: (key) => void heard.push(`clicked ${key}`),
      markedRead: (key) => void heard.push(`read ${key}`),
      replied: (key, text) => void heard.push(`replied ${key} ${text}`),
      closed: (key) => void heard.push(`closed ${key}`),
    },
  });
  const shown = notifier.show({
    ...{
      key: 'chat',
      title: 'Ann',
      body: 'hello',
      answerable: true,
      critical: false,
      picture: null,
      sound: 'drop',
    },
  });
  const signal = (member: string, body: unknown[], sender = ':1.5') =>
    listeners.get(member)?.({ path: '', interface: '', member, sender, body });
  return { heard, shown, signal, answer: (id: number) => answer(id) };
}

test('a click that comes together with the answer that names the notification is not lost', async () => {
  const { heard, shown, signal, answer } = setUp();
  await new Promise((resolve) => setImmediate(resolve));
  answer(7);
  // Both lay in the socket while the app was busy: no promise has had its turn between them.
  signal('ActionInvoked', [7, 'default']);
  signal('NotificationClosed', [7, 2]);
  signal('ActionInvoked', [8, 'default']);
  expect(await shown).toBe(true);
  await expect.poll(() => heard).toEqual(['clicked chat', 'closed chat']);
});

test('strangers and other notifications are not heard', async () => {
  const { heard, shown, signal, answer } = setUp();
  await new Promise((resolve) => setImmediate(resolve));
  answer(7);
  await shown;
  signal('ActionInvoked', [7, 'default'], ':1.99');
  signal('ActionInvoked', [6, 'default']);
  signal('NotificationReplied', [7, 'on my way']);
  await new Promise((resolve) => setImmediate(resolve));
  expect(heard).toEqual(['replied chat on my way']);
});
