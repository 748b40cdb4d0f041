/** Friendship, groups, complaints and automatic answers without a mouse: nothing but keys from the moment when somebody is signed in. */
import { expect, test } from './fixtures.ts';
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { connectTo, expectOnline, PASSWORD, press, register, row, signIn, tabTo } from './person.ts';

test('friends and groups by keyboard alone', async ({ launchMagpie, startServer }) => {
  const server = await startServer();
  const apps = { ann: await launchMagpie(), ben: await launchMagpie() };
  const [ann, ben] = [apps.ann.page, apps.ben.page];
  await connectTo(ben, server.origin);
  await register(ben, 'ben_keyboard');
  await ben.getByTestId('rail-chats').click();
  await connectTo(ann, server.origin);
  await register(ann, 'ann_keyboard');
  const { keyboard } = ann;
  const contact = ann.getByTestId('contact-row');

  await test.step('finding somebody and becoming friends', async () => {
    await press(ann, 'rail-contacts');
    await tabTo(ann, 'contact-search');
    await keyboard.type('ben_key');
    await press(ann, 'contact-add');
    await expect(ann.getByTestId('contact-apply-dialog')).toBeVisible();
    await press(ann, 'confirm-ok');
    await expect(ann.getByTestId('contact-search-result')).toHaveAttribute('data-relation', 'friend');
    await expect(row(ben, 'ann_keyboard')).toBeVisible();
    await tabTo(ann, 'contact-search');
    await keyboard.press('Escape');
    await expect(contact).toContainText('ben_keyboard');
  });

  await test.step('star, alias, block and unblock', async () => {
    await press(ann, 'contact-row');
    await press(ann, 'person-star');
    await expect(contact).toHaveAttribute('data-starred', 'true');
    await press(ann, 'person-alias-edit');
    await expect(ann.getByTestId('person-alias-input')).toBeFocused();
    await keyboard.type('Benny');
    await keyboard.press('Enter');
    await expect(contact).toContainText('Benny');
    await press(ann, 'person-block', 'Space');
    await expect(contact).toHaveAttribute('data-blocked', 'true');
    await press(ann, 'person-block', 'Space');
    await expect(contact).toHaveAttribute('data-blocked', 'false');
  });

  await test.step('a group from the picker', async () => {
    await press(ann, 'rail-groups');
    await press(ann, 'group-create');
    await expect(ann.getByTestId('group-pick-search')).toBeFocused();
    await keyboard.type('benn');
    await press(ann, 'group-member-pick', 'Space');
    await press(ann, 'group-create-confirm');
    await expect(ann.getByTestId('composer-input')).toBeFocused();
    await expect(ben.getByTestId('conversation-row')).toHaveCount(2);
  });

  await test.step('somebody is named with the arrows', async () => {
    await keyboard.type('hello @');
    await expect(ann.getByTestId('mention-option')).toHaveCount(2);
    await keyboard.press('ArrowDown');
    await expect(ann.getByTestId('mention-option').last()).toHaveAttribute('aria-selected', 'true');
    await keyboard.press('Escape');
    await expect(ann.getByTestId('mention-picker')).toHaveCount(0);
    await keyboard.type('ben');
    await expect(ann.getByTestId('mention-option')).toHaveCount(1);
    await keyboard.press('Enter');
    await keyboard.press('Enter');
    await expect(ben.getByTestId('conversation-mentioned')).toBeVisible();
  });

  await test.step('settings of the group', async () => {
    await press(ann, 'chat-details');
    await press(ann, 'group-settings');
    await press(ann, 'group-name-edit');
    await expect(ann.getByTestId('group-name-input')).toBeFocused();
    await keyboard.press('Control+A');
    await keyboard.type('Keys only');
    await keyboard.press('Enter');
    await expect(ann.getByTestId('group-name')).toHaveText('Keys only');
    await expect(ann.getByTestId('group-name-edit')).toBeFocused();
    await expect(row(ben, 'Keys only')).toBeVisible();
    await press(ann, 'group-announcement-edit');
    await keyboard.type('No mouse.');
    await keyboard.press('Control+Enter');
    await expect(ann.getByTestId('group-announcement')).toHaveText('No mouse.');
    await press(ann, 'group-invite');
    await expect(ann.getByTestId('group-invite-dialog')).toBeVisible();
    await keyboard.press('Escape');
    await expect(ann.getByTestId('group-invite-dialog')).toHaveCount(0);
  });

  await test.step('removing a member, and dissolving', async () => {
    await press(ann, 'group-member-remove');
    await press(ann, 'confirm-ok');
    await expect(ann.getByTestId('group-member')).toHaveCount(1);
    await row(ben, 'Keys only').click();
    await expect(ben.getByTestId('chat-ended')).toBeVisible();
    await press(ann, 'group-quit');
    await press(ann, 'confirm-ok');
    await expect(ann.getByTestId('group-dialog')).toHaveCount(0);
    await expect(ann.getByTestId('chat-ended')).toBeVisible();
  });

  await test.step('the end of a friendship', async () => {
    await press(ann, 'rail-contacts');
    await press(ann, 'contact-row');
    await press(ann, 'person-remove');
    await press(ann, 'person-remove-history', 'Space');
    await press(ann, 'confirm-ok');
    await expect(contact).toHaveCount(0);
  });
  for (const app of Object.values(apps)) expect(app.problems()).toEqual([]);
});

