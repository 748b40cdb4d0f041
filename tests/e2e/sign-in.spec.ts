/** Every way in that fails says why, in the server's or our own words, and keeps what was typed. */
import { createServer } from 'node:http';
import { expect, test } from './fixtures.ts';
import {
  connectTo,
  expectOnline,
  openChat,
  addContact,
  PASSWORD,
  register,
  row,
  send,
  signIn,
} from './person.ts';

test('an address where nobody answers, and one where something else lives', async ({ launchMagpie }) => {
  const stranger = createServer((_request, response) => response.end('<h1>hello</h1>'));
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  const address = stranger.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  try {
    const { page } = await launchMagpie();
    const field = page.getByTestId('welcome-server-url');
    await field.fill(`127.0.0.1:${address.port}`);
    await page.getByTestId('welcome-connect').click();
    await expect(page.getByText('it is not a chat server')).toBeVisible();
    await expect(field).toHaveValue(`127.0.0.1:${address.port}`);

    // Whoever knows what is there can say so; only what the app really speaks is offered.
    const dialect = page.getByTestId('welcome-dialect');
    await expect(dialect.getByRole('radio')).toHaveText(['Detect', 'egg-im']);
    await expect(dialect.getByRole('radio', { name: 'Detect' })).toBeChecked();
    await dialect.getByRole('radio', { name: 'egg-im' }).click();
    await page.getByTestId('welcome-connect').click();
    await expect(page.getByTestId('sign-in-form')).toBeVisible();
    await page.getByRole('button', { name: 'Change server' }).click();

    await field.fill('http://127.0.0.1:1');
    await page.getByTestId('welcome-connect').click();
    await expect(page.getByText(/cannot be reached|does not answer|No answer/i)).toBeVisible();

    await field.fill('http://exa mple');
    await page.getByTestId('welcome-connect').click();
    await expect(field).toHaveAttribute('aria-invalid', 'true');
  } finally {
    stranger.close();
  }
});

test('taken name, wrong password, unknown account', async ({ launchMagpie, startServer }) => {
  const server = await startServer();
  const first = await launchMagpie();
  await connectTo(first.page, server.origin);
  await register(first.page, 'taken_name');

  const magpie = await launchMagpie();
  const { page } = magpie;
  await connectTo(page, server.origin);
  await page.getByTestId('sign-in-toggle').click();
  await page.getByTestId('sign-in-username').fill('taken_name');
  await page.getByTestId('sign-in-password').fill(PASSWORD);
  await page.getByTestId('sign-in-submit').click();
  // Without the tick nothing is sent.
  await expect(page.getByTestId('sign-in-agree-hint')).toBeVisible();
  await page.getByTestId('sign-in-agree').click();
  await page.getByTestId('sign-in-submit').click();
  await expect(page.getByTestId('sign-in-error')).toContainText('该账号已存在，请换一个账号注册');
  await expect(page.getByTestId('sign-in-username')).toHaveValue('taken_name');

  await page.getByTestId('sign-in-toggle').click();
  await expect(page.getByTestId('sign-in-username')).toHaveValue('');
  await signIn(page, 'taken_name', 'not-the-password');
  await expect(page.getByTestId('sign-in-error')).toContainText('账户或密码错误');
  await signIn(page, 'nobody_here', PASSWORD);
  await expect(page.getByTestId('sign-in-error')).toContainText('账号不存在或者被禁用');

  await page.getByTestId('sign-in-password').fill('short');
  await expect(page.getByTestId('sign-in-submit')).toBeDisabled();
  expect(magpie.problems()).toEqual([]);
});

test('the server goes away while signing in', async ({ launchMagpie, startServer }) => {
  const server = await startServer();
  const { page } = await launchMagpie();
  await connectTo(page, server.origin);
  await server.kill();
  await signIn(page, 'somebody', PASSWORD);
  await expect(page.getByTestId('sign-in-error')).toContainText(/reach|连接|连不上/);
  await expect(page.getByTestId('sign-in-password')).toHaveValue(PASSWORD);
});

test('a second sign-in elsewhere ends this session with an explanation and keeps what was typed', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const home = await launchMagpie();
  await connectTo(home.page, server.origin);
  await register(home.page, 'wanderer');
  const friend = await launchMagpie();
  await connectTo(friend.page, server.origin);
  await register(friend.page, 'old_friend');
  await addContact(home.page, 'old_friend');
  await openChat(home.page, 'old_friend');
  await send(home.page, 'from home');
  await home.page.getByTestId('composer-input').fill('unfinished');

  const office = await launchMagpie();
  await connectTo(office.page, server.origin);
  await signIn(office.page, 'wanderer');
  await expectOnline(office.page);

  const dialog = home.page.getByTestId('kicked-dialog');
  await expect(dialog.getByRole('button')).toHaveCount(1);
  await dialog.getByRole('button').click();
  // A guest of its own stands in: an empty window, with the way back, and nothing of the user's in sight.
  await expect(home.page.getByTestId('guest-sign-in')).toBeVisible();
  await expectOnline(home.page);
  await expect(row(home.page, 'old_friend')).toHaveCount(0);
  await home.page.getByTestId('guest-sign-in').click();
  await expect(home.page.getByTestId('sign-in-username')).toHaveValue('wanderer');
  // The other device stays online: the two do not chase each other.
  await expectOnline(office.page);

  await home.page.getByTestId('sign-in-password').fill(PASSWORD);
  await home.page.getByTestId('sign-in-submit').click();
  await expectOnline(home.page);
  await openChat(home.page, 'old_friend');
  await expect(home.page.getByTestId('composer-input')).toHaveValue('unfinished');
  await expect(home.page.getByTestId('message-text').getByText('from home')).toBeVisible();
  await expect(office.page.getByTestId('kicked-dialog')).toBeVisible();
  expect(home.problems()).toEqual([]);
});

test('a guest gets a usable window, and the same account after a restart', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const guest = await launchMagpie();
  await connectTo(guest.page, server.origin);
  await guest.page.getByTestId('sign-in-guest').click();
  await expectOnline(guest.page);
  await expect(guest.page.getByTestId('rail-me')).toHaveAttribute('aria-label', /VIS/u);
  const name = (await guest.page.getByTestId('rail-me').getAttribute('aria-label')) ?? '';
  await guest.quit();
  await guest.relaunch();
  await expectOnline(guest.page);
  await expect(guest.page.getByTestId('rail-me')).toHaveAttribute('aria-label', name);
});
