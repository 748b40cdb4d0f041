/** `magpie://` links, as the system hands them over: to a running app, to a stopped one, and broken ones. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { windowsSeen } from '../helpers/desktop/x11.ts';
import { expectOnline } from './person.ts';
import { expect, test } from './desktop-world.ts';

const run = promisify(execFile);

test('a link leads a running app to the person it names', async ({ world, desktop }) => {
  const { magpie } = world;
  const window = windowsSeen(desktop.env, () => magpie.app.process().pid ?? 0);
  const { account } = await world.friend('ann_link');
  await magpie.window.minimize();
  await expect.poll(window.isShown).toBe(false);
  const second = await magpie.startAgain([`magpie://person/${account.id}?name=ann_link`]);
  expect(second.code).toBe(0);
  await expect.poll(window.isShown).toBe(true);
  await expect(magpie.page.getByRole('dialog')).toContainText('ann_link');
});

test('what is no link of ours is said to be none, and does nothing', async ({ world }) => {
  const { magpie } = world;
  expect((await magpie.startAgain(['magpie://nonsense/1'])).code).toBe(0);
  await expect(magpie.page.getByText('Magpie does not understand this link.')).toBeVisible();
  expect(magpie.problems()).toEqual([]);
});

test('through the system: xdg-open finds the app by its desktop file', async ({ world, desktop }) => {
  const { magpie } = world;
  const { account } = await world.friend('ann_xdg');
  const home = await mkdtemp(join(tmpdir(), 'magpie-xdg-'));
  try {
    const applications = join(home, 'applications');
    await mkdir(applications, { recursive: true });
    const starter = join(home, 'start');
    const { program, args } = magpie.command;
    await writeFile(
      starter,
      `#!/bin/sh\nexec ${[program, ...args].map((one) => `'${one}'`).join(' ')} "$@"\n`,
    );
    await chmod(starter, 0o755);
    await writeFile(
      join(applications, 'magpie.desktop'),
      `[Desktop Entry]\nType=Application\nName=Magpie\nExec=${starter} %u\nMimeType=x-scheme-handler/magpie;\n`,
    );
    await writeFile(
      join(applications, 'mimeapps.list'),
      '[Default Applications]\nx-scheme-handler/magpie=magpie.desktop\n',
    );
    const env = { ...desktop.env, XDG_DATA_HOME: home, XDG_CONFIG_HOME: join(home, 'config') };
    await run('update-desktop-database', [applications], { env });
    await run('xdg-open', [`magpie://person/${account.id}?name=ann_xdg`], { env });
    await expect(magpie.page.getByRole('dialog')).toContainText('ann_xdg');
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

test('a link starts the app, which follows it as soon as somebody is there', async ({
  world,
  launchMagpie,
}) => {
  const { magpie } = world;
  const { account } = await world.friend('ann_cold');
  await magpie.quit();
  const again = await launchMagpie({
    profile: magpie.profileDir,
    args: [`magpie://person/${account.id}?name=ann_cold`],
  });
  await expectOnline(again.page);
  await expect(again.page.getByRole('dialog')).toContainText('ann_cold');
});
