/** The lock: what is behind it cannot be seen in the window, over the bridge, in the tray or in notifications. */
import type { Page } from '@playwright/test';
import { png } from '../helpers/files/samples.ts';
import { pressKeys } from '../helpers/desktop/x11.ts';
import { startLoginManager } from '../helpers/desktop/login-manager.ts';
import { connectTo, register, row, setPassphrase } from './person.ts';
import { expect, test, type DesktopWorld } from './desktop-world.ts';

const SECRET = 'magpies like silver';

/** Asks main as the page's own code would. */
const ask = (world: DesktopWorld, channel: string, input?: unknown) =>
  world.magpie.page.evaluate(
    async ([name, value]) => {
      const bridge = Reflect.get(window, 'magpie') as {
        invoke(
          channel: string,
          input?: unknown,
        ): Promise<{ ok: boolean; error?: { code: string }; value?: unknown }>;
      };
      return bridge.invoke(name, value);
    },
    [channel, input] as const,
  );

test('locked, nothing that anybody wrote leaves main; unlocked, everything is where it was', async ({
  world,
  desktop,
}) => {
  const { magpie, notifications, tray } = world;
  const { page } = magpie;
  const icon = await tray.item();
  const ann = await world.friend('ann_secret');
  await ann.say('the plan for tuesday');
  await row(page, 'ann_secret').click();
  await expect(page.getByText('the plan for tuesday').first()).toBeVisible();
  await setPassphrase(world.magpie.page, SECRET);
  await page.getByTestId('rail-chats').click();
  await row(page, 'ann_secret').click();
  await page.getByTestId('composer-input').fill('half a sentence');

  await test.step('the window', async () => {
    // The menu's key, which only the real keyboard reaches.
    await magpie.window.focus();
    await pressKeys(desktop.env, 'key', 'ctrl+shift+l');
    await expect(page.getByTestId('lock-page')).toBeVisible();
    await expect(page.getByTestId('lock-passphrase')).toBeFocused();
    await expect(page.locator('body')).not.toContainText('ann_secret');
    await expect(page.locator('body')).not.toContainText('tuesday');
    await expect.poll(() => page.title()).toBe('Magpie');
  });

  await test.step('the bridge', async () => {
    for (const [channel, input] of [
      ['conversations:list', undefined],
      ['messages:page', { conversationId: 'single:1', limit: 10 }],
      ['contacts:list', undefined],
      ['accounts:list', undefined],
      ['settings:update', { theme: 'dark' }],
      ['lock:set-passphrase', { current: '', next: null }],
    ] as const)
      expect(await ask(world, channel, input), channel).toMatchObject({
        ok: false,
        error: { code: 'locked' },
      });
    const snapshot = JSON.stringify(await ask(world, 'app:get-snapshot'));
    expect(snapshot).not.toContain('me_desktop');
    expect(snapshot).not.toContain('ann_secret');
  });

  await test.step('tray and notification', async () => {
    await ann.say('and wednesday');
    const shown = await notifications.waitFor(({ body }) => body === 'New message');
    expect(shown.title).toBe('Magpie');
    expect(JSON.stringify(notifications.history)).not.toContain('wednesday');
    await expect.poll(() => icon.tooltip()).toContain('1 unread message');
    await expect.poll(() => icon.tooltip()).not.toContain('ann_secret');
    await expect.poll(async () => (await icon.labels()).join()).not.toContain('ann_secret');
  });

  await test.step('wrong ones', async () => {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await page.getByTestId('lock-passphrase').fill('silver');
      await page.getByTestId('lock-unlock').click();
      await expect(page.getByText('This is not the passphrase.')).toBeVisible();
    }
    await page.getByTestId('lock-passphrase').fill(SECRET);
    await page.getByTestId('lock-unlock').click();
    await expect(page.getByTestId('lock-page').getByText(/seconds?/u)).toBeVisible();
  });

  await test.step('the right one', async () => {
    await expect(async () => {
      await page.getByTestId('lock-passphrase').fill(SECRET);
      await page.getByTestId('lock-unlock').click();
      await expect(page.getByTestId('chat-title')).toContainText('ann_secret', { timeout: 2_000 });
    }).toPass({ timeout: 60_000 });
    await expect(page.getByTestId('composer-input')).toHaveValue('half a sentence');
    await expect(page.getByText('and wednesday').first()).toBeVisible();
  });
});

test('a start begins locked, and a notification leads on after unlocking', async ({ world }) => {
  const { magpie, notifications } = world;
  const ann = await world.friend('ann_start');
  await world.friend('ben_start');
  await setPassphrase(world.magpie.page, SECRET);
  await magpie.relaunch();
  const { page } = magpie;
  await expect(page.getByTestId('lock-page')).toBeVisible();
  await ann.say('after the start');
  const shown = await notifications.waitFor(({ body }) => body === 'New message');
  notifications.click(shown.id);
  await page.getByTestId('lock-passphrase').fill(SECRET);
  await page.getByTestId('lock-unlock').click();
  await expect(page.getByTestId('chat-title')).toContainText('ann_start');
});

