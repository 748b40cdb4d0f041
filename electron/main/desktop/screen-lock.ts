/**
 * Whether the screen of a Linux desktop is locked; Electron tells of that on Windows and macOS alone. Desktops say it in
 * several ways, some in more than one: their screen saver on the session bus, and systemd-logind on the system bus.
 */
import type { SessionBus } from './session-bus.ts';

/** Of KDE and others; GNOME, Cinnamon, MATE and Xfce have the same under names of their own. */
const SCREEN_SAVERS = ['freedesktop', 'gnome', 'cinnamon', 'mate', 'xfce'];
const LOGIN = 'org.freedesktop.login1';
const LOGIN_PATH = '/org/freedesktop/login1';
const SESSION = `${LOGIN}.Session`;
const PROPERTIES = 'org.freedesktop.DBus.Properties';

export interface ScreenLockListener {
  locked(): void;
  unlocked(): void;
}

/** Any program of the person may send such a signal; it can do no more than lock. */
export function watchScreenSavers(bus: Pick<SessionBus, 'listen'>, listener: ScreenLockListener): void {
  for (const name of SCREEN_SAVERS)
    bus.listen({ interface: `org.${name}.ScreenSaver`, member: 'ActiveChanged' }, ({ body: [active] }) => {
      if (active === true) listener.locked();
      else if (active === false) listener.unlocked();
    });
}

export interface LoginFacts {
  processId: number;
  /** `XDG_SESSION_ID`; a program that the service manager of the person has started belongs to no session itself. */
  sessionId: string | undefined;
}

/** Follows the person's own session, of which logind says when it is to be locked and whether it is. */
export async function watchLogin(
  bus: Pick<SessionBus, 'listen' | 'call'>,
  { processId, sessionId }: LoginFacts,
  listener: ScreenLockListener,
): Promise<void> {
  let mine: string | null = null;
  // Whoever wakes the machine need not be the person. Electron tells of waking alone.
  bus.listen({ interface: `${LOGIN}.Manager`, member: 'PrepareForSleep' }, ({ body: [begins] }) => {
    if (begins === true) listener.locked();
  });
  bus.listen({ interface: SESSION, member: 'Lock' }, ({ path }) => void (path === mine && listener.locked()));
  bus.listen(
    { interface: SESSION, member: 'Unlock' },
    ({ path }) => void (path === mine && listener.unlocked()),
  );
  bus.listen({ interface: PROPERTIES, member: 'PropertiesChanged' }, ({ path, body: [name, changed] }) => {
    if (path !== mine || name !== SESSION) return;
    const hint = (changed as Record<string, { value?: unknown } | undefined>)['LockedHint']?.value;
    if (hint === true) listener.locked();
    else if (hint === false) listener.unlocked();
  });
  const ask = async (member: string, signature: string, argument: unknown) => {
    const call = { destination: LOGIN, path: LOGIN_PATH, interface: `${LOGIN}.Manager` };
    const [path] = await bus.call({ ...call, member, signature, body: [argument] });
    return String(path);
  };
  mine = await ask('GetSessionByPID', 'u', processId).catch((thrown: unknown) => {
    if (sessionId === undefined || sessionId === '') throw thrown;
    return ask('GetSession', 's', sessionId);
  });
}
