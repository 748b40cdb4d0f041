/** Usable by everybody: nothing that axe calls serious, in both themes, and the whole way by keyboard alone. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import {
  addContact,
  connectTo,
  expectConversation,
  expectOnline,
  openChat,
  PASSWORD,
  register,
  row,
  send,
} from './person.ts';

const THEMES = ['light', 'dark'] as const;

async function setTheme(page: Page, theme: (typeof THEMES)[number]): Promise<void> {
  await page.evaluate(async (wanted) => {
    const bridge = Reflect.get(window, 'magpie') as {
      invoke(channel: string, input: unknown): Promise<unknown>;
    };
    await bridge.invoke('settings:update', { theme: wanted });
  }, theme);
  await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
}

/** Looks at the screen as it is now, in both themes. */
async function expectAccessible(page: Page, screen: string): Promise<void> {
  for (const theme of THEMES) {
    await setTheme(page, theme);
    // Legacy mode stays in this window: the app lets nobody open another one.
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    const bad = violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(
          ({ html, any }) => `${id}: ${html.slice(0, 160)} ${any.map((check) => check.message).join(' ')}`,
        ),
      );
    expect.soft(bad, `${screen}, ${theme}`).toEqual([]);
  }
}

test('no screen has a serious fault of accessibility, in either theme', async ({
  launchMagpie,
  startServer,
}) => {
  test.setTimeout(240_000);
  const server = await startServer();
  const ann = await launchMagpie();
  const ben = await launchMagpie();
  const { page } = ann;
  // A colour in the middle of a fade has no contrast worth measuring.
  await page.emulateMedia({ reducedMotion: 'reduce' });

  await expectAccessible(page, 'welcome');
  await page.getByTestId('welcome-server-url').fill('http://127.0.0.1:9');
  await page.getByTestId('welcome-connect').click();
  await expect(page.locator('[aria-invalid="true"]')).toBeVisible();
  await expectAccessible(page, 'welcome with an error');

  await connectTo(page, server.origin);
  await expectAccessible(page, 'sign in');
  await page.getByTestId('sign-in-toggle').click();
  await page.getByTestId('sign-in-username').fill('ann_a11y');
  await page.getByTestId('sign-in-password').fill(PASSWORD);
  await page.getByTestId('sign-in-submit').click();
  await expectAccessible(page, 'register without the tick');
  await page.getByTestId('sign-in-agree').click();
  await page.getByTestId('sign-in-submit').click();
  await expectOnline(page);
  await expectAccessible(page, 'no chats');

  await page.getByTestId('rail-contacts').click();
  await expectAccessible(page, 'no contacts');
  await connectTo(ben.page, server.origin);
  await register(ben.page, 'ben_a11y');
  await page.getByTestId('contact-search').fill('ben_a11y');
  await page.getByTestId('contact-add').click();
  await expect(page.getByTestId('contact-apply-dialog')).toBeVisible();
  await expectAccessible(page, 'adding a contact');
  await page.getByTestId('confirm-ok').click();
  await expect(page.getByTestId('toast')).toBeVisible();
  await expectAccessible(page, 'search results and a toast');
  await page.getByTestId('contact-search').fill('');
  await page.getByTestId('contact-row').click();
  await expectAccessible(page, 'contact');
  await page.getByTestId('applications-open').click();
  await expectAccessible(page, 'applications');

  await openChat(ben.page, 'ann_a11y');
  await send(ben.page, 'hello https://example.com/');
  await openChat(page, 'ben_a11y');
  await expectConversation(page, ['hello https://example.com/']);
  await send(page, 'hello back');
  await page.getByTestId('message').last().hover();
  await expectAccessible(page, 'chat');
  await page.getByTestId('chat-details').click();
  await expect(page.getByTestId('conversation-completeness')).not.toHaveText('');
  await expectAccessible(page, 'details of a chat');
  await page.getByTestId('details-close').click();
  await row(page, 'ben_a11y').click({ button: 'right' });
  await expect(page.getByTestId('conversation-menu')).toBeVisible();
  await expectAccessible(page, 'menu of a conversation');
  await page.keyboard.press('Escape');
  await page.getByTestId('rail-settings').click();
  await expect(page.getByTestId('settings-sign-out')).toBeVisible();
  await send(ben.page, 'are you there?');
  await expect(page.getByTestId('rail-unread')).toHaveText('1');
  await expectAccessible(page, 'settings');
  await page.keyboard.press('Control+/');
  await expect(page.getByTestId('shortcut-sheet')).toBeVisible();
  await expectAccessible(page, 'shortcuts');
  await page.keyboard.press('Escape');

  await server.kill();
  await expect(page.getByTestId('connection-status')).toHaveAttribute('data-state', 'offline');
  await openChat(page, 'ben_a11y');
  // Kept from the last visit and brought up to date: the line is above what came meanwhile, and above nothing else.
  const unreadLine = page.getByTestId('unread-line');
  await expect(unreadLine).toHaveCount(1);
  await expect(page.getByTestId('message-row').filter({ has: unreadLine })).toContainText('are you there?');
  await expectAccessible(page, 'chat with unread messages while offline');
  await send(page, 'into the silence');
  await expect(page.locator('[data-testid="message"][data-status="pending"]')).toHaveCount(1);
  await expectAccessible(page, 'chat while offline');
  expect(ann.problems()).toEqual([]);
});

