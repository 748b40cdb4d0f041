/** The menu bar, the keys it shows, and the size, place and layer of the window. */
import { connectTo, expectOnline, register, row } from './person.ts';
import { pressKeys, settled, windowOf, windowsSeen, windowStates } from '../helpers/desktop/x11.ts';
import { until } from '../helpers/desktop/until.ts';
import { expect, test } from './desktop-world.ts';
import type { MagpieProcess } from './fixtures.ts';
import { choose, itemOf } from './menu-bar.ts';

const keysOf = (magpie: MagpieProcess) =>
  magpie.app.evaluate(({ Menu }) =>
    (Menu.getApplicationMenu()?.items ?? []).flatMap((top) =>
      (top.submenu?.items ?? []).map((item) => [item.label, item.accelerator ?? '', item.enabled] as const),
    ),
  );

test('commands of the menu bar act in the window, in both languages', async ({ world }) => {
  const { magpie } = world;
  const { page } = magpie;
  await world.friend('ann_menu');
  await world.friend('ben_menu');

  await choose(magpie, 'File', 'Settings…');
  await expect(page.getByTestId('settings-zoom')).toBeVisible();
  await choose(magpie, 'Chat', 'Contacts');
  await expect(page.getByTestId('contact-search')).toBeVisible();
  await choose(magpie, 'Chat', 'Groups');
  await expect(page).toHaveURL(/#\/groups/u);
  await choose(magpie, 'Chat', 'Find a Conversation');
  await expect(page.getByTestId('conversation-filter')).toBeFocused();
  await page.getByTestId('conversation-row').first().click();
  const first = await page.getByTestId('chat-title').textContent();
  await choose(magpie, 'Chat', 'Next Conversation');
  await expect(page.getByTestId('chat-title')).not.toHaveText(first ?? '');
  await choose(magpie, 'Chat', 'Previous Conversation');
  await expect(page.getByTestId('chat-title')).toHaveText(first ?? '');
  await choose(magpie, 'Chat', 'Details of the Conversation');
  await expect(page.getByTestId('chat-details')).toHaveAttribute('aria-expanded', 'true');
  await choose(magpie, 'Chat', 'Details of the Conversation');
  await choose(magpie, 'Chat', 'Find in This Conversation');
  await expect(page.getByTestId('chat-search-input')).toBeFocused();
  await page.keyboard.press('Escape');

  await test.step('what is done with the open chat is marked in the menu as it is in the list', async () => {
    const open = row(page, first ?? '');
    for (const [label, mark] of [
      ['Pin to the Top', 'data-pinned'],
      ['Mute', 'data-muted'],
    ] as const)
      for (const value of [true, false]) {
        await choose(magpie, 'Chat', label);
        await expect(open).toHaveAttribute(mark, String(value));
        await expect.poll(async () => (await itemOf(magpie, label))?.checked).toBe(value);
      }
    await choose(magpie, 'Chat', 'Mark as Unread');
    await expect(open).toHaveAttribute('data-unread', '1');
    await expect.poll(async () => (await itemOf(magpie, 'Mark as Read'))?.enabled).toBe(true);
    await choose(magpie, 'Chat', 'Mark as Read');
    await expect(open).toHaveAttribute('data-unread', '0');
    await expect.poll(async () => (await itemOf(magpie, 'Mark as Unread'))?.enabled).toBe(true);
  });

  await test.step('without a chat there is nothing to mark; updates are asked for where they are shown', async () => {
    await choose(magpie, 'Help', 'Check for Updates…');
    await expect(page.getByTestId('updates-section')).toBeInViewport();
    for (const label of ['Pin to the Top', 'Mute', 'Mark as Unread', 'Find in This Conversation'])
      await expect.poll(async () => (await itemOf(magpie, label))?.enabled, label).toBe(false);
    await choose(magpie, 'Chat', 'Chats');
  });
  await choose(magpie, 'Help', 'Keyboard Shortcuts');
  await expect(page.getByTestId('shortcut-sheet')).toBeVisible();
  await page.keyboard.press('Escape');
  await choose(magpie, 'File', 'Add a Contact…');
  await expect(page.getByTestId('contact-search')).toBeFocused();

  const shown = await keysOf(magpie);
  expect(
    shown.filter(([label, key, enabled]) => label === 'Settings…' && key !== '' && enabled),
  ).toHaveLength(1);
  expect(shown.find(([label]) => label === 'Lock')?.[2]).toBe(false);

  await page.getByTestId('rail-settings').click();
  await page.getByRole('radio', { name: '简体中文' }).click();
  await expect.poll(async () => (await keysOf(magpie)).map(([label]) => label)).toContain('设置…');
});

test('keys of the menu bar, pressed on the real keyboard', async ({ world, desktop }) => {
  const { magpie } = world;
  const { page } = magpie;
  await magpie.window.focus();
  await pressKeys(desktop.env, 'key', 'ctrl+comma');
  await expect(page.getByTestId('settings-zoom')).toBeVisible();
  const zoom = () =>
    magpie.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.zoomFactor);
  await pressKeys(desktop.env, 'key', 'ctrl+plus');
  await expect.poll(zoom).toBeCloseTo(1.1);
  await pressKeys(desktop.env, 'key', 'ctrl+equal');
  await expect.poll(zoom).toBeCloseTo(1.2);
  await pressKeys(desktop.env, 'key', 'ctrl+minus');
  await expect.poll(zoom).toBeCloseTo(1.1);
  // Larger and smaller, and again after the page was loaded anew.
  await page.reload();
  await expect(page.getByTestId('settings-zoom')).toBeVisible();
  await expect.poll(zoom).toBeCloseTo(1.1);
  await pressKeys(desktop.env, 'key', 'ctrl+0');
  await expect.poll(zoom).toBeCloseTo(1);

  const window = await windowOf(desktop.env, magpie.app.process().pid ?? 0);
  await pressKeys(desktop.env, 'key', 'ctrl+shift+t');
  await until(async () => (await windowStates(desktop.env, window.id)).includes('ABOVE'), {
    what: 'the window above the others',
  });
  await pressKeys(desktop.env, 'key', 'ctrl+shift+t');
  await until(async () => !(await windowStates(desktop.env, window.id)).includes('ABOVE'), {
    what: 'the window among the others',
  });
});

