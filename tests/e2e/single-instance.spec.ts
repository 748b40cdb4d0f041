/** One profile, one app: a second start leads to the window of the first. */
import { windowsSeen } from '../helpers/desktop/x11.ts';
import { expect, test, type DesktopSession, type MagpieProcess } from './fixtures.ts';

test.skip(process.platform !== 'linux', 'observed on X11');

const seen = (desktop: DesktopSession, magpie: MagpieProcess) =>
  windowsSeen(desktop.env, () => magpie.app.process().pid ?? 0);

test('a second start brings the running window to the front, says why, and ends well', async ({
  launchMagpie,
  desktop,
}) => {
  const magpie = await launchMagpie();
  const window = seen(desktop, magpie);
  await expect(magpie.page.getByTestId('welcome-connect')).toBeVisible();
  await magpie.window.minimize();
  await expect.poll(window.isShown).toBe(false);

  const second = await magpie.startAgain();
  expect(second).toMatchObject({ code: 0, signal: null });
  expect(second.stderr).toContain(`Magpie runs already with the profile ${magpie.profileDir}`);
  await expect.poll(window.isShown).toBe(true);
  await expect.poll(window.isFocused).toBe(true);
  await expect.poll(window.count).toBe(1);
  expect(magpie.problems()).toEqual([]);
});

test('--hidden starts without a window to see, and the next start shows it', async ({
  launchMagpie,
  desktop,
}) => {
  const magpie = await launchMagpie({ args: ['--hidden'] });
  const window = seen(desktop, magpie);
  await expect(magpie.page.getByTestId('welcome-connect')).toBeAttached();
  expect(await window.isShown()).toBe(false);
  // Started by the system once more, as at a second sign-in to it.
  expect((await magpie.startAgain(['--hidden'])).code).toBe(0);
  expect(await window.isShown()).toBe(false);

  expect((await magpie.startAgain()).code).toBe(0);
  await expect.poll(window.isShown).toBe(true);
  await expect.poll(window.isFocused).toBe(true);
  await expect.poll(window.count).toBe(1);
});
