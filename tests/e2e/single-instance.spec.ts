/** One profile, one app: a second start leads to the window of the first. */
import { expect, test } from './fixtures.ts';

test('a second start brings the running window to the front, says why, and ends well', async ({
  launchMagpie,
}) => {
  const magpie = await launchMagpie();
  await expect(magpie.page.getByTestId('welcome-connect')).toBeVisible();
  await magpie.window.minimize();
  await expect.poll(magpie.window.isShown).toBe(false);

  const second = await magpie.startAgain();
  expect(second).toMatchObject({ code: 0, signal: null });
  expect(second.stderr).toContain(`Magpie runs already with the profile ${magpie.profileDir}`);
  await expect.poll(magpie.window.isShown).toBe(true);
  await expect.poll(magpie.window.isFocused).toBe(true);
  await expect.poll(() => magpie.window.count()).toBe(1);
  expect(magpie.problems()).toEqual([]);
});

test('--hidden starts without a window to see, and the next start shows it', async ({ launchMagpie }) => {
  const magpie = await launchMagpie({ args: ['--hidden'] });
  await expect(magpie.page.getByTestId('welcome-connect')).toBeAttached();
  expect(await magpie.window.isShown()).toBe(false);
  // Started by the system once more, as at a second sign-in to it.
  expect((await magpie.startAgain(['--hidden'])).code).toBe(0);
  expect(await magpie.window.isShown()).toBe(false);

  expect((await magpie.startAgain()).code).toBe(0);
  await expect.poll(magpie.window.isShown).toBe(true);
  await expect.poll(magpie.window.isFocused).toBe(true);
  await expect.poll(() => magpie.window.count()).toBe(1);
});
