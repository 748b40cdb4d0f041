/** Packages meet newer versions in a feed on this machine: ones that work, one that does not start, and one that nobody lets in. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { chmod, chown, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { provideElectron } from '../../scripts/electron/provide-electron.ts';
import { buildIfNeeded } from '../../scripts/lib/build-app.ts';
import { nodeProgram } from '../../scripts/lib/run-child.ts';
import { offlineTools } from '../../scripts/package/offline-tools.ts';
import { parseAdminCall, runAdminCall } from '../../server/admin/command-line.ts';
import { expect, test } from '../e2e/fixtures.ts';
import { connectTo, register } from '../e2e/person.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { artefact, killOne, PackagedMagpie, processesOf } from './packaged-magpie.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const NEXT = '99.0.0';
const ordinaryUser = 65_534;

test.describe.configure({ mode: 'serial' });
test.skip(process.getuid?.() !== 0, 'needs root to become an ordinary user');

let nextRelease = '';
test.beforeAll(async () => {
  test.setTimeout(600_000);
  // The next version is made of what is built, and that may be of an earlier state of the source.
  await buildIfNeeded();
  const electron = await provideElectron();
  nextRelease = temporaryFolder('next-release');
  const [node, program] = nodeProgram(join(root, 'node_modules/electron-builder/cli.js'));
  await run(
    node,
    [
      ...program,
      '--config',
      join(root, 'packaging/electron-builder.config.mjs'),
      '--publish',
      'never',
      '--linux',
      'AppImage',
      'deb',
      `-c.extraMetadata.version=${NEXT}`,
      `-c.directories.output=${nextRelease}`,
      '-c.releaseInfo.releaseNotes=Made for the test.',
    ],
    {
      cwd: root,
      maxBuffer: 1 << 24,
      env: {
        ...process.env,
        ...(await offlineTools()),
        MAGPIE_ELECTRON_DIST: join(electron.executablePath, '..'),
        MAGPIE_ELECTRON_VERSION: electron.version,
        MAGPIE_PACKAGE_LABEL: '-trial',
        CSC_IDENTITY_AUTO_DISCOVERY: 'false',
      },
    },
  );
  await rm(join(nextRelease, 'linux-unpacked'), { recursive: true, force: true });
});
test.afterAll(async () => {
  if (nextRelease !== '') await rm(nextRelease, { recursive: true, force: true });
});

/** The AppImage of dist/ among the files of an ordinary user, in a name without a version. */
async function ownCopy(): Promise<string> {
  const folder = temporaryFolder('programs');
  await mkdir(folder, { recursive: true });
  const program = join(folder, 'Magpie.AppImage');
  await copyFile(artefact('AppImage'), program);
  await chmod(program, 0o755);
  for (const path of [folder, program]) await chown(path, ordinaryUser, ordinaryUser);
  return program;
}

async function sum(path: string): Promise<string> {
  return createHash('sha512')
    .update(await readFile(path))
    .digest('base64');
}

async function fetchUpdate(packaged: PackagedMagpie, origin: string): Promise<void> {
  const { page } = packaged;
  await connectTo(page, origin);
  await register(page, 'paula');
  await page.getByTestId('rail-settings').click();
  await page.getByTestId('update-check').click();
  await page.getByTestId('update-download').click();
  await expect(page.getByTestId('update-restart')).toBeVisible({ timeout: 60_000 });
}

/**
 * Stands for polkit, which a machine for tests has not: `pkexec` notes what it was asked to do and waits for the person's answer. What
 * is allowed is done by this process, which is root.
 */
