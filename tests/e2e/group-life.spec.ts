/** A whole life of a group, in three apps: every step of one is seen on the screens of the others without a refresh. */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { addContact, connectTo, expectConversation, openChat, register, row, send } from './person.ts';

const memberRow = (page: Page, name: string) => page.getByTestId('group-member').filter({ hasText: name });
const toast = (page: Page, words: string) => page.getByTestId('toast').filter({ hasText: words });
const text = (page: Page, words: string) =>
  page.getByTestId('message-list').getByTestId('message-text').getByText(words, { exact: true });

/** Opens the panel beside the chat; says whether it was open already, which the button knows before the panel is drawn. */
async function openDetails(page: Page): Promise<boolean> {
  const button = page.getByTestId('chat-details');
  await expect(button).toHaveAttribute('aria-expanded', /^(true|false)$/u);
  const wasOpen = (await button.getAttribute('aria-expanded')) === 'true';
  if (!wasOpen) await button.click();
  await expect(page.getByTestId('details-panel')).toBeVisible();
  return wasOpen;
}

/** The settings of the group whose chat is open, as a dialog over it. */
async function openSettings(page: Page): Promise<void> {
  await openDetails(page);
  await page.getByTestId('group-settings').click();
  await expect(page.getByTestId('group-panel')).toBeVisible();
}
async function closeSettings(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('group-dialog')).toHaveCount(0);
}
async function change(page: Page, what: string, value: string): Promise<void> {
  await page.getByTestId(`${what}-edit`).click();
  await page.getByTestId(`${what}-input`).fill(value);
  await page.getByTestId(`${what}-save`).click();
  await expect(page.getByTestId(what)).toHaveText(value);
}
test('created, renamed, announced, invited by approval, mentioned, removed, left, dissolved', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const apps = { ann: await launchMagpie(), ben: await launchMagpie(), cat: await launchMagpie() };
  const [ann, ben, cat] = [apps.ann.page, apps.ben.page, apps.cat.page];
  for (const [page, name] of [
    [ann, 'ann_group'],
    [ben, 'ben_group'],
    [cat, 'cat_group'],
  ] as const) {
    await connectTo(page, server.origin);
    await register(page, name);
  }
  // None of them asks to be asked, so they are friends at once.
  for (const [page, name] of [
    [ann, 'ben_group'],
    [ben, 'cat_group'],
  ] as const) {
    await addContact(page, name);
    await expect(page.getByTestId('contact-search-result')).toHaveAttribute('data-relation', 'friend');
    await page.getByTestId('contact-search').fill('');
    await expect(page.getByTestId('contact-row').filter({ hasText: name })).toBeVisible();
  }

  await test.step('Ann creates a group with Ben; it is in his list at once', async () => {
    await ben.getByTestId('rail-chats').click();
    await ann.getByTestId('rail-groups').click();
    await ann.getByTestId('group-create').first().click();
    await expect(ann.getByTestId('group-create-confirm')).toBeDisabled();
    await ann.getByTestId('group-pick-search').fill('ben');
    await ann.getByTestId('group-member-pick').check();
    await ann.getByTestId('group-create-confirm').click();
    await expect(text(ann, 'You created the group')).toBeVisible();
    await expect(ann.getByTestId('chat-kind')).toHaveText('2 members');
    const group = ben.getByTestId('conversation-row').filter({ hasText: 'ann_group created the group' });
    await expect(group).toBeVisible();
    await group.click();
    await expect(text(ben, 'ann_group created the group')).toBeVisible();
  });

  await test.step('Ann renames it: title and list change under the eyes of Ben', async () => {
    await openSettings(ann);
    await change(ann, 'group-name', 'Friday 周五');
    await expect(ann.getByTestId('group-title')).toHaveText('Friday 周五');
    for (const page of [ann, ben]) {
      await expect(page.getByTestId('chat-title')).toHaveText('Friday 周五');
      await expect(row(page, 'Friday 周五')).toBeVisible();
    }
    await expect(text(ben, 'The group is now called “Friday 周五”')).toBeVisible();
  });

  await test.step('Ann announces something: Ben reads it in the chat and beside it', async () => {
    await change(ann, 'group-announcement', 'We meet at six.\nBring bread.');
    await expect(ben.getByTestId('message-announcement')).toContainText('We meet at six.');
    await ben.getByTestId('chat-details').click();
    await expect(ben.getByTestId('details-announcement')).toContainText('Bring bread.');
  });

  await test.step('what only the owner may do, only the owner sees', async () => {
    await expect(ann.getByTestId('group-policy')).toBeVisible();
    await expect(ann.getByTestId('group-quit')).toHaveText('Dissolve group');
    await openSettings(ben);
    await expect(ben.getByTestId('group-nickname-edit')).toBeVisible();
    for (const id of ['group-name-edit', 'group-announcement-edit', 'group-policy', 'group-member-remove'])
      await expect(ben.getByTestId(id)).toHaveCount(0);
    await expect(ben.getByTestId('group-quit')).toHaveText('Leave group');
  });

  await test.step('Ben gives himself a name here; it stands above what he writes from then on', async () => {
    await change(ben, 'group-nickname', 'Captain');
    await expect(memberRow(ann, 'Captain')).toBeVisible();
    await closeSettings(ben);
    await send(ben, 'aye');
    await closeSettings(ann);
    await expectConversation(ann, ['aye']);
    await expect(ann.getByTestId('message-sender').getByText('Captain')).toBeVisible();
    await expect(text(ann, 'You renamed the group to “Friday 周五”')).toBeAttached();
  });

  await test.step('Ann does not want names above what others write, on this computer and for this group', async () => {
    const isOpen = await openDetails(ann);
    await ann.getByTestId('details-nicknames').click();
    await expect(ann.getByTestId('message-sender')).toHaveCount(0);
    await expectConversation(ann, ['aye']);
    await ann.getByTestId('details-nicknames').click();
    await expect(ann.getByTestId('message-sender').getByText('Captain')).toBeVisible();
    if (!isOpen) await ann.getByTestId('details-close').click();
  });

  await test.step('Ann wants to be asked; Ben invites Cat, and she waits until Ann lets her in', async () => {
    await openSettings(ann);
    await ann.getByTestId('group-policy').locator('[data-value="approval"]').click();
    await expect(ann.getByTestId('group-policy').locator('[data-value="approval"]')).toHaveAttribute(
      'data-state',
      'checked',
    );
    await closeSettings(ann);
    await ben.getByTestId('details-invite').click();
    await ben.getByTestId('group-invite-dialog').getByTestId('group-pick-search').fill('cat');
    await ben.getByTestId('group-member-pick').check();
    await ben.getByTestId('group-invite-confirm').click();
    await expect(toast(ben, '1 person waits for the owner')).toBeVisible();

    await expect(ann.getByTestId('rail-groups-waiting')).toHaveText('1');
    const asked = ann.getByTestId('conversation-row').filter({ hasText: 'Request to join' });
    await expect(asked).toContainText('Captain wants to bring cat_group into “Friday 周五”');
    await asked.click();
    await ann.getByTestId('service-action').click();
    await expect(ann.getByTestId('group-request')).toContainText('Invited by Captain');
    await cat.getByTestId('rail-chats').click();
    await expect(row(cat, 'Friday 周五')).toHaveCount(0);
    await ann.getByTestId('group-request-accept').click();
    await expect(ann.getByTestId('group-request')).toHaveCount(0);
    await expect(ann.getByTestId('rail-groups-waiting')).toHaveCount(0);
    await expect(memberRow(ann, 'cat_group')).toBeVisible();

    await expect(row(cat, 'Friday 周五')).toContainText('You joined the group');
    await expect(text(ben, 'cat_group joined the group')).toBeVisible();
    await expect(ben.getByTestId('chat-kind')).toHaveText('3 members');
    await ann.getByTestId('rail-chats').click();
    await expect(asked).toHaveCount(0);
  });

  await test.step('Ann names Cat: she is alerted in the list, also where the group is muted', async () => {
    await row(cat, 'Friday 周五').click({ button: 'right' });
    await cat.getByTestId('conversation-menu').getByText('Mute').click();
    await expect(row(cat, 'Friday 周五')).toHaveAttribute('data-muted', 'true');
    await openChat(ann, 'Friday 周五');
    const field = ann.getByTestId('composer-input');
    await field.fill('');
    await field.pressSequentially('hello @ca');
    await expect(ann.getByTestId('mention-option')).toContainText(['Captain', 'cat_group']);
    await field.press('ArrowDown');
    await expect(ann.getByTestId('mention-option').last()).toHaveAttribute('aria-selected', 'true');
    await field.press('Enter');
    await expect(field).toHaveValue('hello @cat_group ');
    await field.pressSequentially('look here');
    await field.press('Enter');
    const alert = row(cat, 'Friday 周五').getByTestId('conversation-mentioned');
    await expect(alert).toHaveText('[You were mentioned]');
    await expect(ben.getByTestId('message').last()).toContainText('look here');
    await expect(ben.getByTestId('message').last()).not.toHaveAttribute('data-means-me', 'true');
  });

  await test.step('read by one, then by two; a click names them', async () => {
    const readBy = ann.getByTestId('message').last().getByTestId('message-read-by');
    await expect(readBy).toHaveText('Read by 1 of 2');
    await row(cat, 'Friday 周五').click();
    await expect(cat.getByTestId('message').last()).toHaveAttribute('data-means-me', 'true');
    await expect(row(cat, 'Friday 周五').getByTestId('conversation-mentioned')).toHaveCount(0);
    await expect(readBy).toHaveText('Read by 2 of 2');
    await readBy.click();
    await expect(ann.getByTestId('readers-read')).toContainText('cat_group');
    await expect(ann.getByTestId('readers-read')).toContainText('Captain');
    await ann.keyboard.press('Escape');
  });

  await test.step('Ann switches the receipts off, for everybody', async () => {
    await openSettings(ann);
    await ann.getByTestId('group-receipts').click();
    await expect(ann.getByTestId('group-receipts')).toHaveAttribute('data-state', 'unchecked');
    await closeSettings(ann);
    await expect(ann.getByTestId('message-read-by')).toHaveCount(0);
    await openSettings(ann);
    await ann.getByTestId('group-receipts').click();
    await expect(ann.getByTestId('group-receipts')).toHaveAttribute('data-state', 'checked');
  });

  await test.step('Ann removes Cat, who is told and cannot write any more; what she read stays', async () => {
    await ann.getByTestId('group-member-remove').last().click();
    await expect(ann.getByTestId('confirm-dialog')).toContainText('cat_group');
    await ann.getByTestId('confirm-ok').click();
    await expect(memberRow(ann, 'cat_group')).toHaveCount(0);
    await closeSettings(ann);
    await expect(toast(cat, 'You were removed from “Friday 周五”')).toBeVisible();
    await expect(cat.getByTestId('chat-ended')).toHaveText('You were removed from this group.');
    await expect(cat.getByTestId('composer-input')).toHaveCount(0);
    await expectConversation(cat, ['hello @cat_group look here']);
    await send(ann, 'among ourselves');
    await expect(ben.getByTestId('message').last()).toContainText('among ourselves');
    await expectConversation(cat, ['hello @cat_group look here']);
  });

  await test.step('Cat asks to come back by a link, with a reason, and is refused', async () => {
    await openSettings(ann);
    await ann.getByTestId('group-code').click();
    const link = await apps.ann.copied(() => ann.getByTestId('code-copy').click());
    await expect.poll(() => apps.cat.clipboard()).toBe(link);
    await ann.getByTestId('code-close').click();
    await closeSettings(ann);
    await cat.getByTestId('rail-groups').click();
    await cat.getByTestId('codes-scan').click();
    await cat.getByTestId('scan-clipboard').click();
    await expect(cat.getByTestId('group-join-name')).toHaveText('Friday 周五');
    await cat.getByTestId('group-join-reason').fill('I was only late');
    await cat.getByTestId('group-join-confirm').click();
    await expect(cat.getByTestId('group-join-waiting')).toBeVisible();
    await cat.keyboard.press('Escape');
    await ann.getByTestId('rail-groups').click();
    await ann.getByTestId('group-row').click();
    await expect(ann.getByTestId('group-request')).toContainText('I was only late');
    await ann.getByTestId('group-request-refuse').click();
    await expect(ann.getByTestId('group-request')).toHaveCount(0);
    await expect(toast(cat, 'declined')).toBeVisible();
  });

  await test.step('Ann opens the group to everybody: a link that asks nothing leads Cat into the chat', async () => {
    await ann.getByTestId('group-policy').locator('[data-value="anyone"]').click();
    await expect(ann.getByTestId('group-policy').locator('[data-value="anyone"]')).toHaveAttribute(
      'data-state',
      'checked',
    );
    const groupId = await ann.getByTestId('group-row').getAttribute('data-group-id');
    await cat.getByTestId('rail-groups').click();
    await cat.getByTestId('codes-scan').click();
    await cat.getByTestId('scan-link').fill(`magpie://group/${groupId}?redirect=true`);
    await cat.getByTestId('scan-link-open').click();
    await expect(cat.getByTestId('chat-title')).toHaveText('Friday 周五');
    await expect(cat.getByTestId('composer-input')).toBeVisible();
    await expect(memberRow(ann, 'cat_group')).toBeVisible();
  });

  await test.step('Ben leaves: the others see it', async () => {
    await openSettings(ben);
    await ben.getByTestId('group-quit').click();
    await ben.getByTestId('confirm-ok').click();
    await expect(ben.getByTestId('chat-ended')).toHaveText('You left this group.');
    await expect(memberRow(ann, 'Captain')).toHaveCount(0);
    await expect(text(cat, 'Captain left the group')).toBeVisible();
    await expect(cat.getByTestId('chat-kind')).toHaveText('2 members');
  });

  await test.step('Ann dissolves it: Cat is told, and nobody can write', async () => {
    await ann.getByTestId('group-quit').click();
    await expect(ann.getByTestId('confirm-dialog')).toContainText('cannot be undone');
    await ann.getByTestId('confirm-ok').click();
    await expect(ann.getByTestId('group-row')).toHaveCount(0);
    await expect(cat.getByTestId('chat-ended')).toHaveText('This group was dissolved.');
    await expect(text(cat, 'The owner dissolved the group')).toBeVisible();
    await expect(toast(cat, 'dissolved')).toBeVisible();
    await cat.getByTestId('rail-groups').click();
    await expect(cat.getByTestId('group-row')).toHaveCount(0);
  });

  for (const app of Object.values(apps)) expect(app.problems()).toEqual([]);
});
