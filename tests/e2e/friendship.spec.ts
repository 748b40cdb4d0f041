/** A whole friendship: every step of one side is seen on the other side's screen without a refresh. */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { connectTo, expectOnline, openChat, PASSWORD, register, row, send, signIn } from './person.ts';

const contact = (page: Page, name: string) => page.getByTestId('contact-row').filter({ hasText: name });

async function openCard(page: Page, name: string): Promise<void> {
  await page.getByTestId('rail-contacts').click();
  await contact(page, name).click();
  await expect(page.getByTestId('person-card')).toBeVisible();
}

test('a friendship from the request to the end: asked, accepted with an alias, starred, blocked, deleted', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const ann = await launchMagpie();
  const ben = await launchMagpie();
  for (const [magpie, name] of [
    [ann, 'ann_friend'],
    [ben, 'ben_friend'],
  ] as const) {
    await connectTo(magpie.page, server.origin);
    await register(magpie.page, name);
  }

  await test.step('Ben gives himself a name, wants to be asked and takes no words from strangers', async () => {
    const { page } = ben;
    await page.getByTestId('rail-settings').click();
    await page.getByTestId('profile-nickname').fill('Benno 本诺');
    await page.getByTestId('profile-nickname-save').click();
    await page.getByTestId('profile-confirm').click();
    await expect(page.getByTestId('profile-confirm')).toHaveAttribute('data-state', 'checked');
    await page.getByTestId('profile-strangers').locator('[data-value="none"]').click();
    await page.getByTestId('rail-contacts').click();
  });

  await test.step('Ann looks at his card and asks; the request appears on his screen', async () => {
    const { page } = ann;
    await page.getByTestId('rail-contacts').click();
    await page.getByTestId('contact-search').fill('ben_fr');
    await page.getByTestId('contact-profile').click();
    const card = page.getByTestId('person-dialog');
    await expect(card.getByTestId('person-name')).toHaveText('Benno 本诺');
    // He takes nothing from strangers, so there is nothing to write with.
    await expect(card.getByTestId('contact-message')).toHaveCount(0);
    await card.getByTestId('contact-add').click();
    await page.getByTestId('contact-apply-message').fill('It is me, Ann');
    await page.getByTestId('contact-apply-dialog').getByTestId('confirm-ok').click();
    await expect(card.getByTestId('contact-applied')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(card).toBeHidden();

    await expect(ben.page.getByTestId('applications-pending')).toHaveText('1');
    await ben.page.getByTestId('applications-open').click();
    await expect(ben.page.getByTestId('application-row')).toContainText('It is me, Ann');
  });

  await test.step('Ben accepts with an alias; both have each other at once', async () => {
    const { page } = ben;
    await page.getByTestId('application-row').getByRole('button', { name: 'Set an alias' }).click();
    await page.getByTestId('application-alias').fill('Annie');
    await page.getByTestId('application-accept').click();
    await expect(page.getByTestId('application-status')).toHaveText('Accepted');
    await expect(contact(page, 'Annie')).toBeVisible();
    await expect(page.getByTestId('applications-pending')).toHaveCount(0);
    await ann.page.getByTestId('contact-search').fill('');
    await expect(contact(ann.page, 'Benno 本诺')).toBeVisible();
    await ann.page.getByTestId('rail-chats').click();
    await expect(row(ann.page, 'Benno 本诺')).toBeVisible();
  });

  await test.step('Ann stars him and gives him an alias: list and conversation follow', async () => {
    const { page } = ann;
    await openCard(page, 'Benno');
    await page.getByTestId('person-star').click();
    await expect(contact(page, 'Benno')).toHaveAttribute('data-starred', 'true');
    for (const id of ['person-shows-mine', 'person-shows-theirs']) {
      await page.getByTestId(id).click();
      await expect(page.getByTestId(id)).toHaveAttribute('data-state', 'unchecked');
    }
    await page.getByTestId('person-alias-edit').click();
    await page.getByTestId('person-alias-input').fill('老本');
    await page.getByTestId('person-alias-save').click();
    await expect(contact(page, '老本')).toBeVisible();
    await page.getByTestId('rail-chats').click();
    await expect(row(page, '老本')).toBeVisible();
  });

  await test.step('Ben blocks her: her message says why; unblocked, the same message arrives', async () => {
    await openCard(ben.page, 'Annie');
    await ben.page.getByTestId('person-block').click();
    await expect(contact(ben.page, 'Annie')).toHaveAttribute('data-blocked', 'true');

    await openChat(ann.page, '老本');
    await send(ann.page, 'do you hear me?');
    await expect(ann.page.getByTestId('message-error')).toContainText('对方把你拉黑了，不能发送消息');

    await ben.page.getByTestId('person-block').click();
    await expect(contact(ben.page, 'Annie')).toHaveAttribute('data-blocked', 'false');
    await ann.page.getByTestId('message-retry').click();
    await expect(ann.page.getByTestId('message-error')).toHaveCount(0);
    await expect(row(ben.page, 'Annie').or(ben.page.getByTestId('rail-unread'))).toBeVisible();
    await openChat(ben.page, 'Annie');
    await expect(ben.page.getByTestId('message-text').getByText('do you hear me?')).toBeVisible();
  });

  await test.step('a face in the chat opens the card', async () => {
    await ben.page.getByTestId('message-avatar').first().click();
    await expect(ben.page.getByTestId('person-dialog').getByTestId('person-alias')).toHaveText('Annie');
    await ben.page.keyboard.press('Escape');
  });

  await test.step('Ann deletes him with the history: gone on both sides, and he is a stranger to her again', async () => {
    const { page } = ann;
    await openCard(page, '老本');
    await page.getByTestId('person-remove').click();
    await page.getByTestId('person-remove-history').check();
    await page.getByTestId('confirm-ok').click();
    await expect(contact(page, '老本')).toHaveCount(0);
    await page.getByTestId('rail-chats').click();
    await expect(page.getByTestId('conversation-row').filter({ hasText: '老本' })).toHaveCount(0);

    // Ben looks at the chat: he is told that Ann is no contact any more. His own history stays.
    await expect(ben.page.getByTestId('stranger-hint')).toBeVisible();
    await expect(ben.page.getByTestId('message-text').getByText('do you hear me?')).toBeVisible();
    await ben.page.getByTestId('rail-contacts').click();
    await expect(ben.page.getByTestId('contact-row')).toHaveCount(0);
  });

  await test.step('Ann wants no confirmation: Ben turns to her and they are friends without a word', async () => {
    await openChat(ben.page, 'ann_friend');
    await ben.page.getByTestId('stranger-add').click();
    await expect(ben.page.getByTestId('stranger-hint')).toHaveCount(0);
    await expect(row(ann.page, 'Benno 本诺')).toBeVisible();
  });
  for (const { problems } of [ann, ben].map((app) => ({ problems: app.problems() })))
    expect(problems).toEqual([]);
});

