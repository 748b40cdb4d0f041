/** Several accounts in one app, and a guest who becomes a user, as a person sees it. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test, type LaunchOptions, type MagpieProcess, type ServerProcess } from './fixtures.ts';
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
  signIn,
} from './person.ts';

const switchTo = (page: Page, username: string) =>
  page.locator(`[data-testid="account-switch"][data-account="${username}"]`);

interface World {
  launchMagpie: (options?: LaunchOptions) => Promise<MagpieProcess>;
  startServer: () => Promise<ServerProcess>;
}

/** Somebody new, who has the named one as a contact if there is one. */
async function newcomer({ launchMagpie }: World, server: ServerProcess, name: string, contact?: string) {
  const magpie = await launchMagpie();
  await connectTo(magpie.page, server.origin);
  await register(magpie.page, name);
  if (contact !== undefined) await addContact(magpie.page, contact);
  return magpie;
}

/** One more account in an app that has one. */
async function addAccount(page: Page, server: ServerProcess, name: string): Promise<void> {
  await page.getByTestId('account-add').click();
  await expect(page.getByTestId('account-back')).toBeVisible();
  await connectTo(page, server.origin);
  await register(page, name);
}

/** Ann at home and at work, on two servers, with somebody in each place whose chat with her is open. */
async function homeAndWork(world: World) {
  const [home, work] = [await world.startServer(), await world.startServer()];
  const ann = await newcomer(world, home, 'ann_home');
  await addAccount(ann.page, work, 'ann_work');
  const friend = await newcomer(world, home, 'friend1', 'ann_home');
  const colleague = await newcomer(world, work, 'colleague', 'ann_work');
  await openChat(friend.page, 'ann_home');
  await openChat(colleague.page, 'ann_work');
  return { ann, page: ann.page, friend, colleague };
}

const scopeOf = (page: Page, username: string) =>
  page.locator(`[data-testid="list-scope-account"][data-account="${username}"]`);
const namesInList = (page: Page) => page.getByTestId('conversation-name').allTextContents();

test('one list for two accounts on two servers: in one order, each row with its account, a click leads to the chat', async ({
  launchMagpie,
  startServer,
}) => {
  const { ann, page, friend, colleague } = await homeAndWork({ launchMagpie, startServer });

  // Both are the first of their server, so the two conversations have one and the same id.
  await send(friend.page, 'from home');
  await expect.poll(() => namesInList(page)).toEqual(['friend1', 'colleague']);
  await send(colleague.page, 'from work');
  await expect.poll(() => namesInList(page)).toEqual(['colleague', 'friend1']);
  await expect(row(page, 'friend1')).toHaveAccessibleName(/ann_home/u);
  await expect(row(page, 'colleague')).toHaveAccessibleName(/ann_work/u);
  await expect(page.getByTestId('rail-unread')).toHaveText('2');
  await expect(page).toHaveTitle('(2) Magpie');

  // Into the chat of the other account, and back: what is typed stays where it was typed.
  await openChat(page, 'colleague');
  await page.getByTestId('composer-input').fill('half a sentence for a colleague');
  await row(page, 'friend1').click();
  await expect(page.getByTestId('chat-title')).toHaveText('friend1');
  await expect(page.getByTestId('rail-me')).toHaveAccessibleName(/ann_home/u);
  await expectConversation(page, ['from home']);
  await expect(page.getByTestId('composer-input')).toHaveValue('');
  await page.getByTestId('composer-input').fill('and one for a friend');
  await expect.poll(() => namesInList(page)).toEqual(['colleague', 'friend1']);
  await expect(row(page, 'colleague')).toContainText('half a sentence for a colleague');
  await expect(page.getByTestId('rail-unread')).toHaveCount(0);

  // Rows of the account behind can be dealt with where they stand.
  await row(page, 'colleague').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Mark as unread' }).click();
  await expect(row(page, 'colleague')).toHaveAttribute('data-unread', '1');
  await expect(page.getByTestId('rail-me')).toHaveAccessibleName(/ann_home/u);
  await row(page, 'friend1').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Pin to top' }).click();
  await expect.poll(() => namesInList(page)).toEqual(['friend1', 'colleague']);
  await send(colleague.page, 'a second one');
  await expect(row(page, 'colleague')).toContainText('half a sentence');
  await expect.poll(() => namesInList(page)).toEqual(['friend1', 'colleague']);

  // With the keyboard, and nothing serious on the screen.
  await page.keyboard.press('Alt+ArrowDown');
  await expect(page.getByTestId('chat-title')).toContainText('colleague');
  await expectConversation(page, ['from work', 'a second one']);
  await expect(page.getByTestId('composer-input')).toHaveValue('half a sentence for a colleague');
  await send(page, 'to work');
  await expectConversation(colleague.page, ['from work', 'a second one', 'to work']);
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
  await page.keyboard.press('Alt+ArrowUp');
  await expect(page.getByTestId('composer-input')).toHaveValue('and one for a friend');

  // Contacts and groups are of one account: which one is said there, and the other one is a click away.
  await page.getByTestId('rail-contacts').click();
  await expect(scopeOf(page, 'ann_home')).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByTestId('contact-row')).toContainText(['friend1']);
  await scopeOf(page, 'ann_work').click();
  await expect(scopeOf(page, 'ann_work')).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByTestId('contact-row')).toContainText(['colleague']);
  await page.getByTestId('rail-groups').click();
  await expect(scopeOf(page, 'ann_work')).toHaveAttribute('aria-pressed', 'true');
  await scopeOf(page, 'ann_home').click();
  await expect(scopeOf(page, 'ann_home')).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByTestId('group-create')).toBeVisible();
  await page.getByTestId('rail-chats').click();

  // The choice of one account outlives a restart, and so does the way back to all.
  await scopeOf(page, 'ann_home').click();
  await expect.poll(() => namesInList(page)).toEqual(['friend1']);
  await ann.quit();
  await ann.relaunch();
  await expect.poll(() => namesInList(ann.page)).toEqual(['friend1']);
  await ann.page.getByTestId('list-scope-all').click();
  await expect.poll(() => namesInList(ann.page)).toEqual(['friend1', 'colleague']);
  await expect(row(ann.page, 'colleague')).toContainText('to work');
  for (const one of [ann, colleague, friend]) expect(one.problems()).toEqual([]);
});

