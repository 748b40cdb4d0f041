/** The app in the tray and the launcher, observed over D-Bus as a panel sees it. */
import { row } from './person.ts';
import { closeWindow, windowOf, windowsOf } from '../helpers/desktop/x11.ts';
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

  await test.step('quit in the menu ends every process', async () => {
    const child = magpie.app.process();
    await windowOf(desktop.env, child.pid ?? 0);
    await icon.clickMenu('Quit Magpie');
    await until(() => magpie.hasEnded(), { what: 'the end of the app' });
    await expect.poll(() => tray.items).toEqual([]);
  });
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
  await closeWindow(desktop.env, (await windowOf(desktop.env, processId)).id);
  await until(async () => (await visible()).length === 0, { what: 'the window to go again' });
  expect(notifications.history.filter(({ title }) => title === 'Magpie is still running')).toHaveLength(1);
  expect(magpie.hasEnded()).toBe(false);
});
