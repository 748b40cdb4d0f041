/** The menu of a row in the list: what a person switches there stays so, and a removal can be taken back. */
import { expect, test } from './fixtures.ts';
import { addContact, connectTo, expectConversation, openChat, register, row, send } from './person.ts';

test('pin, mute, mark unread and remove by the menu of a row; a strong alert in the details', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const ann = await launchMagpie();
  const ben = await launchMagpie();
  await connectTo(ann.page, server.origin);
  await register(ann.page, 'ann_menu');
  await connectTo(ben.page, server.origin);
  await register(ben.page, 'ben_menu');
  await addContact(ann.page, 'ben_menu');
  await openChat(ann.page, 'ben_menu');
  await openChat(ben.page, 'ann_menu');
  await send(ben.page, 'hello');
  await expectConversation(ann.page, ['hello']);
  // Elsewhere, so that nothing is read by being looked at.
  await ann.page.getByTestId('rail-settings').click();
  const { page } = ann;
  const choose = async (action: string) => {
    await page.getByTestId('rail-chats').click();
    await row(page, 'ben_menu').click({ button: 'right' });
    await page.getByTestId('conversation-menu').locator(`[data-action="${action}"]`).click();
  };
  const ben_ = row(page, 'ben_menu');

  await choose('pin');
  await expect(ben_).toHaveAttribute('data-pinned', 'true');
  await choose('mute');
  await expect(ben_).toHaveAttribute('data-muted', 'true');
  await page.getByTestId('chat-details').click();
  await page.getByTestId('details-strong-alert').click();
  await expect(page.getByTestId('details-strong-alert')).toHaveAttribute('data-state', 'checked');

  await test.step('all of it is there after a restart', async () => {
    await page.getByTestId('rail-contacts').click();
    await ann.quit();
    await ann.relaunch();
    const again = row(ann.page, 'ben_menu');
    await expect(again).toHaveAttribute('data-pinned', 'true');
    await expect(again).toHaveAttribute('data-muted', 'true');
    await openChat(ann.page, 'ben_menu');
    await ann.page.getByTestId('chat-details').click();
    await expect(ann.page.getByTestId('details-strong-alert')).toHaveAttribute('data-state', 'checked');
  });

  await test.step('a removed row comes back by its undo as it was', async () => {
    const list = ann.page;
    await row(list, 'ben_menu').click({ button: 'right' });
    await list.getByTestId('conversation-menu').locator('[data-action="remove"]').click();
    await expect(row(list, 'ben_menu')).toHaveCount(0);
    await list.getByTestId('toast').getByRole('button', { name: 'Undo' }).click();
    await expect(row(list, 'ben_menu')).toHaveAttribute('data-pinned', 'true');
  });

  await test.step('marked unread, it stays so until somebody looks', async () => {
    const list = ann.page;
    await list.getByTestId('rail-contacts').click();
    await list.getByTestId('rail-settings').click();
    await list.reload();
    await expect(list.getByTestId('connection-status')).toHaveAttribute('data-state', 'online');
    await list.getByTestId('rail-chats').click();
    await row(list, 'ben_menu').click({ button: 'right' });
    await list.getByTestId('conversation-menu').locator('[data-action="unread"]').click();
    await expect(row(list, 'ben_menu')).toHaveAttribute('data-unread', '1');
    await list.getByTestId('rail-settings').click();
    await openChat(list, 'ben_menu');
    await expect(row(list, 'ben_menu')).toHaveAttribute('data-unread', '0');
  });
  for (const one of [ann, ben]) expect(one.problems()).toEqual([]);
});