test('what happens in an account behind says whose it is and leads there', async ({
  launchMagpie,
  startServer,
}) => {
  const world = { launchMagpie, startServer };
  const [home, work] = [await startServer(), await startServer()];
  const ann = await newcomer(world, home, 'ann_home');
  const { page } = ann;
  // Whoever wants to be a friend has to ask.
  await page.getByTestId('rail-settings').click();
  await page.getByTestId('profile-confirm').click();
  await addAccount(page, work, 'ann_work');

  const stranger = await newcomer(world, home, 'stranger1', 'ann_home');
  const toast = page.getByTestId('toast').filter({ hasText: 'ann_home' });
  await expect(toast).toBeVisible();
  await toast.getByRole('button', { name: 'View' }).click();
  await expect(page.getByTestId('rail-me')).toHaveAccessibleName(/ann_home/u);
  await expect(page.getByTestId('application-row')).toContainText('stranger1');

  // A session that ends behind: a line that names it, and the way to its form, where the reason is told.
  const elsewhere = await launchMagpie();
  await connectTo(elsewhere.page, work.origin);
  await signIn(elsewhere.page, 'ann_work');
  const ended = page.getByTestId('toast').filter({ hasText: 'ann_work' });
  await expect(ended).toBeVisible();
  await expect(switchTo(page, 'ann_work')).toHaveAttribute('data-state', 'signed-out');
  await ended.getByRole('button', { name: 'Switch' }).click();
  await expect(page.getByTestId('kicked-dialog')).toBeVisible();
  await page.getByTestId('kicked-dialog').getByRole('button').click();
  await expect(page.getByTestId('sign-in-username')).toHaveValue('ann_work');
  for (const one of [ann, stranger, elsewhere]) expect(one.problems()).toEqual([]);
});