test('the right button in a field', async ({ world }) => {
  const { magpie } = world;
  const { page } = magpie;
  await world.friend('ann_right');
  await row(page, 'ann_right').click();
  // The native menu is a window of the system's; what it is built of is seen where it is made.
  await magpie.app.evaluate(({ Menu }) => {
    const seen: string[][] = [];
    Reflect.set(globalThis, 'seenMenus', seen);
    Menu.prototype.popup = function () {
      seen.push(this.items.map((item) => `${item.label}${item.enabled ? '' : ' (off)'}`));
    };
  });
  const seen = () => magpie.app.evaluate(() => Reflect.get(globalThis, 'seenMenus') as string[][]);
  const field = page.getByTestId('composer-input');
  await field.fill('some words');
  await field.selectText();
  await field.click({ button: 'right' });
  await expect
    .poll(async () => (await seen()).at(-1))
    .toEqual(expect.arrayContaining(['Cut', 'Copy', 'Select All']));
  // A row has a menu of the page's own, and that one alone.
  const before = (await seen()).length;
  await row(page, 'ann_right').click({ button: 'right' });
  await expect(page.getByTestId('conversation-menu')).toBeVisible();
  expect((await seen()).length).toBe(before);
});

test('a window that was left on a screen that is gone comes back within reach', async ({
  launchMagpie,
  desktop,
}) => {
  const magpie = await launchMagpie();
  const place = () => settled(() => windowOf(desktop.env, magpie.app.process().pid ?? 0));
  await magpie.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.setBounds({ x: 60, y: 70, width: 900, height: 600 }),
  );
  await expect.poll(async () => (await place()).width).toBe(900);
  const before = await place();
  await magpie.relaunch();
  await expect.poll(async () => (await place()).width).toBe(900);
  const distance = async () => {
    const { x, y } = await place();
    return Math.abs(x - before.x) + Math.abs(y - before.y);
  };
  await expect.poll(distance).toBeLessThan(60);

  const { readFile, writeFile } = await import('node:fs/promises');
  await magpie.quit();
  const file = `${magpie.profileDir}/settings.json`;
  const stored = JSON.parse(await readFile(file, 'utf8')) as { window: object };
  await writeFile(
    file,
    JSON.stringify({
      ...stored,
      window: { x: 9_000, y: -4_000, width: 5_000, height: 4_000, maximized: false },
    }),
  );
  await magpie.relaunch();
  const screen = await magpie.app.evaluate(({ screen: screens }) => screens.getPrimaryDisplay().bounds);
  await expect(async () => {
    const rescued = await place();
    expect(rescued.x).toBeGreaterThanOrEqual(0);
    expect(rescued.y).toBeGreaterThanOrEqual(0);
    expect(rescued.x + rescued.width).toBeLessThanOrEqual(screen.width + 20);
    expect(rescued.y + rescued.height).toBeLessThanOrEqual(screen.height + 40);
  }).toPass({ timeout: 30_000 });
});

