import { interface as dbusInterface, Message, Variant } from '@jellybrick/dbus-next';
import { connectBus, offer, ownName } from './dbus.ts';
import { until } from './until.ts';

const NAME = 'org.freedesktop.login1';
const SESSION = '/org/freedesktop/login1/session/_31';

/** A stand-in for systemd-logind and for the screen saver of a desktop, on one bus. */
export interface LoginManager {
  /** Waits until a program has asked which session is its own; from then on it listens. */
  asked(): Promise<void>;
  /** `loginctl lock-session`. */
  lockSession(): void;
  /** The desktop's own lock, as logind passes it on. */
  setLockedHint(locked: boolean): void;
  /** As KDE and others say that the screen is locked. */
  setScreenSaver(active: boolean): void;
  stop(): void;
}

const { Interface } = dbusInterface;

class Manager extends Interface {
  readonly askedBy: number[] = [];

  GetSessionByPID(processId: number): string {
    this.askedBy.push(processId);
    return SESSION;
  }
}
Manager.configureMembers({ methods: { GetSessionByPID: { inSignature: 'u', outSignature: 'o' } } });

/** Start it before the app, and give the app `DBUS_SYSTEM_BUS_ADDRESS`. */
export async function startLoginManager(busAddress: string): Promise<LoginManager> {
  const bus = await connectBus(busAddress);
  const manager = new Manager(`${NAME}.Manager`);
  offer(bus, '/org/freedesktop/login1', manager);
  await ownName(bus, NAME);
  const say = (path: string, name: string, member: string, signature = '', body: unknown[] = []) =>
    bus.send(Message.newSignal(path, name, member, signature, body));
  return {
    asked: async () =>
      void (await until(() => manager.askedBy.length > 0, { what: 'the question for a session' })),
    lockSession: () => say(SESSION, `${NAME}.Session`, 'Lock'),
    setLockedHint: (locked) =>
      say(SESSION, 'org.freedesktop.DBus.Properties', 'PropertiesChanged', 'sa{sv}as', [
        `${NAME}.Session`,
        { LockedHint: new Variant('b', locked) },
        [],
      ]),
    setScreenSaver: (active) =>
      say('/ScreenSaver', 'org.freedesktop.ScreenSaver', 'ActiveChanged', 'b', [active]),
    stop: () => bus.disconnect(),
  };
}