test('two accounts in one app: both receive, one badge for both, each its own list', async ({
  launchMagpie,
  startServer,
}) => {
  const { ann, page, friend, colleague } = await homeAndWork({ launchMagpie, startServer });

  // The friend writes to the account behind: its badge and the title tell, and so does the list, until it is to show
  // one account alone.
  await send(friend.page, 'dinner tonight?');
  await expect(switchTo(page, 'ann_home')).toHaveAccessibleName(/1 unread/u);
  await expect.poll(() => page.title()).toBe('(1) Magpie');
  await expect(page.getByTestId('rail-unread')).toHaveText('1');
  await page.getByTestId('rail-chats').click();
  await expect(row(page, 'friend1')).toBeVisible();
  await scopeOf(page, 'ann_work').click();
  await expect(row(page, 'friend1')).toHaveCount(0);
  await expect(page.getByTestId('rail-unread')).toHaveCount(0);
  await openChat(page, 'colleague');
  await page.getByTestId('composer-input').fill('half a sentence for a colleague');

  await switchTo(page, 'ann_home').click();
  await expect(page.getByTestId('rail-me')).toHaveAccessibleName(/ann_home/u);
  await expectOnline(page);
  await expect(row(page, 'colleague')).toHaveCount(0);
  await openChat(page, 'friend1');
  await expectConversation(page, ['dinner tonight?']);
  await expect.poll(() => page.title()).toBe('Magpie');
  await send(page, 'gladly');
  await expectConversation(friend.page, ['dinner tonight?', 'gladly']);

  // The other one goes on receiving, and what was typed there is still there.
  await send(colleague.page, 'meeting at ten');
  await expect(switchTo(page, 'ann_work')).toHaveAccessibleName(/1 unread/u);
  // Nothing serious on the screen with the switcher, and it works from the keyboard.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
  await switchTo(page, 'ann_work').focus();
  await page.keyboard.press('Enter');
  await openChat(page, 'colleague');
  await expectConversation(page, ['meeting at ten']);
  await expect(page.getByTestId('composer-input')).toHaveValue('half a sentence for a colleague');

  // Both are there after a restart; one that is removed is not.
  await ann.quit();
  await ann.relaunch();
  await expect(ann.page.getByTestId('rail-me')).toHaveAccessibleName(/ann_work/u);
  await expect(switchTo(ann.page, 'ann_home')).toHaveAttribute('data-state', 'signed-in');
  await ann.page.getByTestId('rail-settings').click();
  await ann.page
    .getByTestId('account-entry')
    .filter({ hasText: 'ann_home' })
    .getByTestId('account-remove')
    .click();
  await ann.page.getByTestId('confirm-ok').click();
  await expect(ann.page.getByTestId('account-entry')).toHaveCount(1);
  await expect(switchTo(ann.page, 'ann_home')).toHaveCount(0);
  for (const one of [ann, colleague, friend]) expect(one.problems()).toEqual([]);
});

test('a guest becomes a user with all that is theirs, and a guest again', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const host = await newcomer({ launchMagpie, startServer }, server, 'host01');

  const guest = await launchMagpie();
  const { page } = guest;
  await connectTo(page, server.origin);
  await page.getByTestId('sign-in-guest').click();
  await expectOnline(page);
  await expect(page.getByTestId('rail-me')).toHaveAttribute('aria-label', /^VIS/u);
  const name = (await page.getByTestId('rail-me').getAttribute('aria-label'))?.split(' ')[0] ?? '';
  await guest.page.evaluate(async () => {
    const bridge = Reflect.get(window, 'magpie') as {
      invoke(channel: string, input: unknown): Promise<unknown>;
    };
    // A guest has no search: a link or a code would bring them here.
    await bridge.invoke('conversations:open-single', { accountId: 1 });
  });
  await row(page, 'host01').click();
  await send(page, 'hello from a guest');
  await openChat(host.page, name);
  await expectConversation(host.page, ['hello from a guest']);

  await page.getByTestId('guest-sign-in').click();
  await expect(page.getByTestId('sign-in-stay-guest')).toBeVisible();
  await page.getByTestId('sign-in-stay-guest').click();
  await expect(page.getByTestId('guest-sign-in')).toBeVisible();
  await page.getByTestId('guest-sign-in').click();
  await register(page, 'no_longer_guest');
  await expect(page.getByTestId('rail-me')).toHaveAccessibleName(/no_longer_guest/u);
  await expect(page.getByTestId('rail-contacts')).toBeVisible();
  await openChat(page, 'host01');
  await expectConversation(page, ['hello from a guest']);
  await send(page, 'now with a name');
  await expectConversation(host.page, ['hello from a guest', 'now with a name']);
  await expect(row(host.page, 'no_longer_guest')).toBeVisible();

  await page.getByTestId('rail-settings').click();
  await page.getByTestId('settings-sign-out').click();
  await page.getByTestId('sign-out-to-guest').click();
  await expect(page.getByTestId('guest-sign-in')).toBeVisible();
  await expectOnline(page);
  await openChat(page, 'host01');
  await expectConversation(page, ['hello from a guest', 'now with a name']);
  await page.getByTestId('guest-sign-in').click();
  await page.getByTestId('sign-in-username').fill('no_longer_guest');
  await page.getByTestId('sign-in-password').fill(PASSWORD);
  await page.getByTestId('sign-in-submit').click();
  await expect(page.getByTestId('rail-contacts')).toBeVisible();
  await openChat(page, 'host01');
  await expectConversation(page, ['hello from a guest', 'now with a name']);
  for (const one of [guest, host]) expect(one.problems()).toEqual([]);
});
