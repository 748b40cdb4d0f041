/** A conversation in a window of its own: one history behind both, and reading where the person looks. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expectAccessible } from './accessible.ts';
import { openChat, row, send, setFocus } from './person.ts';
import { dropFiles } from '../helpers/desktop/drop-files.ts';
import { voice } from '../helpers/files/samples.ts';
import { closeWindow, listWindows, settled } from '../helpers/desktop/x11.ts';
import { until } from '../helpers/desktop/until.ts';
import { expect, test, type DesktopWorld } from './desktop-world.ts';
import type { DesktopSession } from './fixtures.ts';

async function popOut({ magpie }: DesktopWorld, name: string): Promise<Page> {
  const opened = magpie.app.waitForEvent('window');
  await row(magpie.page, name).click({ button: 'right' });
  await magpie.page.getByRole('menuitem', { name: 'Open in its own window' }).click();
  const own = await opened;
  await expect(own.getByTestId('chat-window')).toBeVisible();
  await expect(own.getByTestId('chat-title')).toContainText(name);
  return own;
}

const windowCalled = (desktop: DesktopSession, title: RegExp) =>
  until(async () => (await listWindows(desktop.env)).find((one) => title.test(one.title ?? '')), {
    what: `a window called ${title}`,
  });

test('both windows show one history, and only where the person looks is it read', async ({ world }) => {
  const { magpie } = world;
  const { page } = magpie;
  const ann = await world.friend('ann_own');
  await world.friend('ben_own');
  await openChat(page, 'ann_own');
  await page.getByTestId('composer-input').fill('begun in the main window');
  const own = await popOut(world, 'ann_own');

  await test.step('what was being typed goes along, and there is one field for it', async () => {
    await expect(own.getByTestId('composer-input')).toHaveValue('begun in the main window');
    await expect(page.getByTestId('chat-elsewhere')).toBeVisible();
    await expect(page.getByTestId('composer-input')).toHaveCount(0);
  });

  await test.step('a message that is sent there stands in the list here', async () => {
    await send(own, 'from the small window');
    await expect(row(page, 'ann_own').getByTestId('conversation-preview')).toContainText(
      'from the small window',
    );
  });

  const handle = await magpie.app.browserWindow(own);
  await test.step('what arrives is read in the window that shows it, and only while that can be seen', async () => {
    await ann.say('seen at once');
    await expect(own.getByTestId('message-list').getByText('seen at once')).toBeVisible();
    await expect(row(page, 'ann_own')).toHaveAttribute('data-unread', '0');
    await setFocus(own, false);
    await ann.say('not seen yet');
    // The main window is in front, but it does not show this conversation.
    await expect(row(page, 'ann_own')).toHaveAttribute('data-unread', '1');
    await setFocus(own, true);
    await expect(row(page, 'ann_own')).toHaveAttribute('data-unread', '0');
    await expect(own.getByTestId('message-list').getByText('not seen yet')).toBeVisible();
  });

  await test.step('other pages belong to the main window', async () => {
    await own.evaluate(() => (location.hash = '#/settings'));
    await expect(page.getByTestId('settings-zoom')).toBeVisible();
    await expect(own.getByTestId('chat-title')).toContainText('ann_own');
    await openChat(page, 'ben_own');
  });

  await test.step('a notification leads to the window that the conversation has', async () => {
    await setFocus(own, false);
    await handle.evaluate((window) => window.minimize());
    await expect.poll(() => handle.evaluate((window) => window.isMinimized())).toBe(true);
    await ann.say('come here');
    const shown = await world.notifications.waitFor(({ body }) => body === 'come here');
    world.notifications.click(shown.id);
    await expect.poll(() => handle.evaluate((window) => window.isMinimized())).toBe(false);
    await expect(page.getByTestId('chat-title')).toContainText('ben_own');
  });

  await test.step('and back', async () => {
    await own.getByTestId('composer-input').fill('finished in the main window');
    await own
      .getByTestId('composer-file-input')
      .setInputFiles({ name: 'paper.txt', mimeType: 'text/plain', buffer: Buffer.from('a paper') });
    await expect(own.getByTestId('attachment-item')).toContainText('paper.txt');
    // Dropped onto its row in the main window: into the tray of its own one, beside what lies there.
    const dropped = join(await mkdtemp(join(tmpdir(), 'magpie-dropped-')), 'dropped.txt');
    await writeFile(dropped, 'dropped');
    await dropFiles(page, '[data-testid="conversation-row"]:has-text("ann_own")', [dropped]);
    await expect(own.getByTestId('attachment-item')).toContainText(['paper.txt', 'dropped.txt']);
    await expect(page.getByTestId('attachment-item')).toHaveCount(0);
    await own.getByTestId('chat-own-window').click();
    await expect.poll(() => magpie.window.count()).toBe(1);
    await row(page, 'ann_own').click();
    await expect(page.getByTestId('composer-input')).toHaveValue('finished in the main window');
    await expect(page.getByTestId('attachment-item')).toContainText(['paper.txt', 'dropped.txt']);
  });
  expect(magpie.problems()).toEqual([]);
});

test('of both windows one is heard, and none while the microphone is on; the speed outlasts a restart', async ({
  world,
}) => {
  const { magpie, server, me } = world;
  const sound = await voice(60);
  const speakUp = async (name: string) => {
    const { account } = await world.friend(name);
    const data = server.origin + (await server.upload(account, 'chatFiles', 'voice.mp4', sound));
    const content = { data, dataType: 'audio', otherData: { duration: 60 } };
    await server.sendContent(account, me.id, 'audio', content);
  };
  await speakUp('ann_heard');
  await speakUp('ben_heard');
  const own = await popOut(world, 'ann_heard');
  await openChat(magpie.page, 'ben_heard');
  const playing = (page: Page) => expect(page.getByTestId('message-voice'));
  const press = (page: Page) => page.getByTestId('message-voice-play').click();

  await press(own);
  await playing(own).toHaveAttribute('data-playing', 'true');
  await press(magpie.page);
  await playing(magpie.page).toHaveAttribute('data-playing', 'true');
  await playing(own).toHaveAttribute('data-playing', 'false');

  await press(own);
  await playing(own).toHaveAttribute('data-playing', 'true');
  await playing(magpie.page).toHaveAttribute('data-playing', 'false');
  await magpie.page.getByTestId('composer-mic').press('Enter');
  await playing(own).toHaveAttribute('data-playing', 'false');

  await own.getByTestId('message-voice-speed').click();
  await expect(own.getByTestId('message-voice-speed')).toHaveText('1.5×');
  // Its setting is known to the other window, so main has it.
  await press(magpie.page);
  await expect(magpie.page.getByTestId('message-voice-speed')).toHaveText('1.5×');
  await own.getByTestId('chat-own-window').click();
  await expect.poll(() => magpie.window.count()).toBe(1);
  await magpie.relaunch();
  await openChat(magpie.page, 'ben_heard');
  await press(magpie.page);
  await expect(magpie.page.getByTestId('message-voice-speed')).toHaveText('1.5×');
});

test('it comes back in its place after a restart, and not when it was closed', async ({ world, desktop }) => {
  const { magpie } = world;
  await world.friend('ann_place');
  const own = await popOut(world, 'ann_place');
  const handle = await magpie.app.browserWindow(own);
  await handle.evaluate((window) => window.setBounds({ x: 300, y: 120, width: 470, height: 520 }));
  const place = () => settled(() => windowCalled(desktop, /^ann_place$/u));
  await expect.poll(async () => (await place()).width).toBe(470);
  const before = await place();
  await magpie.relaunch();
  await expect(async () => {
    const after = await place();
    expect([after.width, after.height]).toEqual([before.width, before.height]);
    expect(Math.abs(after.x - before.x) + Math.abs(after.y - before.y)).toBeLessThan(60);
  }).toPass({ timeout: 30_000 });
  await closeWindow(desktop.env, (await windowCalled(desktop, /^ann_place$/u)).id);
  await expect.poll(() => magpie.window.count()).toBe(1);
  await magpie.relaunch();
  await windowCalled(desktop, /Magpie$/u);
  await expect.poll(() => magpie.window.count()).toBe(1);
});

test('it is under the rules of the main window', async ({ world }) => {
  const { magpie } = world;
  await world.friend('ann_rules');
  const own = await popOut(world, 'ann_rules');
  const preferences = await (
    await magpie.app.browserWindow(own)
  ).evaluate((window) => {
    // The only way to read them back; part of Electron, though not of its types.
    const contents = window.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> };
    const { sandbox, contextIsolation, nodeIntegration, webviewTag } = contents.getLastWebPreferences();
    return { sandbox, contextIsolation, nodeIntegration, webviewTag };
  });
  expect(preferences).toEqual({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webviewTag: false,
  });
  expect(
    await own.evaluate(() => [typeof Reflect.get(window, 'require'), typeof Reflect.get(window, 'process')]),
  ).toEqual(['undefined', 'undefined']);
  await expectAccessible(own, 'a conversation in its own window');
  await row(magpie.page, 'ann_rules').click();
  await expect(magpie.page.getByTestId('chat-elsewhere')).toBeVisible();
  await expectAccessible(magpie.page, 'its place in the main window');
  // Nothing else gets in by its address.
  await own.evaluate(() => void window.open('https://example.org'));
  await own.evaluate(() => (location.href = 'https://example.org'));
  expect(await magpie.window.count()).toBe(2);
  expect(own.url()).toContain('magpie-app://app/index.html#/window/');
});
