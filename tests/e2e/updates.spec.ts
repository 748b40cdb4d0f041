/** A newer version, from the server or from a feed of one's own, as the person in front of the window meets it. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { parseAdminCall, runAdminCall } from '../../server/admin/command-line.ts';
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { expect, test, type TestFixtures } from './fixtures.ts';
import { connectTo, PASSWORD, register } from './person.ts';

const NOTES = 'Faster.\n<b>Not markup.</b>';
const NAME = 'magpie-9.9.9.AppImage';

/** The file that this app believes to be: a script that notes its starts, as does every version after it. */
function installation() {
  const folder = temporaryFolder('appimage');
  const starts = join(folder, 'starts');
  writeFileSync(starts, '');
  const program = join(folder, 'Magpie.AppImage');
  const version = (name: string, after = 'exit 0') =>
    `#!/bin/sh\necho ${name} >> '${starts}'\n${after}\n# ${'x'.repeat(300_000)}\n`;
  writeFileSync(program, version('old'));
  chmodSync(program, 0o755);
  return {
    program,
    version,
    env: { APPIMAGE: program, XDG_CACHE_HOME: join(folder, 'cache') },
    installed: () => /echo (\w+)/.exec(readFileSync(program, 'utf8'))?.[1],
    starts: () => readFileSync(starts, 'utf8').trim().split('\n').filter(Boolean),
  };
}

function release(content: string, claimed = content): string {
  const folder = temporaryFolder('release');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, NAME), content);
  writeFileSync(
    join(folder, 'latest-linux.yml'),
    JSON.stringify({
      version: '9.9.9',
      files: [
        {
          url: NAME,
          sha512: createHash('sha512').update(claimed).digest('base64'),
          size: Buffer.byteLength(claimed),
        },
      ],
      releaseNotes: NOTES,
    }),
  );
  return folder;
}