test('whoever forgot it gives up the sessions, and nothing is shown for that', async ({ world }) => {
  const { magpie } = world;
  await world.friend('ann_forgot');
  await setPassphrase(world.magpie.page, SECRET);
  const { page } = magpie;
  await page.getByTestId('settings-lock-now').click();
  await page.getByTestId('lock-forgot').click();
  await page.getByTestId('confirm-ok').click();
  await expect(page.getByTestId('welcome-connect')).toBeVisible();
  await expect(page.locator('body')).not.toContainText('ann_forgot');
  const { ok, value } = await ask(world, 'accounts:list');
  expect(ok).toBe(true);
  expect(value).toMatchObject({ accounts: [] });
});

test('files that wait to be sent are there again, as they were: after the lock, and after a sudden end', async ({
  world,
}) => {
  const { magpie } = world;
  await world.friend('ann_tray');
  await setPassphrase(world.magpie.page, SECRET);
  const chosen = async (page: Page) => {
    const items = page.getByTestId('attachment-item');
    await expect(items).toHaveCount(3);
    await expect(items.nth(0)).toContainText('red.png');
    await expect(items.nth(1)).toContainText('green.png');
    await expect(items.nth(2)).toContainText('notes.txt');
    await expect(items.nth(1).getByTestId('attachment-form')).toHaveValue('file');
    // Drawn, and not only named.
    await expect
      .poll(() =>
        items
          .nth(0)
          .locator('img')
          .evaluate((image) => (image as HTMLImageElement).naturalWidth),
      )
      .toBe(300);
  };
  const unlock = async (page: Page) => {
    await page.getByTestId('lock-passphrase').fill(SECRET);
    await page.getByTestId('lock-unlock').click();
    await page.getByTestId('rail-chats').click();
    await row(page, 'ann_tray').click();
  };

  await magpie.page.getByTestId('rail-chats').click();
  await row(magpie.page, 'ann_tray').click();
  await magpie.page.getByTestId('composer-file-input').setInputFiles([
    { name: 'gone.png', mimeType: 'image/png', buffer: png(20, 20, [9, 9, 9]) },
    { name: 'green.png', mimeType: 'image/png', buffer: png(200, 100, [30, 180, 60]) },
    { name: 'red.png', mimeType: 'image/png', buffer: png(300, 200, [220, 30, 30]) },
    { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('what we spoke about') },
  ]);
  const items = magpie.page.getByTestId('attachment-item');
  await items.filter({ hasText: 'gone.png' }).getByTestId('attachment-remove').click();
  await items.filter({ hasText: 'green.png' }).getByTestId('attachment-form').selectOption('file');
  await items.filter({ hasText: 'red.png' }).press('Alt+ArrowLeft');
  await chosen(magpie.page);

  await magpie.page.getByTestId('rail-settings').click();
  await magpie.page.getByTestId('settings-lock-now').click();
  await expect(magpie.page.getByTestId('lock-page')).toBeVisible();
  await unlock(magpie.page);
  await chosen(magpie.page);

  await magpie.kill();
  await magpie.relaunch();
  const { page } = magpie;
  await expect(page.getByTestId('lock-page')).toBeVisible();
  await unlock(page);
  await chosen(page);
  await page.getByTestId('composer-input').press('Enter');
  const sent = page.locator('[data-testid="message"][data-own="true"][data-status="sent"]');
  await expect
    .poll(() => sent.evaluateAll((rows) => rows.map((one) => one.getAttribute('data-kind'))), {
      timeout: 60_000,
    })
    .toEqual(['image', 'file', 'file']);
  await expect(page.getByTestId('attachment-item')).toHaveCount(0);

  // What was sent is in no tray any more, whenever the app starts again.
  await magpie.relaunch();
  await unlock(magpie.page);
  await expect(magpie.page.getByTestId('message').last()).toBeVisible();
  await expect(magpie.page.getByTestId('attachment-tray')).toHaveCount(0);
  expect(magpie.problems()).toEqual([]);
});

test('when the system locks its screen, the app locks as well', async ({
  panel,
  launchMagpie,
  startServer,
}) => {
  const login = await startLoginManager(panel.busAddress);
  try {
    const { origin } = await startServer();
    const magpie = await launchMagpie({ env: { DBUS_SYSTEM_BUS_ADDRESS: panel.busAddress } });
    const { page } = magpie;
    await connectTo(page, origin);
    await register(page, 'ann_screen');
    await setPassphrase(page, SECRET);
    await login.asked();
    const ways = {
      'the screen saver of the desktop': () => login.setScreenSaver(true),
      'a lock of the session': () => login.lockSession(),
      'a lock of the desktop that logind passes on': () => login.setLockedHint(true),
    };
    for (const [name, say] of Object.entries(ways))
      await test.step(name, async () => {
        // With each lock and each opening the page begins anew.
        const locked = page.waitForEvent('load');
        say();
        await locked;
        await expect(page.getByTestId('lock-page')).toBeVisible();
        await expect(page.locator('body')).not.toContainText('ann_screen');
        // Unlocked by the system it stays locked: only the passphrase opens it.
        login.setScreenSaver(false);
        login.setLockedHint(false);
        await page.getByTestId('lock-passphrase').fill(SECRET);
        const unlocked = page.waitForEvent('load');
        await page.getByTestId('lock-unlock').click();
        await unlocked;
        await expect(page.getByTestId('rail-settings')).toBeVisible();
      });
    expect(magpie.problems()).toEqual([]);
  } finally {
    login.stop();
  }
});