test('a complaint and automatic answers by keyboard alone', async ({ launchMagpie, startServer }) => {
  const server = await startServer();
  const client = new PlainClient(server.origin);
  const account = await client.register('ann_answers', PASSWORD);
  const bert = await client.register('bert_answers', PASSWORD);
  await client.befriend(account, bert);
  await client.sendText(bert, account.id, 'Pay me first, you fool');
  const ann = await launchMagpie();
  const { page } = ann;
  const { keyboard } = page;
  await connectTo(page, server.origin);
  await signIn(page, 'ann_answers');
  await expectOnline(page);

  await test.step('a complaint is written and handed in', async () => {
    // What was said before comes in after the sign-in; a row that moves meanwhile would lose the focus.
    await expect(row(page, 'bert_answers')).toContainText('Pay me first');
    await press(page, 'conversation-row');
    await expect(page.getByTestId('chat-title')).toHaveText('bert_answers');
    await expect(page.getByTestId('message-text').last()).toHaveText('Pay me first, you fool');
    await press(page, 'chat-details');
    await press(page, 'details-report');
    const dialog = page.getByTestId('complaint-dialog');
    // The reasons are one stop, and the arrows go through them.
    await tabTo(page, 'complaint-reason-spam');
    await keyboard.press('ArrowDown');
    await expect(dialog.getByRole('radio', { checked: true })).toBeFocused();
    await expect(dialog.getByTestId('complaint-reason-spam')).not.toBeChecked();
    await tabTo(page, 'complaint-text');
    await keyboard.type('He calls me names.');
    const evidence = dialog.getByTestId('complaint-message').getByRole('checkbox');
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    await expect(evidence).toBeFocused();
    await keyboard.press('Space');
    await expect(evidence).toBeChecked();
    await press(page, 'confirm-ok');
    await expect(dialog).toBeHidden();
    await expect(page.getByTestId('toast').filter({ hasText: 'Handed in' })).toBeVisible();
  });

  await test.step('an answer is added, changed, tried and deleted', async () => {
    await press(page, 'rail-settings');
    await press(page, 'answer-add');
    await expect(page.getByTestId('answer-question')).toBeFocused();
    await keyboard.type('What are your opening hours?');
    await keyboard.press('Tab');
    await keyboard.type('Nine to five');
    await press(page, 'confirm-ok');
    await expect(page.getByTestId('answer-row')).toContainText('Nine to five');
    await press(page, 'answer-edit');
    await tabTo(page, 'answer-text');
    await keyboard.press('Control+A');
    await keyboard.type('Ten to six');
    await press(page, 'confirm-ok');
    await expect(page.getByTestId('answer-row')).toContainText('Ten to six');
    await tabTo(page, 'answer-try');
    await keyboard.type('opening hours');
    await keyboard.press('Enter');
    await expect(page.getByTestId('answer-outcome')).toContainText('Ten to six');
    // Back from the field to the row above it.
    await tabTo(page, 'answer-remove', 'Shift+Tab');
    await keyboard.press('Enter');
    await press(page, 'confirm-ok');
    await expect(page.getByTestId('answer-row')).toHaveCount(0);
  });

  await test.step('the complaint is taken back', async () => {
    await expect(page.getByTestId('complaint-row')).toContainText('He calls me names.');
    await press(page, 'complaint-withdraw');
    await press(page, 'confirm-ok');
    await expect(page.getByTestId('complaint-row')).toHaveCount(0);
  });
  expect(ann.problems()).toEqual([]);
});
