/** The packaged AppImage meets newer versions in a feed on this machine: one that works, and one that does not start. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { provideElectron } from '../../scripts/electron/provide-electron.ts';
import { nodeProgram } from '../../scripts/lib/run-child.ts';
import { offlineTools } from '../../scripts/package/offline-tools.ts';
import { parseAdminCall, runAdminCall } from '../../server/admin/command-line.ts';
import { expect, test } from '../e2e/fixtures.ts';
import { connectTo, register } from '../e2e/person.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { PackagedMagpie } from './packaged-magpie.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const dist = join(root, 'dist');
const NEXT = '99.0.0';
const ordinaryUser = 65_534;

test.describe.configure({ mode: 'serial' });
test.skip(process.getuid?.() !== 0, 'needs root to become an ordinary user');

let nextRelease = '';
test.beforeAll(async () => {
  test.setTimeout(600_000);
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
  const found = readdirSync(dist).find((name) => name.endsWith('.AppImage'));
  if (found === undefined) throw new Error('dist/ holds no AppImage: run npm run package:linux first');
  const folder = temporaryFolder('programs');
  await mkdir(folder, { recursive: true });
  const program = join(folder, 'Magpie.AppImage');
  await copyFile(join(dist, found), program);
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
