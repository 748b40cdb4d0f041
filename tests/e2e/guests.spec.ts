/** What a guest has and has not, and what others see of them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { DEFAULT_GUEST_SALT } from '../../protocol/wire/guest-signature.ts';
import { PlainClient, textOf } from '../helpers/plain-egg-im/plain-client.ts';
import { GroupCalls } from '../integration/server/groups.ts';
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

/** As a link or a menu would. */
const goTo = (page: Page, address: string) => page.evaluate((hash) => void (location.hash = hash), address);

test('a guest has chats and groups; what takes an account leads to the form; hosts may limit them and see who they are', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const client = new PlainClient(server.origin);
  const host = await client.register('host_of_guests', PASSWORD);
  const limits = { visitor: { sendCount: 1, needFollow: false }, user: { sendCount: 2, needFollow: false } };
  await client.data('POST', '/api/chat/userset', {
    token: host.token,
    json: { userset: JSON.stringify({ chatset: limits }) },
  });

  const guest = await launchMagpie();
  const { page } = guest;
  await connectTo(page, server.origin);
  await page.getByTestId('sign-in-guest').click();
  await expectOnline(page);
  await expect(page.getByTestId('guest-sign-in')).toBeVisible();
  await expect(page.getByTestId('rail-groups')).toBeVisible();
  for (const id of ['rail-contacts', 'conversation-add']) await expect(page.getByTestId(id)).toHaveCount(0);
  await page.getByTestId('rail-settings').click();
  await expect(page.getByTestId('settings-sign-in')).toBeVisible();
  for (const id of ['profile-password', 'profile-code', 'profile-confirm', 'answers-section'])
    await expect(page.getByTestId(id)).toHaveCount(0);

  await goTo(page, '#/contacts');
  await expect(page.getByTestId('sign-in-form')).toBeVisible();
  await page.getByTestId('sign-in-stay-guest').click();
  await expect(page.getByTestId('guest-sign-in')).toBeVisible();
  // The address of a conversation that is not there leads to the list, not to a blank chat.
  await goTo(page, '#/chats/single:987654');
  await expect(page).toHaveURL(/#\/chats$/u);
  await expect(page.getByTestId('chat-title')).toHaveCount(0);

  await expect(page.getByTestId('rail-me')).toHaveAttribute('aria-label', /^VIS/u);
  const name = (await page.getByTestId('rail-me').getAttribute('aria-label'))?.split(' ')[0] ?? '';
  await page.evaluate(async (accountId) => {
    const bridge = Reflect.get(window, 'magpie') as {
      invoke(channel: string, input: unknown): Promise<unknown>;
    };
    await bridge.invoke('conversations:open-single', { accountId });
  }, host.id);
  await row(page, 'host_of_guests').click();
  await send(page, 'is anybody there?');
  await send(page, 'hello?');
  await expect(page.getByTestId('message-error')).toContainText('在成为好友之前，对方只允许向他发一条消息');

  const atHost = await launchMagpie();
  await connectTo(atHost.page, server.origin);
  await signIn(atHost.page, 'host_of_guests');
  await expectOnline(atHost.page);
  await openChat(atHost.page, name);
  await expect(atHost.page.getByTestId('chat-kind')).toHaveText('Guest');
  await expectConversation(atHost.page, ['is anybody there?']);
  for (const one of [guest, atHost]) expect(one.problems()).toEqual([]);
});

test('the sixth entry as a guest within an hour is refused in the words of the server', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const magpie = await launchMagpie();
  await connectTo(magpie.page, server.origin);
  let deviceId = '';
  await expect
    .poll(async () => {
      const text = await readFile(join(magpie.profileDir, 'settings.json'), 'utf8').catch(() => '{}');
      deviceId = (JSON.parse(text) as { deviceId?: string }).deviceId ?? '';
      return deviceId;
    })
    .not.toBe('');
  const client = new PlainClient(server.origin);
  for (let call = 0; call < 5; call += 1)
    expect((await client.guestCall('visitorRegister', { deviceId }, DEFAULT_GUEST_SALT)).status).toBe(200);
  await magpie.page.getByTestId('sign-in-guest').click();
  await expect(magpie.page.getByTestId('toast')).toContainText('请求过于频繁，请1个小时后再试');
  await expect(magpie.page.getByTestId('sign-in-form')).toBeVisible();
  expect(magpie.problems()).toEqual([]);
});

test('a guest comes into a group of support by a link, writes under a name of their own there, and leaves', async ({
  launchMagpie,
  startServer,
}) => {
  test.setTimeout(120_000);
  const server = await startServer();
  const client = new PlainClient(server.origin);
  const calls = new GroupCalls(client);
  const [host, helper] = await client.registerAll('host_support', 'helper_support');
  const group = await calls.found(host, [helper]);
  await calls.setPolicy(host, group, 0);
  const atHost = await client.connect(host);
  const heard = (text: string, name: RegExp) => () =>
    atHost.messages.some(
      (one) => one['type'] === 'text' && textOf(one) === text && name.test(String(one['from_name'])),
    );

  const magpie = await launchMagpie();
  const { page } = magpie;
  await connectTo(page, server.origin);
  await page.getByTestId('sign-in-guest').click();
  await expectOnline(page);
  await page.getByTestId('rail-groups').click();
  await expect(page.getByTestId('group-create')).toHaveCount(0);
  await page.getByTestId('codes-scan').click();
  await page.getByTestId('scan-link').fill(`magpie://group/${group}?redirect=true`);
  await page.getByTestId('scan-link-open').click();
  await expect(page.getByTestId('chat-kind')).toHaveText('3 members');
  await send(page, 'I am lost');
  await atHost.until(heard('I am lost', /^VIS/u));

  await page.getByTestId('chat-details').click();
  await page.getByTestId('group-settings').click();
  await page.getByTestId('group-nickname-edit').click();
  await page.getByTestId('group-nickname-input').fill('Lost soul');
  await page.getByTestId('group-nickname-save').click();
  await expect(page.getByTestId('group-nickname')).toHaveText('Lost soul');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('group-dialog')).toHaveCount(0);
  await send(page, 'still me');
  await atHost.until(heard('still me', /^Lost soul$/u));

  await page.getByTestId('group-settings').click();
  await page.getByTestId('group-quit').click();
  await page.getByTestId('confirm-ok').click();
  await expect(page.getByTestId('chat-ended')).toBeVisible();
  await atHost.close();
  expect(magpie.problems()).toEqual([]);
});
