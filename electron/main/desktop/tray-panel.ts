/**
 * Does anybody draw tray icons on this Linux desktop? The watcher alone says nothing: a background service of KDE owns its name
 * also where no panel shows icons. (StatusNotifierItem specification, `IsStatusNotifierHostRegistered`.)
 */
import type { SessionBus } from './session-bus.ts';

const WATCHER = 'org.kde.StatusNotifierWatcher';

/** Calls back with whether icons are drawn: once that is known, and with every new watcher or when it changes. */
export function watchTrayPanel(
  bus: Pick<SessionBus, 'call' | 'listen' | 'watchName'>,
  tell: (present: boolean) => void,
): void {
  let watcher: string | null = null;
  let told: boolean | null = null;
  let asked = 0;
  const found = (present: boolean, isNew: boolean) => {
    if (!isNew && told === present) return;
    told = present;
    tell(present);
  };
  const ask = async (isNew: boolean) => {
    const mine = ++asked;
    const present = await bus
      .call({
        destination: WATCHER,
        path: '/StatusNotifierWatcher',
        interface: 'org.freedesktop.DBus.Properties',
        member: 'Get',
        signature: 'ss',
        body: [WATCHER, 'IsStatusNotifierHostRegistered'],
      })
      // A watcher that cannot say so is a panel itself.
      .then(
        ([answer]) => (answer as { value?: unknown } | undefined)?.value !== false,
        () => true,
      );
    if (mine === asked) found(present, isNew);
  };
  bus.watchName(WATCHER, (owner) => {
    watcher = owner;
    if (owner !== null) return void ask(true);
    asked += 1;
    found(false, true);
  });
  for (const member of ['StatusNotifierHostRegistered', 'StatusNotifierHostUnregistered'])
    bus.listen({ interface: WATCHER, member }, ({ sender }) => {
      if (sender === watcher) void ask(false);
    });
}
