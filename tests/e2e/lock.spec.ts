/** The lock: what is behind it cannot be seen in the window, over the bridge, in the tray or in notifications. */
import { pressKeys } from '../helpers/desktop/x11.ts';
import { row } from './person.ts';
import { expect, test, type DesktopWorld } from './desktop-world.ts';

const SECRET = 'magpies like silver';

async function setPassphrase({ magpie: { page } }: DesktopWorld): Promise<void> {
  await page.getByTestId('rail-settings').click();
  await page.getByTestId('settings-lock-set').click();
  await page.getByTestId('lock-next').fill(SECRET);
  await page.getByTestId('lock-again').fill(SECRET);
  await page.getByTestId('lock-save').click();
  await expect(page.getByTestId('settings-lock-now')).toBeVisible();
}

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
  await setPassphrase(world);
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
  await setPassphrase(world);
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
  await setPassphrase(world);
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
