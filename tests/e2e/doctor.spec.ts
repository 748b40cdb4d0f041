/** The connection doctor and the page of diagnostics, as somebody in trouble finds them. */
import { createServer, type Server } from 'node:http';
import { expectAccessible } from './accessible.ts';
import { expect, test } from './fixtures.ts';
import { choose } from './menu-bar.ts';
import { connectTo, expectOnline, register } from './person.ts';

async function portalAt(port: number): Promise<Server> {
  const portal = createServer((_request, response) =>
    response.writeHead(302, { location: 'http://login.hotel.test/' }).end(),
  );
  portal.on('upgrade', (_request, socket) => {
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 302 Found\r\nlocation: http://login.hotel.test/\r\ncontent-length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve) => portal.listen(port, '127.0.0.1', resolve));
  return portal;
}

test('the server goes: the banner leads to the doctor, who names what is in the way and what to do', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const magpie = await launchMagpie();
  const { page } = magpie;
  await connectTo(page, server.origin);
  await register(page, 'ann_ill');
  await server.stop();

  const status = page.getByTestId('connection-status');
  await status.getByTestId('connection-doctor').click();
  const dialog = page.getByTestId('doctor-dialog');
  const step = (name: string) => dialog.getByTestId(`doctor-${name}`);
  await expect(step('line')).toHaveAttribute('data-finding', 'line-refused');
  await expect(step('line')).toContainText('nothing listens at this port');
  await expect(step('line')).toContainText('ask your administrator whether the server runs');
  await expect(step('socket')).toHaveAttribute('data-state', 'skipped');
  await expect(dialog.getByTestId('doctor-summary')).toHaveText('One thing is in the way.');
  await expectAccessible(page, 'connection doctor');

  const report = await magpie.copied(() => dialog.getByTestId('doctor-copy').click());
  expect(report).toContain(server.origin);
  expect(report).toContain('nothing listens at this port');
  for (const secret of ['ann_ill', 'token']) expect(report).not.toContain(secret);

  // A network that wants a sign-in first takes the server's place.
  const portal = await portalAt(Number(new URL(server.origin).port));
  try {
    await dialog.getByTestId('doctor-again').click();
    await expect(step('server')).toHaveAttribute('data-finding', 'captive-portal');
    await page.keyboard.press('Escape');
    await expect(status).toContainText('This network wants you to sign in first', { timeout: 90_000 });
    await page.getByTestId('connection-details').click();
    await expect(page.getByTestId('portal-dialog')).toContainText(server.origin);
    await expectAccessible(page, 'captive portal');
  } finally {
    portal.closeAllConnections();
    await new Promise((resolve) => portal.close(resolve));
  }
  await server.restart();
  await page.getByTestId('portal-retry').click();
  await expectOnline(page);

  await page.getByTestId('rail-settings').click();
  await page.getByTestId('settings-doctor').click();
  await expect(dialog.getByTestId('doctor-summary')).toHaveText('Everything is in order.');
  await expect(step('sign-in')).toHaveAttribute('data-finding', 'sign-in-ok');
  await expect(step('socket')).toHaveAttribute('data-finding', 'socket-online');
  expect(magpie.problems()).toEqual([]);
});

test('diagnostics: what this run is and went through, also a crash, and nothing of what people wrote', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const magpie = await launchMagpie();
  await connectTo(magpie.page, server.origin);
  await register(magpie.page, 'ann_well');

  const open = async () => {
    await magpie.page.getByTestId('rail-settings').click();
    await magpie.page.getByTestId('settings-diagnostics').click();
    const dialog = magpie.page.getByTestId('diagnostics-dialog');
    await expect(dialog.getByTestId('diagnostics-memory')).toContainText(/\d+ MB in \d+ processes/u);
    return dialog;
  };
  const dialog = await open();
  await expect(dialog.getByTestId('diagnostics-runtime')).toContainText(/Electron \d+\.\d+/u);
  await expect(dialog.getByTestId('diagnostics-event-loop')).toContainText(
    /^\d+(\.\d)? ms on average, \d+(\.\d)? ms at most in 99 of 100, \d+(\.\d)? ms at worst$/u,
  );
  await expect(dialog.getByTestId('diagnostics-databases')).toContainText(/: \d/u);
  await expect(dialog.getByTestId('diagnostics-connections').locator('li').first()).toContainText(
    'Connected',
  );
  await expect(dialog.getByTestId('diagnostics-crashes')).toHaveText('none');
  await expectAccessible(magpie.page, 'diagnostics');
  const report = await magpie.copied(() => dialog.getByTestId('diagnostics-copy').click());
  expect(report).toContain('Electron');
  for (const secret of ['ann_well', 'token']) expect(report).not.toContain(secret);

  // A process of the page dies, as it would by a fault of Chromium: its report stays on this computer.
  await magpie.app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    void window?.webContents.loadURL('chrome://crash').catch(() => undefined);
  });
  await magpie.relaunch();
  await expectOnline(magpie.page);
  await expect((await open()).getByTestId('diagnostics-crashes')).toContainText(/\d{1,2}:\d{2}/u);
});

test('help is in the menu bar: before there is a server, at the sign-in that fails, and among the chats', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const magpie = await launchMagpie();
  const { page } = magpie;
  const doctor = page.getByTestId('doctor-dialog');
  const examine = () => choose(magpie, 'Help', 'Check the Connection…');

  await expect(page.getByTestId('welcome-connect')).toBeVisible();
  await examine();
  await expect(doctor.getByTestId('doctor-summary')).toHaveText(
    'No server is chosen yet, so there is no way to look at.',
  );
  await page.keyboard.press('Escape');
  await expect(doctor).toBeHidden();

  await connectTo(page, server.origin);
  await expect(page.getByTestId('sign-in-form')).toBeVisible();
  await server.stop();
  await examine();
  await expect(doctor.getByTestId('doctor-line')).toHaveAttribute('data-finding', 'line-refused');
  await page.keyboard.press('Escape');
  await server.restart();

  await register(page, 'ann_help');
  await expectOnline(page);
  await examine();
  await expect(doctor.getByTestId('doctor-summary')).toHaveText('Everything is in order.');
  await page.keyboard.press('Escape');
  await choose(magpie, 'Help', 'Diagnostics…');
  await expect(page.getByTestId('diagnostics-dialog').getByTestId('diagnostics-versions')).toContainText(
    'Magpie',
  );
});
