/** A person at their desktop, with others who write to them: what the tests of tray, notifications and windows share. */
import { test as base, type MagpieProcess } from './fixtures.ts';
import { expect } from '@playwright/test';
import { PlainClient, type PlainAccount } from '../helpers/plain-egg-im/plain-client.ts';
import { watchLauncher } from '../helpers/desktop/launcher-watch.ts';
import { startNotificationDaemon, type NotificationDaemon } from '../helpers/desktop/notification-daemon.ts';
import { startTrayHost, type TrayHost } from '../helpers/desktop/tray-host.ts';
import { connectTo, expectOnline, PASSWORD, row, signIn } from './person.ts';

export { expect };

/** The colour of the badge in the tray icon. */
export const BADGE_RED = [220, 38, 38] as const;

export interface Friend {
  account: PlainAccount;
  /** Writes to the person; answers the message as the server keeps it. */
  say(text: string): Promise<Record<string, unknown>>;
}

export interface DesktopWorld {
  busAddress: string;
  notifications: NotificationDaemon;
  tray: TrayHost;
  launcher: Awaited<ReturnType<typeof watchLauncher>>;
  server: PlainClient;
  /** The person's own account, as another program of theirs sees it. */
  me: PlainAccount;
  magpie: MagpieProcess;
  friend(name: string): Promise<Friend>;
  /** The person reads a friend's message on their phone. */
  readElsewhere(friend: Friend, message: Record<string, unknown>): Promise<void>;
}

interface Fixtures {
  /** The desktop's own parts, started before any app. */
  panel: Pick<DesktopWorld, 'busAddress' | 'notifications' | 'tray' | 'launcher'>;
  world: DesktopWorld;
}

export const test = base.extend<Fixtures>({
  panel: async ({ desktop }, use) => {
    const busAddress = desktop.env['DBUS_SESSION_BUS_ADDRESS'] ?? '';
    const notifications = await startNotificationDaemon(busAddress);
    const tray = await startTrayHost(busAddress);
    const launcher = await watchLauncher(busAddress);
    await use({ busAddress, notifications, tray, launcher });
    notifications.stop();
    tray.stop();
    launcher.stop();
  },
  world: async ({ panel, launchMagpie, startServer }, use) => {
    const { origin } = await startServer();
    const server = new PlainClient(origin);
    await server.register('me_desktop', PASSWORD);
    const magpie = await launchMagpie();
    await connectTo(magpie.page, origin);
    await signIn(magpie.page, 'me_desktop');
    await expectOnline(magpie.page);
    // On a device of its own, so that it does not take the session from the app.
    const me = (await server.data('POST', '/api/loginChat', {
      json: { username: 'me_desktop', password: PASSWORD },
      headers: { 'x-magpie-device': 'phone:11111111-1111-4111-8111-111111111111' },
    })) as PlainAccount;
    await use({
      ...panel,
      server,
      me,
      magpie,
      async readElsewhere({ account }, { seq }) {
        await server.data('POST', '/api/chat/read', {
          token: me.token,
          json: { chatType: 'single', id: account.id, seq },
        });
      },
      async friend(name) {
        const account = await server.register(name, PASSWORD);
        await server.befriend(account, me);
        await expect(row(magpie.page, name)).toBeVisible();
        return { account, say: (text) => server.sendText(account, me.id, text) };
      },
    });
  },
});
