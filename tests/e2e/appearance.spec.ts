/** Language, theme and size follow the person and stay. */
import { expect, test } from './fixtures.ts';
import { connectTo, expectOnline, register } from './person.ts';

test('language and theme change at once and survive a restart', async ({ launchMagpie, startServer }) => {
  const server = await startServer();
  const magpie = await launchMagpie();
  await connectTo(magpie.page, server.origin);
  await register(magpie.page, 'designer');
  await magpie.page.getByTestId('rail-settings').click();

  await magpie.page.getByTestId('settings-language').getByText('简体中文').click();
  await expect(magpie.page.getByTestId('settings-sign-out')).toContainText('退出登录');
  await magpie.page.getByTestId('settings-theme').getByText('深色').click();
  const ground = () => magpie.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await expect.poll(ground).toBe('rgb(17, 19, 21)');

  await magpie.quit();
  await magpie.relaunch();
  await expectOnline(magpie.page);
  await expect.poll(ground).toBe('rgb(17, 19, 21)');
  await magpie.page.getByTestId('rail-settings').click();
  await expect(magpie.page.getByTestId('settings-sign-out')).toContainText('退出登录');

  await magpie.page.getByTestId('settings-language').getByText('English').click();
  await expect(magpie.page.getByTestId('settings-sign-out')).toContainText('Sign out');
  await magpie.page.getByTestId('settings-sign-out').click();
  await magpie.page.getByTestId('confirm-ok').click();
  await expect(magpie.page.getByTestId('sign-in-form')).toBeVisible();
  expect(magpie.problems()).toEqual([]);
});
