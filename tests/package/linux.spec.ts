import { expect as expectValue, test as base } from '@playwright/test';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '../e2e/fixtures.ts';
import { addContact, connectTo, expectConversation, openChat, register, row, send } from '../e2e/person.ts';
import { parseAdminCall, runAdminCall } from '../../server/admin/command-line.ts';
import { listWindows } from '../helpers/desktop/x11.ts';
import { endProcess } from '../helpers/end-process.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { artefact, dist, killOne, PackagedMagpie, processesOf } from './packaged-magpie.ts';

const run = promisify(execFile);
const unpacked = join(dist, 'linux-unpacked');
const installed = '/opt/Magpie/magpie';

base.describe('the packages for Linux', () => {
  base('have the fuses of an app that nothing but its own code runs in', async () => {
    const fuses = await getCurrentFuseWire(join(unpacked, 'magpie'));
    const on = (fuse: FuseV1Options) => fuses[fuse] === '1'.charCodeAt(0);
    expectValue({
      runAsNode: on(FuseV1Options.RunAsNode),
      cookieEncryption: on(FuseV1Options.EnableCookieEncryption),
      nodeOptions: on(FuseV1Options.EnableNodeOptionsEnvironmentVariable),
      inspect: on(FuseV1Options.EnableNodeCliInspectArguments),
      integrity: on(FuseV1Options.EnableEmbeddedAsarIntegrityValidation),
      asarOnly: on(FuseV1Options.OnlyLoadAppFromAsar),
      fileProtocol: on(FuseV1Options.GrantFileProtocolExtraPrivileges),
    }).toEqual({
      runAsNode: false,
      cookieEncryption: true,
      nodeOptions: false,
      inspect: false,
      integrity: true,
      asarOnly: true,
      fileProtocol: false,
    });
  });

  base('hold the app and nothing that only builds or tests it', async () => {
    const resources = await readdir(join(unpacked, 'resources'));
    expectValue(resources).toContain('app.asar');
    expectValue(resources).not.toContain('default_app.asar');
    const { stdout } = await run('node', [
      resolve(import.meta.dirname, '../../node_modules/@electron/asar/bin/asar.js'),
      'list',
      join(unpacked, 'resources/app.asar'),
    ]).catch(() => run('npx', ['--no-install', 'asar', 'list', join(unpacked, 'resources/app.asar')]));
    const files = stdout.split('\n');
    expectValue(files).toContain('/out/main/index.js');
    expectValue(files).toContain('/out/main/server.js');
    // Every file that main names beside itself is there: without them there would be no tray icon, for one.
    const main = await readFile(resolve(import.meta.dirname, '../../out/main/index.js'), 'utf8');
    const named = [
      ...main.matchAll(/import\.meta\.dirname,\s*["'`]\.\.\/\.\.(\/resources\/[^"'`]+)["'`]/gu),
    ].map(([, file]) => file);
    expectValue(named.length).toBeGreaterThan(10);
    for (const file of named) expectValue(files).toContain(file);
    const strangers = files.filter((file) =>
      /^\/(?:src|tests|scripts|electron|server|docs|packaging)\/|^\/node_modules\/(?:vite|vitest|electron|typescript|esbuild)\//.test(
        file,
      ),
    );
    expectValue(strangers).toEqual([]);
  });

  base('come with checksums that are right and a list of their parts', async () => {
    await run('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS.txt'], { cwd: dist });
    const sums = await readFile(join(dist, 'SHA256SUMS.txt'), 'utf8');
    for (const ending of ['deb', 'rpm', 'AppImage', 'cdx.json']) {
      expectValue(sums).toContain(basename(artefact(ending)));
    }
    const parts = JSON.parse(await readFile(artefact('cdx.json'), 'utf8')) as {
      components: { name: string }[];
    };
    expectValue(parts.components.map(({ name }) => name)).toEqual(
      expectValue.arrayContaining(['libsql', 'ws', 'fastify']),
    );
  });

  base('the rpm says what it needs and holds the program', async () => {
    const { stdout } = await run('rpm', ['-qp', '--list', '--requires', artefact('rpm')]);
    expectValue(stdout).toContain(installed);
    expectValue(stdout).toContain('/usr/share/applications/magpie.desktop');
    expectValue(stdout).toContain('gtk3');
  });
});

test('the deb is installed, chats with a development build as an ordinary user in the sandbox, and goes without a trace', async ({
  desktop,
  launchMagpie,
  startServer,
}) => {
  test.skip(process.getuid?.() !== 0, 'needs root to install a package');
  // As people do it: what it needs comes with it.
  await run('apt-get', ['install', '--yes', '--no-install-recommends', artefact('deb')], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  try {
    await run('desktop-file-validate', ['/usr/share/applications/magpie.desktop']);
    const { stdout: handler } = await run('xdg-mime', ['query', 'default', 'x-scheme-handler/magpie']);
    expect(handler.trim()).toBe('magpie.desktop');

    const server = await startServer();
    const packaged = await PackagedMagpie.launch(installed, desktop);
    try {
      const developed = await launchMagpie();
      for (const [page, name] of [
        [packaged.page, 'paula'],
        [developed.page, 'dorian'],
      ] as const) {
        await connectTo(page, server.origin);
        await register(page, name);
      }
      expect(await sandboxOfRenderers(packaged.home)).toEqual(['2']);

      await addContact(packaged.page, 'dorian');
      await packaged.page.getByTestId('rail-chats').click();
      await expect(row(packaged.page, 'dorian')).toBeVisible();
      await expect(row(developed.page, 'paula')).toBeVisible();
      await openChat(packaged.page, 'dorian');
      await send(packaged.page, 'from the package');
      await openChat(developed.page, 'paula');
      await send(developed.page, 'from the workshop');
      for (const { page } of [packaged, developed])
        await expectConversation(page, ['from the package', 'from the workshop']);

      // A package of the system only tells of a newer version: it asks for no password by itself.
      await publishDeb(server.dataFolder);
      await packaged.page.getByTestId('rail-settings').click();
      await packaged.page.getByTestId('update-check').click();
      await expect(packaged.page.getByTestId('update-summary')).toContainText('99.0.0 is available');
      await expect(packaged.page.getByTestId('update-summary')).toContainText('system package');
      await expect(packaged.page.getByTestId('update-download')).toHaveText('Install as administrator');
      await expect(packaged.page.getByTestId('update-restart')).toHaveCount(0);
    } finally {
      await packaged.dispose();
    }
  } finally {
    await run('dpkg', ['--purge', 'magpie']);
  }
  expect(existsSync('/opt/Magpie')).toBe(false);
  expect(existsSync('/usr/share/applications/magpie.desktop')).toBe(false);
});

test('the rpm is installed into a root of its own, starts from there as an ordinary user in the sandbox, and goes without a trace', async ({
  desktop,
}) => {
  test.skip(process.getuid?.() !== 0, 'needs root to install a package');
  const root = temporaryFolder('fedora');
  await mkdir(root, { recursive: true });
  await chmod(root, 0o755);
  // Its scripts call programs of the system that it is for, which is not here.
  const rpm = (...args: string[]) => run('rpm', ['--root', root, '--nodeps', '--noscripts', ...args]);
  try {
    await rpm('--ignorearch', '--install', artefact('rpm'));
    // Every file is there, with the sum, owner and mode that the package says.
    await rpm('--verify', 'magpie');
    await run('desktop-file-validate', [join(root, 'usr/share/applications/magpie.desktop')]);
    const packaged = await PackagedMagpie.launch(join(root, installed), desktop);
    try {
      await packaged.page.getByTestId('welcome-use-this-computer').click();
      await expect(packaged.page.getByTestId('sign-in-form')).toBeVisible({ timeout: 30_000 });
      expect(await sandboxOfRenderers(packaged.home)).toEqual(['2']);
    } finally {
      await packaged.dispose();
    }
    await rpm('--erase', 'magpie');
    expect(existsSync(join(root, 'opt/Magpie'))).toBe(false);
    expect(existsSync(join(root, 'usr/share/applications/magpie.desktop'))).toBe(false);
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
});

test('the AppImage starts for an ordinary user and brings up its own server', async ({ desktop }) => {
  test.skip(process.getuid?.() !== 0, 'needs root to become an ordinary user');
  const packaged = await PackagedMagpie.launch(artefact('AppImage'), desktop);
  try {
    await packaged.page.getByTestId('welcome-use-this-computer').click();
    await expect(packaged.page.getByTestId('sign-in-form')).toBeVisible({ timeout: 30_000 });
    await register(packaged.page, 'anna');
  } finally {
    await packaged.dispose();
  }
});

/** A release for the server, of which nothing will be fetched. */
async function publishDeb(dataFolder: string): Promise<void> {
  const folder = temporaryFolder('deb-release');
  await mkdir(folder, { recursive: true });
  const content = 'a package';
  await writeFile(join(folder, 'magpie.deb'), content);
  const sha512 = createHash('sha512').update(content).digest('base64');
  await writeFile(
    join(folder, 'latest-linux.yml'),
    `version: 99.0.0\nfiles:\n  - url: magpie.deb\n    sha512: ${sha512}\n`,
  );
  const call = parseAdminCall(['publish-update', folder, '--data', dataFolder], {});
  expectValue(await runAdminCall(call)).toMatchObject({ ok: true });
  await rm(folder, { recursive: true, force: true });
}

test('an AppImage without its sandbox says so and loads nothing before the person has chosen', async ({
  desktop,
}) => {
  test.skip(process.getuid?.() !== 0, 'needs root to become an ordinary user');
  const folder = temporaryFolder('no-namespaces');
  const home = join(folder, 'home');
  const tools = join(folder, 'tools');
  for (const path of [home, tools]) await mkdir(path, { recursive: true });
  // What the launcher asks on a system that forbids user namespaces.
  await writeFile(join(tools, 'unshare'), '#!/bin/sh\nexit 1\n');
  await chmod(join(tools, 'unshare'), 0o755);
  for (const path of [folder, home, tools]) await chown(path, 65_534, 65_534);
  const child = spawn(
    'setpriv',
    ['--reuid', '65534', '--regid', '65534', '--clear-groups', artefact('AppImage'), '--disable-gpu'],
    {
      cwd: home,
      stdio: 'ignore',
      detached: true,
      env: {
        PATH: `${tools}:${process.env.PATH}`,
        DISPLAY: desktop.env.DISPLAY,
        HOME: home,
        LANG: 'en_US.UTF-8',
      },
    },
  );
  try {
    const log = join(home, '.config/Magpie/logs/main.log');
    await expect
      .poll(() => readFile(log, 'utf8').catch(() => ''), { timeout: 60_000 })
      .toContain('no-sandbox');
    await expect
      .poll(async () => (await listWindows(desktop.env)).some(({ title }) => title === 'Magpie'), {
        timeout: 20_000,
      })
      .toBe(true);
    const commands = await Promise.all(
      (await processesOf(home)).map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
    );
    expectValue(commands.filter((command) => command.includes('--type=renderer'))).toEqual([]);
  } finally {
    for (const pid of await processesOf(home)) killOne(pid);
    await endProcess(child);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});

/** Seccomp mode of every renderer below a home folder: 2 is a filter, so the operating system's sandbox is on. */
async function sandboxOfRenderers(home: string): Promise<string[]> {
  const modes: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!command.includes('--type=renderer') || !command.includes(home)) continue;
    expectValue(command).not.toContain('--no-sandbox');
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    modes.push(/^Seccomp:\s*(\d)/m.exec(status)?.[1] ?? '?');
  }
  return modes;
}
