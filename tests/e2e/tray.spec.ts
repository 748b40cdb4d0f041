/** The app in the tray and the launcher, observed over D-Bus as a panel sees it. */
import { alertStrongly, connectTo, expectOnline, openChat, register, row } from './person.ts';
import { startNotificationDaemon } from '../helpers/desktop/notification-daemon.ts';
import { closeWindow, focusWindow, windowOf, windowsOf, windowsSeen } from '../helpers/desktop/x11.ts';
import { until } from '../helpers/desktop/until.ts';
import { BADGE_RED, expect, test } from './desktop-world.ts';

test.skip(process.platform !== 'linux', 'observed over D-Bus');

test('the tray icon and the launcher carry the unread count; the menu leads to it', async ({
  world,
  desktop,
}) => {
  const { tray, launcher, magpie } = world;
  const { page } = magpie;
  const icon = await tray.item();
  const ann = await world.friend('ann_tray');
  const ben = await world.friend('ben_tray');

  await test.step('befriending leaves something unread, which reading clears', async () => {
    await row(page, 'ann_tray').click();
    await row(page, 'ben_tray').click();
    await page.getByTestId('rail-settings').click();
    // Only now no chat is in front of the person any more.
    await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
    await expect(page.getByTestId('chat-title')).toHaveCount(0);
    await expect.poll(async () => (await icon.picture()).count(...BADGE_RED)).toBe(0);
    await expect.poll(() => icon.tooltip()).toBe('Magpie');
  });

  await test.step('a count', async () => {
    for (let number = 1; number <= 7; number += 1) await ann.say(`number ${number}`);
    await expect.poll(() => icon.tooltip()).toBe('Magpie · 7 unread messages · newest from ann_tray');
    await expect.poll(async () => (await icon.picture()).count(...BADGE_RED)).toBeGreaterThan(40);
    const picture = await icon.picture();
    expect([picture.width, picture.height]).toEqual([24, 24]);
    await expect
      .poll(() => launcher.last)
      .toMatchObject({
        application: 'application://magpie.desktop',
        count: 7,
        visible: true,
      });
    await test.info().attach('tray-7.png', { body: picture.png(), contentType: 'image/png' });
  });

  await test.step('other counts look different', async () => {
    const seven = (await icon.picture()).png();
    await ben.say('hello');
    await expect.poll(() => icon.tooltip()).toBe('Magpie · 8 unread messages · newest from ben_tray');
    await expect.poll(async () => (await icon.picture()).png().equals(seven)).toBe(false);
  });

  await test.step('the menu opens a conversation', async () => {
    await expect
      .poll(() => icon.labels())
      .toEqual(
        expect.arrayContaining(['Open Magpie', 'Online', 'ben_tray (1)', 'ann_tray (7)', 'Quit Magpie']),
      );
    await icon.clickMenu('ann_tray (7)');
    await expect(page.getByTestId('chat-title')).toContainText('ann_tray');
    await expect.poll(() => icon.tooltip()).toBe('Magpie · 1 unread message · newest from ben_tray');
  });

  await test.step('a muted conversation does not count', async () => {
    await row(page, 'ben_tray').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Mute' }).click();
    await expect.poll(() => icon.tooltip()).toBe('Magpie');
    await expect.poll(async () => (await icon.picture()).count(...BADGE_RED)).toBe(0);
    await expect.poll(() => launcher.last).toMatchObject({ count: 0, visible: false });
  });

  await test.step('unless the person wants a dot for it, or its number', async () => {
    await page.getByTestId('rail-settings').click();
    const choice = page.getByTestId('settings-muted-unread');
    const bare = (await icon.picture()).png();
    await choice.locator('[data-value="dot"]').click();
    await expect.poll(async () => (await icon.picture()).png().equals(bare)).toBe(false);
    // Grey: it calls nobody.
    expect((await icon.picture()).count(...BADGE_RED)).toBe(0);
    expect(await icon.tooltip()).toBe('Magpie');
    expect(launcher.last).toMatchObject({ count: 0 });
    await choice.locator('[data-value="include"]').click();
    await expect.poll(() => icon.tooltip()).toContain('1 unread message');
    await expect.poll(() => launcher.last).toMatchObject({ count: 1, visible: true });
    await choice.locator('[data-value="exclude"]').click();
    await expect.poll(() => icon.tooltip()).toBe('Magpie');
    await expect.poll(() => launcher.last).toMatchObject({ count: 0, visible: false });
  });

  await test.step('quit in the menu ends every process', async () => {
    const child = magpie.app.process();
    await windowOf(desktop.env, child.pid ?? 0);
    await icon.clickMenu('Quit Magpie');
    await until(() => magpie.hasEnded(), { what: 'the end of the app' });
    await expect.poll(() => tray.items).toEqual([]);
  });
});

