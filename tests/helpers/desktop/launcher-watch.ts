import { MessageType, type Message } from '@jellybrick/dbus-next';
import { askBus, connectBus, plain } from './dbus.ts';

const LAUNCHER = 'com.canonical.Unity.LauncherEntry';

/** What an app last said about its entry in the launcher. */
export interface LauncherEntry {
  /** As docks look it up: `application://magpie.desktop`. */
  application: string;
  count: number;
  visible: boolean;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Listens as the docks of Ubuntu and KDE do. */
export async function watchLauncher(busAddress: string): Promise<{
  readonly updates: readonly LauncherEntry[];
  readonly last: LauncherEntry | undefined;
  stop(): void;
}> {
  const bus = await connectBus(busAddress);
  const updates: LauncherEntry[] = [];
  bus.on('message', (message: Message) => {
    if (message.type !== MessageType.SIGNAL || message.interface !== LAUNCHER) return;
    const [application, raw] = message.body as [string, unknown];
    const properties = plain(raw) as { count?: number; 'count-visible'?: boolean };
    const count = properties.count ?? updates.at(-1)?.count ?? 0;
    updates.push({ application, count, visible: properties['count-visible'] ?? false, at: Date.now() });
  });
  await askBus(bus, 'AddMatch', `type='signal',interface='${LAUNCHER}'`);
  return {
    updates,
    get last() {
      return updates.at(-1);
    },
    stop: () => bus.disconnect(),
  };
}