test('the key that shows the app from everywhere, and who has it first', async ({
  launchMagpie,
  startServer,
  desktop,
}) => {
  const { origin } = await startServer();
  const open = async (name: string) => {
    const magpie = await launchMagpie();
    await connectTo(magpie.page, origin);
    await register(magpie.page, name);
    await magpie.page.getByTestId('rail-settings').click();
    return magpie;
  };
  const key = (magpie: MagpieProcess) =>
    magpie.page.getByTestId('settings-global-shortcut').getByRole('radio', { name: 'Ctrl + Alt + M' });
  const first = await open('key_first');
  await key(first).click();
  await expect(key(first)).toBeChecked();
  const second = await open('key_second');
  await key(second).click();
  await expect(second.page.getByText('Another program uses this key already')).toBeVisible();
  await expect(key(second)).not.toBeChecked();

  const window = windowsSeen(desktop.env, () => first.app.process().pid ?? 0);
  await first.window.minimize();
  await expect.poll(window.isShown).toBe(false);
  await pressKeys(desktop.env, 'key', 'ctrl+alt+m');
  await expect.poll(window.isShown).toBe(true);
  await expect.poll(window.isFocused).toBe(true);
});

test('started with the system it is there, and nobody sees it', async ({ launchMagpie, startServer }) => {
  const { mkdtemp, readFile, rm } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const configuration = await mkdtemp(`${tmpdir()}/magpie-config-`);
  try {
    const { origin } = await startServer();
    const magpie = await launchMagpie({ env: { XDG_CONFIG_HOME: configuration } });
    await connectTo(magpie.page, origin);
    await register(magpie.page, 'auto_start');
    await magpie.page.getByTestId('rail-settings').click();
    await magpie.page.getByTestId('settings-start-with-system').click();
    const entry = () => readFile(`${configuration}/autostart/magpie.desktop`, 'utf8').catch(() => '');
    await expect.poll(entry).toMatch(/^Exec=.* --hidden$/mu);
    // Taken back in the desktop's own settings: the next start believes that.
    await rm(`${configuration}/autostart/magpie.desktop`);
    await magpie.relaunch();
    await expectOnline(magpie.page);
    await magpie.page.getByTestId('rail-settings').click();
    await expect(magpie.page.getByTestId('settings-start-with-system')).not.toBeChecked();
    await expect.poll(entry).toBe('');
  } finally {
    await rm(configuration, { recursive: true, force: true });
  }
});