test('from the first screen to a sent message by keyboard alone', async ({ launchMagpie, startServer }) => {
  test.setTimeout(180_000);
  const server = await startServer();
  const ben = await launchMagpie();
  await connectTo(ben.page, server.origin);
  await register(ben.page, 'ben_keys');
  const ann = await launchMagpie();
  await connectTo(ann.page, server.origin);
  await register(ann.page, 'ann_keys');
  await addContact(ann.page, 'ben_keys');
  await ann.page.getByTestId('rail-chats').click();
  await expect(row(ann.page, 'ben_keys')).toBeVisible();
  await ann.page.getByTestId('rail-settings').click();
  await ann.page.getByTestId('settings-sign-out').click();
  await ann.page.getByTestId('confirm-ok').click();
  await expect(ann.page.getByTestId('sign-in-form')).toBeVisible();

  const { page } = ann;
  const { keyboard } = page;
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? '');
  /** Tab until the element has the focus, as a person looks for it; it must come before long. */
  const tabTo = async (testId: string) => {
    for (let step = 0; step < 25 && (await focused()) !== testId; step += 1) await keyboard.press('Tab');
    expect(await focused()).toBe(testId);
  };

  // Back to the welcome screen and in again: nothing but keys from here on.
  await tabTo('sign-in-change-server');
  await keyboard.press('Enter');
  await expect(page.getByTestId('welcome-connect')).toBeVisible();
  await tabTo('welcome-server-url');
  await keyboard.type(server.origin);
  await keyboard.press('Enter');
  await expect(page.getByTestId('sign-in-form')).toBeVisible();
  await tabTo('sign-in-username');
  await keyboard.press('Control+A');
  await keyboard.type('ann_keys');
  await keyboard.press('Tab');
  await keyboard.type(PASSWORD);
  await keyboard.press('Enter');
  await expectOnline(page);

  await expect(row(page, 'ben_keys')).toBeVisible();
  await tabTo('conversation-row');
  await keyboard.press('Enter');
  await expect(page.getByTestId('composer-input')).toBeFocused();
  await keyboard.type('typed, not clicked');
  await keyboard.press('Enter');
  await expectConversation(page, ['typed, not clicked']);
  await openChat(ben.page, 'ann_keys');
  await expectConversation(ben.page, ['typed, not clicked']);

  await test.step('shortcuts', async () => {
    await keyboard.press('Control+/');
    await expect(page.getByTestId('shortcut-sheet')).toBeVisible();
    await keyboard.press('Escape');
    await expect(page.getByTestId('shortcut-sheet')).toBeHidden();
    await tabTo('rail-settings');
    await keyboard.press('Enter');
    await expect(page.getByTestId('settings-sign-out')).toBeVisible();
    // From any page to a conversation by name.
    await keyboard.press('Control+K');
    await expect(page.getByTestId('conversation-filter')).toBeFocused();
    await keyboard.type('ben');
    await keyboard.press('Enter');
    await expect(page.getByTestId('chat-title')).toHaveText('ben_keys');
    await expect(page.getByTestId('composer-input')).toBeFocused();
  });
  expect(ann.problems()).toEqual([]);
});