test('a strong alert blinks in the tray until it was seen, also on another device', async ({ world }) => {
  const { magpie, tray } = world;
  const { page } = magpie;
  const icon = await tray.item();
  const ann = await world.friend('ann_alarm');
  await world.friend('ben_calm');
  await alertStrongly(page, 'ann_alarm');
  await openChat(page, 'ben_calm');
  await magpie.window.minimize();
  await expect.poll(magpie.window.isShown).toBe(false);
  const hasBadge = async () => (await icon.picture()).count(...BADGE_RED) > 0;
  await expect.poll(hasBadge).toBe(false);

  // What the panel hears, and what it then gets when it asks for the picture.
  const before = icon.iconChanges.length;
  const message = await ann.say('wake up');
  for (const lit of [true, false, true, false]) await expect.poll(hasBadge).toBe(lit);
  expect(icon.iconChanges.length).toBeGreaterThan(before + 2);
  await expect.poll(() => icon.tooltip()).toContain('1 unread message');

  await world.readElsewhere(ann, message);
  await expect.poll(() => icon.tooltip()).toBe('Magpie');
  await expect.poll(hasBadge).toBe(false);
});

test('more than ninety-nine', async ({ world }) => {
  const icon = await world.tray.item();
  const ann = await world.friend('ann_many');
  await world.magpie.page.getByTestId('rail-settings').click();
  const plain = await icon.picture();
  for (let number = 1; number <= 100; number += 1) await ann.say(`number ${number}`);
  await expect.poll(() => icon.tooltip(), { timeout: 60_000 }).toMatch(/10\d unread messages/);
  // The badge with three characters is as wide as the icon.
  const redPixels = async () => {
    const seen = await icon.picture();
    return Array.from({ length: 24 }, (_, x) => seen.pixel(x, 17)[0]).filter((red) => red > 180).length;
  };
  await expect.poll(redPixels).toBeGreaterThan(16);
  const picture = await icon.picture();
  expect(picture.png().equals(plain.png())).toBe(false);
  await test.info().attach('tray-99.png', { body: picture.png(), contentType: 'image/png' });
});

test('the closed window lives on in the tray, explained once', async ({ world, desktop }) => {
  const { tray, notifications, magpie } = world;
  const icon = await tray.item();
  const processId = magpie.app.process().pid ?? 0;
  const visible = () => windowsOf(desktop.env, processId);
  await closeWindow(desktop.env, (await windowOf(desktop.env, processId)).id);
  await until(async () => (await visible()).length === 0, { what: 'the window to go' });
  const explanation = await notifications.waitFor(({ title }) => title === 'Magpie is still running');
  expect(explanation.body).toContain('tray');
  await icon.activate();
  const seen = windowsSeen(desktop.env, () => processId);
  await expect.poll(seen.isShown).toBe(true);
  await expect.poll(seen.isFocused).toBe(true);
  await closeWindow(desktop.env, (await windowOf(desktop.env, processId)).id);
  await until(async () => (await visible()).length === 0, { what: 'the window to go again' });
  expect(notifications.history.filter(({ title }) => title === 'Magpie is still running')).toHaveLength(1);
  expect(magpie.hasEnded()).toBe(false);
});

test('without a tray the closed window is in the taskbar, and that is explained', async ({
  launchMagpie,
  startServer,
  desktop,
}) => {
  const notifications = await startNotificationDaemon(desktop.env['DBUS_SESSION_BUS_ADDRESS'] ?? '');
  try {
    const { origin } = await startServer();
    const magpie = await launchMagpie();
    await connectTo(magpie.page, origin);
    await register(magpie.page, 'ann_taskbar');
    const seen = windowsSeen(desktop.env, () => magpie.app.process().pid ?? 0);
    const mine = () => windowsOf(desktop.env, magpie.app.process().pid ?? 0);
    const [window] = await until(mine, { what: 'the window' });
    await closeWindow(desktop.env, window?.id ?? '');
    const explanation = await notifications.waitFor(({ title }) => title === 'Magpie is still running');
    expect(explanation.body).toContain('minimised');
    await expect.poll(seen.isShown).toBe(false);
    // Still among the windows of the desktop, where a person finds it.
    await expect.poll(async () => (await mine()).map(({ id }) => id)).toEqual([window?.id]);
    await focusWindow(desktop.env, window?.id ?? '');
    await expect.poll(seen.isShown).toBe(true);
  } finally {
    notifications.stop();
  }
});

test('tray and window say that the server is gone, and that it is back', async ({
  panel,
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const { page } = await launchMagpie();
  await connectTo(page, server.origin);
  await register(page, 'ann_offline');
  const icon = await panel.tray.item();
  await expect.poll(() => icon.tooltip()).toBe('Magpie');
  const online = (await icon.picture()).png();
  await server.stop();
  await expect(page.getByTestId('connection-status')).toHaveAttribute('data-state', /offline|connecting/u);
  await expect.poll(() => icon.tooltip()).not.toBe('Magpie');
  await expect.poll(() => icon.labels()).not.toContain('Online');
  // The icon too, once it is more than a hiccup.
  await expect.poll(async () => (await icon.picture()).png().equals(online), { timeout: 30_000 }).toBe(false);
  await server.restart();
  await expectOnline(page);
  await expect.poll(() => icon.tooltip()).toBe('Magpie');
  await expect.poll(async () => (await icon.picture()).png().equals(online)).toBe(true);
});
