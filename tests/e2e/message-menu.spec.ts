/** The menu of a message, and the "+" over the list: each entry does what it says. */
import type { Page } from '@playwright/test';
import { PlainClient, textOf } from '../helpers/plain-egg-im/plain-client.ts';
import { expect, test } from './fixtures.ts';
import {
  connectTo,
  expectConversation,
  expectOnline,
  openChat,
  PASSWORD,
  row,
  send,
  signIn,
} from './person.ts';

const menu = (page: Page) => page.getByTestId('message-menu');
const openMenu = async (page: Page, text: string): Promise<void> => {
  await page.getByTestId('message-text').getByText(text, { exact: true }).click({ button: 'right' });
  await expect(menu(page)).toBeVisible();
};
const remove = async (page: Page, text: string): Promise<void> => {
  await openMenu(page, text);
  await menu(page).locator('[data-action="delete"]').click();
  await page.getByTestId('confirm-ok').click();
  await expect(page.getByTestId('message-text').getByText(text, { exact: true })).toHaveCount(0);
};

test('copied, deleted here only, recalled only where it is one’s own; the "+" begins what it says', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const client = new PlainClient(server.origin);
  const ann = await client.register('ann_message', PASSWORD);
  const bert = await client.register('bert_message', PASSWORD);
  await client.befriend(ann, bert);
  await client.sendText(bert, ann.id, 'the first');
  await client.sendText(bert, ann.id, 'the second');
  const magpie = await launchMagpie();
  const { page } = magpie;
  await connectTo(page, server.origin);
  await signIn(page, 'ann_message');
  await expectOnline(page);
  await openChat(page, 'bert_message');
  await expectConversation(page, ['the first', 'the second']);
  await send(page, 'mine');
  await expect(page.locator('[data-testid="message"][data-own="true"][data-status="sent"]')).toHaveCount(1);

  await test.step('somebody else’s: copied, never recalled', async () => {
    await openMenu(page, 'the second');
    await expect(menu(page).locator('[data-action="recall"]')).toHaveCount(0);
    await menu(page).locator('[data-action="copy"]').click();
    await expect.poll(() => magpie.app.evaluate(({ clipboard }) => clipboard.readText())).toBe('the second');
  });

  await test.step('one’s own: deleted here, and the row shows what is last then', async () => {
    await openMenu(page, 'mine');
    await expect(menu(page).locator('[data-action="recall"]')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(menu(page)).toHaveCount(0);
    await expect(row(page, 'bert_message')).toContainText('mine');
    await remove(page, 'mine');
    await expect(row(page, 'bert_message')).toContainText('the second');
    await remove(page, 'the second');
    await expect(row(page, 'bert_message')).toContainText('the first');
    const atBert = await client.connect(bert);
    await client.flushOffline(bert);
    await atBert.until(() => atBert.messages.some((one) => one['type'] === 'text' && textOf(one) === 'mine'));
    await atBert.close();
    // Gone stays gone, here.
    await magpie.quit();
    await magpie.relaunch();
    await expectOnline(magpie.page);
    await openChat(magpie.page, 'bert_message');
    await expectConversation(magpie.page, ['the first']);
  });

  await test.step('the "+": a group, a contact, a code', async () => {
    const plus = async (entry: string) => {
      await magpie.page.getByTestId('rail-chats').click();
      await magpie.page.getByTestId('conversation-add').click();
      await magpie.page.getByTestId(entry).click();
    };
    await plus('conversation-add-group');
    await expect(magpie.page.getByTestId('group-create-dialog')).toBeVisible();
    await magpie.page.keyboard.press('Escape');
    await expect(magpie.page.getByTestId('group-create-dialog')).toHaveCount(0);
    await plus('conversation-scan');
    await expect(magpie.page.getByTestId('scan-dialog')).toBeVisible();
    await magpie.page.keyboard.press('Escape');
    await expect(magpie.page.getByTestId('scan-dialog')).toHaveCount(0);
    await plus('conversation-add-contact');
    await expect(magpie.page.getByTestId('contact-search')).toBeFocused();
  });
  expect(magpie.problems()).toEqual([]);
});