test('many requests: the newest first, older ones on scrolling, and what is answered far down stays where it is', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const client = new PlainClient(server.origin);
  const ann = await client.register('ann_popular', PASSWORD);
  const set = { fieldname: 'invite_confirm', fieldValue: '1' };
  await client.data('POST', '/api/chat/updateUserinfo', { token: ann.token, json: set });
  const names = Array.from({ length: 23 }, (_, index) => `asker_${index + 1}`);
  for (const name of names) {
    const { token } = await client.register(name);
    await client.data('POST', '/api/chat/applyfriend', {
      token,
      json: { friend_id: ann.id, nickname: `It is ${name}` },
    });
  }
  const magpie = await launchMagpie();
  const { page } = magpie;
  await connectTo(page, server.origin);
  await signIn(page, 'ann_popular');
  await expectOnline(page);
  await page.getByTestId('rail-contacts').click();
  await expect(page.getByTestId('applications-pending')).toHaveText('23');
  await page.getByTestId('applications-open').click();
  const requests = page.getByTestId('application-row');
  await expect(requests.first()).toContainText('It is asker_23');
  // The next page is asked for before the end of the last one is in sight.
  await expect
    .poll(async () => {
      await requests.last().scrollIntoViewIfNeeded();
      return requests.count();
    })
    .toBe(23);
  await expect(requests.last()).toContainText('It is asker_1');

  const first = requests.filter({ has: page.getByText('It is asker_1', { exact: true }) });
  await first.getByTestId('application-accept').click();
  await expect(first.getByTestId('application-status')).toHaveText('Accepted');
  await expect(page.getByTestId('applications-pending')).toHaveText('22');
  await expect(requests).toHaveCount(23);
  await expect(first).toBeInViewport();
  await expect(contact(page, 'asker_1')).toBeVisible();
  expect(magpie.problems()).toEqual([]);
});

test('the password is changed in the settings, and a wrong one is refused with its reason', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const { page } = await launchMagpie();
  await connectTo(page, server.origin);
  await register(page, 'ann_password');
  await page.getByTestId('rail-settings').click();
  await page.getByTestId('profile-password').click();
  await page.getByTestId('password-current').fill('wrong-horse');
  await page.getByTestId('password-next').fill('battery-staple');
  await page.getByTestId('password-again').fill('battery-maple!');
  await expect(page.getByTestId('confirm-ok')).toBeDisabled();
  await page.getByTestId('password-again').fill('battery-staple');
  await page.getByTestId('confirm-ok').click();
  await expect(page.getByTestId('password-dialog')).toContainText('原始密码错误，无法修改密码');
  await page.getByTestId('password-current').fill('correct-horse-9');
  await page.getByTestId('confirm-ok').click();
  await expect(page.getByTestId('password-dialog')).toBeHidden();

  await page.getByTestId('settings-sign-out').click();
  await page.getByTestId('confirm-ok').click();
  await page.getByTestId('sign-in-username').fill('ann_password');
  await page.getByTestId('sign-in-password').fill('battery-staple');
  await page.getByTestId('sign-in-submit').click();
  await expect(page.getByTestId('connection-status')).toHaveAttribute('data-state', 'online');
});
