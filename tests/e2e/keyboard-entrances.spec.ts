/** Coming in, being let in and going, without a mouse: requests, approvals, guests and a second account. */
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { GroupCalls } from '../integration/server/groups.ts';
import { expect, test } from './fixtures.ts';
import { connectTo, expectOnline, PASSWORD, press, signIn, tabTo } from './person.ts';

test('a request is accepted with an alias, somebody is let into a group, another group is left, by keyboard alone', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const client = new PlainClient(server.origin);
  const calls = new GroupCalls(client);
  const [ann, bert, cora] = [
    await client.register('ann_entrance', PASSWORD),
    await client.register('bert_entrance', PASSWORD),
    await client.register('cora_entrance', PASSWORD),
  ];
  const friends = await client.registerAll('dora_1', 'dora_2', 'dora_3', 'dora_4', 'dora_5', 'emil_1');
  const group = await calls.found(ann, friends);
  await calls.setPolicy(ann, group, 1);
  await calls.join(cora, group, cora.id, 'I bake');
  await client.data('POST', '/api/chat/updateUserinfo', {
    token: ann.token,
    json: { fieldname: 'invite_confirm', fieldValue: '1' },
  });
  await client.data('POST', '/api/chat/applyfriend', {
    token: bert.token,
    json: { friend_id: ann.id, nickname: 'It is Bert' },
  });

  const magpie = await launchMagpie();
  const { page } = magpie;
  const { keyboard } = page;
  await connectTo(page, server.origin);
  await signIn(page, 'ann_entrance');
  await expectOnline(page);

  await test.step('the request', async () => {
    await press(page, 'rail-contacts');
    await expect(page.getByTestId('applications-pending')).toHaveText('1');
    await press(page, 'applications-open');
    await expect(page.getByTestId('application-row')).toContainText('It is Bert');
    await press(page, 'application-alias-open');
    await expect(page.getByTestId('application-alias')).toBeFocused();
    await keyboard.type('Bertie');
    await press(page, 'application-accept');
    await expect(page.getByTestId('application-status')).toHaveText('Accepted');
    await expect(page.getByTestId('contact-row').filter({ hasText: 'Bertie' })).toBeVisible();
  });

  await test.step('the approval, and a member found among many', async () => {
    await press(page, 'rail-groups');
    await press(page, 'group-row');
    await expect(page.getByTestId('group-request')).toContainText('I bake');
    await press(page, 'group-request-accept');
    await expect(page.getByTestId('group-request')).toHaveCount(0);
    await tabTo(page, 'group-member-search');
    await keyboard.type('cora');
    await expect(page.getByTestId('group-member')).toHaveCount(1);
    await expect(page.getByTestId('group-member')).toContainText('cora_entrance');
  });

  await test.step('another group is left', async () => {
    await calls.foundAgain(bert, [ann]);
    await expect(page.getByTestId('group-row')).toHaveCount(2);
    // The newest group stands first.
    await press(page, 'rail-groups');
    await tabTo(page, 'group-row');
    await expect(page.getByTestId('group-row').first()).toBeFocused();
    await keyboard.press('Enter');
    await expect(page.getByTestId('group-quit')).toHaveText('Leave group');
    await press(page, 'group-quit');
    await press(page, 'confirm-ok');
    await expect(page.getByTestId('group-row')).toHaveCount(1);
  });
  expect(magpie.problems()).toEqual([]);
});

test('a guest becomes a user, adds an account and comes back, by keyboard alone', async ({
  launchMagpie,
  startServer,
}) => {
  const [home, work] = [await startServer(), await startServer()];
  const magpie = await launchMagpie();
  const { page } = magpie;
  const { keyboard } = page;
  const enterServer = async (origin: string) => {
    await expect(page.getByTestId('welcome-server-url')).toBeVisible();
    await tabTo(page, 'welcome-server-url');
    await keyboard.type(origin);
    await keyboard.press('Enter');
    await expect(page.getByTestId('sign-in-form')).toBeVisible();
  };
  const registerAs = async (username: string) => {
    await press(page, 'sign-in-toggle');
    await tabTo(page, 'sign-in-username');
    await keyboard.type(username);
    await tabTo(page, 'sign-in-password');
    await keyboard.type(PASSWORD);
    await press(page, 'sign-in-agree', 'Space');
    await press(page, 'sign-in-submit');
    await expect(page.getByTestId('rail-me')).toHaveAccessibleName(new RegExp(username, 'u'));
    await expectOnline(page);
  };

  await enterServer(home.origin);
  await press(page, 'sign-in-guest');
  await expectOnline(page);
  await press(page, 'guest-sign-in');
  await registerAs('ann_at_home');
  await press(page, 'account-add');
  await enterServer(work.origin);
  await registerAs('ann_at_work');
  await press(page, 'account-switch');
  await expect(page.getByTestId('rail-me')).toHaveAccessibleName(/ann_at_home/u);
  // And from the list of contacts as well.
  await press(page, 'rail-contacts');
  await tabTo(page, 'list-scope-account');
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await expect(page.getByTestId('rail-me')).toHaveAccessibleName(/ann_at_work/u);
  await expect(page.getByTestId('contact-search')).toBeVisible();
  expect(magpie.problems()).toEqual([]);
});