/** A web server that hands out a folder, or lets the line break in the middle of the installer. */
async function feed(folder: string, { cut = false } = {}): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const name = (request.url ?? '').split(/[/?]/)[1] ?? '';
    let content: Buffer;
    try {
      content = readFileSync(join(folder, name));
    } catch {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-length': content.length });
    if (!cut || !name.endsWith('AppImage')) response.end(content);
    else response.write(content.subarray(0, content.length / 2), () => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** Ursula, signed in to a server of her own with the app of that installation. */
async function ursula({ launchMagpie, startServer }: TestFixtures, copy: ReturnType<typeof installation>) {
  const server = await startServer();
  const magpie = await launchMagpie({ env: copy.env });
  await connectTo(magpie.page, server.origin);
  await register(magpie.page, 'ursula');
  return { server, magpie, page: magpie.page };
}

async function toUpdates(page: Page): Promise<void> {
  await page.getByTestId('rail-settings').click();
  await page.getByTestId('updates-section').scrollIntoViewIfNeeded();
}

async function lookAt(page: Page, url: string): Promise<void> {
  await toUpdates(page);
  await page.getByTestId('update-source').locator('[data-value=own]').click();
  await page.getByTestId('update-address').fill(url);
  await page.getByTestId('update-check').click();
}

test.skip(process.platform !== 'linux', 'AppImages are of Linux');

test('a release of the chosen server is offered, fetched on a yes, and started after a restart', async ({
  launchMagpie,
  startServer,
}) => {
  const copy = installation();
  const { server, magpie, page } = await ursula({ launchMagpie, startServer }, copy);
  const { app, profileDir } = magpie;
  await toUpdates(page);
  await page.getByTestId('update-check').click();
  await expect(page.getByTestId('update-summary')).toContainText('no releases');

  const trial = join(profileDir, 'updates/trial.json');
  const folder = release(copy.version('new', `rm -f '${trial}'`));
  const call = parseAdminCall(['publish-update', folder, '--data', server.dataFolder], {});
  expect(await runAdminCall(call)).toMatchObject({ ok: true });
  await page.getByTestId('update-check').click();
  // It is not signed: nothing is fetched before the person wants it.
  await expect(page.getByTestId('update-summary')).toContainText('9.9.9 is available');
  await expect(page.getByTestId('update-notes-text')).toHaveText(NOTES);
  await expect(page.getByTestId('update-notes-text').locator('b')).toHaveCount(0);
  await page.getByTestId('update-download').click();
  await expect(page.getByTestId('update-restart')).toBeVisible();
  expect(copy.installed()).toBe('old');

  const ended = app.waitForEvent('close');
  await page.getByTestId('update-restart').click();
  await ended;
  await expect.poll(() => copy.starts(), { timeout: 60_000 }).toEqual(['new']);
  expect(copy.installed()).toBe('new');
});

test('later means with the next start, and while something is being sent it asks first', async ({
  launchMagpie,
  startServer,
}) => {
  const copy = installation();
  const { server, magpie, page } = await ursula({ launchMagpie, startServer }, copy);
  await new PlainClient(server.origin).register('viktor', PASSWORD);
  await page.getByTestId('rail-contacts').click();
  await page.getByTestId('contact-search').fill('viktor');
  await page.getByTestId('contact-add').first().click();
  await page.getByTestId('confirm-ok').click();
  await page.getByTestId('rail-chats').click();
  await page.getByTestId('conversation-row').first().click();
  const { url, server: files } = await feed(release(copy.version('new')));
  await lookAt(page, url);
  await expect(page.getByTestId('update-status')).toHaveAttribute('data-phase', 'ready');

  await server.stop();
  await page.getByTestId('rail-chats').click();
  await page.getByTestId('conversation-row').first().click();
  await page.getByTestId('composer-input').fill('still on its way');
  await page.getByTestId('composer-input').press('Enter');
  await page.getByTestId('update-restart').click();
  await expect(page.getByTestId('confirm-dialog')).toContainText('One message is on its way');
  await page.getByTestId('confirm-cancel').click();
  expect(copy.installed()).toBe('old');
  await page.getByTestId('update-later').click();
  await expect(page.getByTestId('update-restart')).toHaveCount(0);
  await magpie.quit();
  await expect.poll(copy.installed).toBe('new');
  expect(copy.starts()).toEqual([]);
  files.close();
});

test('what arrives damaged, cut off or not at all is refused, and this version keeps running', async ({
  launchMagpie,
  startServer,
}) => {
  const copy = installation();
  const { page } = await ursula({ launchMagpie, startServer }, copy);
  const good = copy.version('new');
  const problem = page.getByTestId('update-problem');
  for (const [folder, cut, text] of [
    [release(good.replace('new', 'bad'), good), false, 'damaged'],
    [release(good.slice(0, 1000), good), false, 'damaged'],
    [release(good), true, /no answer|failed/],
    [temporaryFolder('nothing'), false, 'no answer'],
  ] as const) {
    const { url, server: files } = await feed(folder, { cut });
    await lookAt(page, url);
    await expect(problem).toContainText(text);
    await expect(page.getByTestId('update-status')).not.toHaveAttribute('data-phase', 'ready');
    files.close();
    files.closeAllConnections();
  }
  expect(copy.installed()).toBe('old');
  await expect(page.getByTestId('connection-status')).toHaveAttribute('data-state', 'online');
});

test('a version that does not start is taken back, and the person reads it', async ({
  launchMagpie,
  startServer,
}) => {
  const copy = installation();
  const { magpie } = await ursula({ launchMagpie, startServer }, copy);
  const { url, server: files } = await feed(release(copy.version('broken', 'exit 1')));
  await lookAt(magpie.page, url);
  const ended = magpie.app.waitForEvent('close');
  await magpie.page.getByTestId('update-restart').click();
  await ended;
  await expect.poll(() => copy.starts(), { timeout: 60_000 }).toEqual(['broken', 'broken', 'old']);
  expect(copy.installed()).toBe('old');

  await magpie.relaunch();
  await expect(magpie.page.getByTestId('toast').filter({ hasText: '9.9.9 did not start' })).toBeVisible();
  await toUpdates(magpie.page);
  await magpie.page.getByTestId('update-check').click();
  // Offered, but never by itself again.
  await expect(magpie.page.getByTestId('update-problem')).toContainText('did not start');
  await expect(magpie.page.getByTestId('update-download')).toBeVisible();
  expect(copy.installed()).toBe('old');
  files.close();
});