async function passwordWindow() {
  const folder = temporaryFolder('polkit');
  await mkdir(folder, { recursive: true });
  const [asked, answer, program] = ['asked', 'answer', 'pkexec'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await run('mkfifo', ['--mode=666', answer]);
  await writeFile(
    program,
    `#!/bin/sh\nprintf '%s\\0' "$@" > '${asked}.part' && mv '${asked}.part' '${asked}'\nread -r code < '${answer}'\nexit "$code"\n`,
  );
  await chmod(program, 0o755);
  await chmod(folder, 0o777);
  const question = async (): Promise<string[]> => {
    await expect.poll(() => existsSync(asked), { timeout: 60_000 }).toBe(true);
    const words = (await readFile(asked, 'utf8')).split('\0').slice(0, -1);
    await rm(asked);
    return words;
  };
  return {
    folder,
    /** As pkexec ends when its window is closed. @returns what was not done */
    async refuse(): Promise<string[]> {
      const words = await question();
      await writeFile(answer, '126\n');
      return words;
    },
    /** @returns what was done */
    async allow(): Promise<string[]> {
      const words = (await question()).filter((word) => !word.startsWith('--'));
      const [command = '', ...args] = words;
      const code = await run(command, args).then(
        () => 0,
        (error: { code?: number }) => error.code ?? 1,
      );
      await writeFile(answer, `${code}\n`);
      return words;
    },
  };
}

const publish = async (folder: string, data: string) =>
  expect(await runAdminCall(parseAdminCall(['publish-update', folder, '--data', data], {}))).toMatchObject({
    ok: true,
  });

test('an AppImage becomes the next version, which starts and proves itself', async ({
  desktop,
  startServer,
}) => {
  const server = await startServer();
  await publish(nextRelease, server.dataFolder);
  const program = await ownCopy();
  const packaged = await PackagedMagpie.launch(program, desktop);
  try {
    await fetchUpdate(packaged, server.origin);
    await expect(packaged.page.getByTestId('update-notes-open')).toBeVisible();
    await packaged.page.getByTestId('update-restart').click();
    const updates = join(packaged.profile, 'updates');
    await expect.poll(() => existsSync(join(updates, 'trial.json')), { timeout: 30_000 }).toBe(true);
    // It ends the trial when its page has drawn its first screen.
    await expect.poll(() => existsSync(join(updates, 'trial.json')), { timeout: 120_000 }).toBe(false);
    expect(existsSync(join(updates, 'former'))).toBe(false);
    expect(existsSync(join(updates, 'taken-back.json'))).toBe(false);
    const log = await readFile(join(packaged.profile, 'logs/main.log'), 'utf8');
    expect(log).toMatch(new RegExp(`start version="${NEXT}"`, 'u'));
    const made = readdirSync(nextRelease).find((name) => name.endsWith('.AppImage')) ?? '';
    expect(await sum(program)).toBe(await sum(join(nextRelease, made)));
  } finally {
    await packaged.dispose();
    await rm(join(program, '..'), { recursive: true, force: true });
  }
});

test('a next version that does not start gives way to this one, which runs again', async ({
  desktop,
  startServer,
}) => {
  const server = await startServer();
  const broken = temporaryFolder('broken-release');
  await mkdir(broken, { recursive: true });
  const content = '#!/bin/sh\nexit 1\n';
  await writeFile(join(broken, 'broken.AppImage'), content);
  await writeFile(
    join(broken, 'latest-linux.yml'),
    `version: ${NEXT}\nfiles:\n  - url: broken.AppImage\n    sha512: ${createHash('sha512').update(content).digest('base64')}\n    size: ${content.length}\n`,
  );
  await publish(broken, server.dataFolder);
  const program = await ownCopy();
  const before = await sum(program);
  const packaged = await PackagedMagpie.launch(program, desktop);
  try {
    await fetchUpdate(packaged, server.origin);
    await packaged.page.getByTestId('update-restart').click();
    const note = join(packaged.profile, 'updates/taken-back.json');
    await expect.poll(() => existsSync(note), { timeout: 60_000 }).toBe(true);
    // Told means that this version runs again and has shown it to the person.
    await expect
      .poll(async () => JSON.parse(await readFile(note, 'utf8')) as object, { timeout: 60_000 })
      .toEqual({ version: NEXT, told: true });
    expect(await sum(program)).toBe(before);
  } finally {
    await packaged.dispose();
    await rm(join(program, '..'), { recursive: true, force: true });
    await rm(broken, { recursive: true, force: true });
  }
});

test('a deb becomes the next version when an administrator allows it, and is gone without a trace but what the person wrote', async ({
  desktop,
  startServer,
}) => {
  const server = await startServer();
  await publish(nextRelease, server.dataFolder);
  test.setTimeout(480_000);
  const window = await passwordWindow();
  const installed = async () => (await run('dpkg-query', ['-W', '-f=${Version}', 'magpie'])).stdout;
  await run('apt-get', ['install', '--yes', '--no-install-recommends', artefact('deb')], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  let files: string[] = [];
  let packaged: PackagedMagpie | null = null;
  try {
    const before = await installed();
    packaged = await PackagedMagpie.launch('/opt/Magpie/magpie', desktop, { tools: window.folder });
    const { page } = packaged;
    await fetchUpdate(packaged, server.origin);
    // The app goes on while the question is open: the click does not wait for its answer.
    await page.getByTestId('update-restart').click();
    expect((await window.refuse()).at(-1)).toMatch(/\.deb$/u);
    await expect(page.getByTestId('update-problem')).toBeVisible();
    expect(await installed()).toBe(before);

    await page.getByTestId('update-restart').click();
    const [shell, , order, , file] = await window.allow();
    expect([shell, order]).toEqual(['/bin/sh', expect.stringContaining('dpkg -i')]);
    expect(file).toMatch(/\.deb$/u);
    expect(await installed()).toBe(NEXT);
    const log = join(packaged.profile, 'logs/main.log');
    await expect
      .poll(() => readFile(log, 'utf8'), { timeout: 120_000 })
      .toMatch(new RegExp(`start version="${NEXT}"`, 'u'));
    files = (await run('dpkg', ['-L', 'magpie'])).stdout.split('\n').filter((path) => path.startsWith('/'));
    expect(files).toContain('/opt/Magpie/magpie');
    for (const pid of await processesOf(packaged.home)) killOne(pid);
    await run('dpkg', ['--purge', 'magpie']);
    expect(existsSync(join(packaged.profile, 'accounts')), 'messages stay').toBe(true);
  } finally {
    await packaged?.dispose();
    await run('dpkg', ['--purge', 'magpie']).catch(() => undefined);
    await rm(window.folder, { recursive: true, force: true });
  }
  // Folders that other packages use as well stay, files do not.
  const left = files.filter((path) => existsSync(path) && !statSync(path).isDirectory());
  expect(left).toEqual([]);
  for (const path of ['/opt/Magpie', '/usr/bin/magpie', '/etc/apparmor.d/magpie'])
    expect(existsSync(path), path).toBe(false);
});
