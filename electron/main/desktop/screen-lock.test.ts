import { expect, test } from 'vitest';
import { watchLogin, watchScreenSavers } from './screen-lock.ts';
import type { BusCall, BusSignal } from './session-bus.ts';

const MINE = '/org/freedesktop/login1/session/_32';
const SESSION = 'org.freedesktop.login1.Session';

function setUp(answers: Record<string, string> = { GetSessionByPID: MINE }) {
  const listeners = new Map<string, (signal: BusSignal) => void>();
  const told: string[] = [];
  const asked: [string, unknown][] = [];
  return {
    told,
    asked,
    bus: {
      listen: (match: { interface: string; member: string }, listener: (signal: BusSignal) => void) =>
        void listeners.set(`${match.interface}.${match.member}`, listener),
      call({ member, body }: BusCall) {
        asked.push([member, body?.[0]]);
        const answer = answers[member];
        return answer === undefined
          ? Promise.reject(new Error('no such session'))
          : Promise.resolve([answer]);
      },
    },
    listener: { locked: () => void told.push('locked'), unlocked: () => void told.push('unlocked') },
    say(path: string, name: string, ...body: unknown[]) {
      const at = name.lastIndexOf('.');
      const signal = { path, interface: name.slice(0, at), member: name.slice(at + 1), sender: ':1.9', body };
      listeners.get(name)?.(signal);
    },
  };
}
const FACTS = { processId: 4_711, sessionId: '2' };

test('the screen savers of all desktops', () => {
  const { bus, listener, told, say } = setUp();
  watchScreenSavers(bus, listener);
  for (const name of ['freedesktop', 'gnome', 'cinnamon', 'mate', 'xfce']) {
    say('/ScreenSaver', `org.${name}.ScreenSaver.ActiveChanged`, true);
    say('/ScreenSaver', `org.${name}.ScreenSaver.ActiveChanged`, false);
  }
  say('/ScreenSaver', 'org.gnome.ScreenSaver.ActiveChanged', 'yes');
  expect(told).toEqual(Array.from({ length: 5 }, () => ['locked', 'unlocked']).flat());
});

test('what logind says of the session of the person, in both of its ways, and of nobody else’s', async () => {
  const { bus, listener, told, asked, say } = setUp();
  const watching = watchLogin(bus, FACTS, listener);
  // Before it is known which session is meant, none is.
  say(MINE, `${SESSION}.Lock`);
  await watching;
  expect(asked).toEqual([['GetSessionByPID', 4_711]]);
  const hint = (path: string, name: string, value: unknown) =>
    say(path, 'org.freedesktop.DBus.Properties.PropertiesChanged', name, { LockedHint: { value } }, []);
  say('/org/freedesktop/login1/session/_33', `${SESSION}.Lock`);
  hint('/org/freedesktop/login1/session/_33', SESSION, true);
  hint(MINE, 'org.freedesktop.login1.User', true);
  say(MINE, 'org.freedesktop.DBus.Properties.PropertiesChanged', SESSION, { IdleHint: { value: true } }, []);
  expect(told).toEqual([]);
  say(MINE, `${SESSION}.Lock`);
  say(MINE, `${SESSION}.Unlock`);
  hint(MINE, SESSION, true);
  hint(MINE, SESSION, false);
  expect(told).toEqual(['locked', 'unlocked', 'locked', 'unlocked']);
});

test('a machine that goes to sleep; waking unlocks nothing', async () => {
  const { bus, listener, told, say } = setUp({});
  await watchLogin(bus, FACTS, listener).catch(() => undefined);
  say('/org/freedesktop/login1', 'org.freedesktop.login1.Manager.PrepareForSleep', true);
  say('/org/freedesktop/login1', 'org.freedesktop.login1.Manager.PrepareForSleep', false);
  expect(told).toEqual(['locked']);
});

test('a program that belongs to no session itself knows its own by name', async () => {
  const { bus, listener, told, asked, say } = setUp({ GetSession: MINE });
  await watchLogin(bus, FACTS, listener);
  expect(asked.at(-1)).toEqual(['GetSession', '2']);
  say(MINE, `${SESSION}.Lock`);
  expect(told).toEqual(['locked']);
  await expect(watchLogin(bus, { processId: 1, sessionId: undefined }, listener)).rejects.toThrow('session');
});
