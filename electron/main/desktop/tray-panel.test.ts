import { expect, test } from 'vitest';
import type { BusSignal, SessionBus } from './session-bus.ts';
import { watchTrayPanel } from './tray-panel.ts';

/** A session bus on which a watcher comes and goes, with or without a panel. */
function busWithWatcher() {
  let owned: (owner: string | null) => void = () => undefined;
  const listeners: ((signal: BusSignal) => void)[] = [];
  const bus = {
    hosted: true as boolean | 'unknown',
    owner: (name: string | null) => owned(name),
    signal: (sender: string) =>
      listeners.forEach((listener) => listener({ sender, path: '', interface: '', member: '', body: [] })),
    call: () =>
      bus.hosted === 'unknown'
        ? Promise.reject(new Error('no such property'))
        : Promise.resolve([{ value: bus.hosted }]),
    listen: ((_match, listener) => listeners.push(listener)) as SessionBus['listen'],
    watchName: ((_name, listener) => (owned = listener)) as SessionBus['watchName'],
  };
  const told: boolean[] = [];
  watchTrayPanel(bus, (present) => told.push(present));
  return { bus, told, settled: () => new Promise((resolve) => setImmediate(resolve)) };
}

test('a watcher without a panel draws no icons; the panel may come and go', async () => {
  const { bus, told, settled } = busWithWatcher();
  bus.hosted = false;
  bus.owner(':1.7');
  await settled();
  expect(told).toEqual([false]);
  bus.hosted = true;
  bus.signal(':1.99');
  await settled();
  expect(told, 'a stranger says nothing about it').toEqual([false]);
  bus.signal(':1.7');
  await settled();
  bus.signal(':1.7');
  await settled();
  expect(told, 'a second panel changes nothing').toEqual([false, true]);
  bus.hosted = false;
  bus.signal(':1.7');
  await settled();
  expect(told).toEqual([false, true, false]);
});

test('every new watcher is told, because icons have to be made anew for it', async () => {
  const { bus, told, settled } = busWithWatcher();
  bus.owner(':1.7');
  await settled();
  bus.owner(':1.8');
  await settled();
  bus.owner(null);
  expect(told).toEqual([true, true, false]);
});

test('a watcher that goes while it is asked is gone; one that cannot say is a panel', async () => {
  const { bus, told, settled } = busWithWatcher();
  bus.owner(':1.7');
  bus.owner(null);
  await settled();
  expect(told).toEqual([false]);
  bus.hosted = 'unknown';
  bus.owner(':1.8');
  await settled();
  expect(told).toEqual([false, true]);
});
