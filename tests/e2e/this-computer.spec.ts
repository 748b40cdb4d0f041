/** The server inside the app: one click, and it survives what servers suffer. */
import { expect, test } from './fixtures.ts';
import { expectOnline, register } from './person.ts';

test('use this computer: a server starts inside the app, and a restart signs in by itself', async ({
  launchMagpie,
}) => {
  const magpie = await launchMagpie();
  await magpie.page.getByTestId('welcome-use-this-computer').click();
  await expect(magpie.page.getByTestId('sign-in-form')).toBeVisible({ timeout: 60_000 });
  await register(magpie.page, 'home_owner');
  await magpie.quit();
  await magpie.relaunch();
  await expectOnline(magpie.page);
  await expect(magpie.page.getByTestId('rail-me')).toHaveAttribute('aria-label', /home_owner/);
  expect(magpie.problems()).toEqual([]);
});

test('a killed built-in server comes back and the app reconnects', async ({ launchMagpie }) => {
  const magpie = await launchMagpie();
  await magpie.page.getByTestId('welcome-use-this-computer').click();
  await register(magpie.page, 'home_owner');
  const killed = await magpie.app.evaluate(({ app }) => {
    const server = app
      .getAppMetrics()
      .find((process) => process.serviceName === 'magpie-server' || process.name === 'magpie-server');
    if (server === undefined) return false;
    process.kill(server.pid, 'SIGKILL');
    return true;
  });
  expect(killed).toBe(true);
  await expect(magpie.page.getByTestId('connection-status')).not.toHaveAttribute('data-state', 'online');
  await expectOnline(magpie.page);
});
