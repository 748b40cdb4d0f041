/** The server inside the app opens to others: switch, invitation, who is there, backups. On addresses of this machine only. */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { verifyBackup } from '../../server/backup/verify-backup.ts';
import { parseInvitation } from '../../protocol/invitation.ts';
import { readCode } from '../../src/lib/codes.ts';
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { pinnedCall, pinnedSocket, shownFingerprint } from '../helpers/pinned-tls.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { expectAccessible } from './accessible.ts';
import { expect, test, type MagpieProcess } from './fixtures.ts';
import { expectOnline, PASSWORD, register } from './person.ts';

async function atHome(magpie: MagpieProcess, name: string): Promise<void> {
  await magpie.page.getByTestId('welcome-use-this-computer').click();
  await expect(magpie.page.getByTestId('sign-in-form')).toBeVisible({ timeout: 60_000 });
  await register(magpie.page, name);
  await magpie.page.getByTestId('rail-settings').click();
}

test('the switch opens the server to others, says how to join and who did, and closes it at once', async ({
  launchMagpie,
}, testInfo) => {
  const magpie = await launchMagpie();
  const { page } = magpie;
  await atHome(magpie, 'home_owner');
  const toggle = page.getByTestId('office-switch');
  await expect(toggle).toHaveAttribute('data-state', 'unchecked');
  await expect(page.getByTestId('office-invitation')).toHaveCount(0);
  await toggle.click();
  await expect(toggle).toHaveAttribute('data-sharing', 'on');
  const invitation = parseInvitation(
    await magpie.copied(() => page.getByTestId('office-copy-invitation').click()),
  );
  if (invitation === null) throw new Error('no invitation was copied');
  expect(await shownFingerprint(invitation.origin)).toBe(invitation.fingerprint);
  await expect(page.getByTestId('office-fingerprint')).toHaveText(
    (invitation.fingerprint.replaceAll(':', '').match(/.{4}/gu) ?? []).join(' '),
  );
  await expect(page.getByTestId('office-addresses')).toContainText(invitation.origin);
  // The code says the same as the link.
  const pixels = await page.getByTestId('office-code').evaluate(async (image: HTMLImageElement) => {
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [600, 600];
    const context = canvas.getContext('2d')!;
    context.fillStyle = 'white';
    context.fillRect(0, 0, 600, 600);
    context.drawImage(image, 0, 0, 600, 600);
    return [...context.getImageData(0, 0, 600, 600).data];
  });
  expect(
    parseInvitation(readCode({ data: new Uint8ClampedArray(pixels), width: 600, height: 600 }) ?? ''),
  ).toEqual(invitation);

  await test.step('the name is the computer’s until the person gives it one', async () => {
    expect(invitation.name).toBe(hostname());
    const invited = async () =>
      parseInvitation(await magpie.copied(() => page.getByTestId('office-copy-invitation').click()))?.name;
    const name = page.getByTestId('office-name');
    await name.fill('三楼 Workshop');
    await name.press('Enter');
    await expect(page.getByTestId('office-name-save')).toBeDisabled();
    await expect.poll(invited).toBe('三楼 Workshop');
    await name.fill(' ');
    await name.press('Enter');
    await expect(name).toHaveValue(hostname());
    await name.fill('三楼 Workshop');
    await name.press('Enter');
    await expect.poll(invited).toBe('三楼 Workshop');
  });

  const json = { username: 'colleague', password: 'secret12' };
  const made = await pinnedCall(invitation.origin, invitation.fingerprint, '/api/regChat', { json });
  const away = await pinnedSocket(invitation.origin, (made.body.data as { token: string }).token);
  await expect(page.getByTestId('office-connected')).toContainText('colleague');
  await expect(page.getByTestId('office-connected')).toContainText('home_owner');
  await expectAccessible(page, 'the switch');
  await page.getByTestId('settings-office').screenshot({ path: testInfo.outputPath('office.png') });

  // It stays as it was left, certificate and port included.
  await magpie.quit();
  await away.closed;
  await magpie.relaunch();
  await expectOnline(magpie.page);
  await expect.poll(() => shownFingerprint(invitation.origin).catch(() => '')).toBe(invitation.fingerprint);
  const back = await pinnedCall(invitation.origin, invitation.fingerprint, '/api/loginChat', { json });
  const again = await pinnedSocket(invitation.origin, (back.body.data as { token: string }).token);

  await magpie.page.getByTestId('rail-settings').click();
  await expect(magpie.page.getByTestId('office-switch')).toHaveAttribute('data-sharing', 'on');
  await expect(magpie.page.getByTestId('office-name')).toHaveValue('三楼 Workshop');
  await magpie.page.getByTestId('office-switch').click();
  await again.closed;
  await expect(magpie.page.getByTestId('office-switch')).toHaveAttribute('data-sharing', 'off');
  await expect(shownFingerprint(invitation.origin)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await expect(magpie.page.getByTestId('office-invitation')).toHaveCount(0);
  await expectOnline(magpie.page);
  expect(magpie.problems()).toEqual([]);
});

test('backups: a folder, one now, the schedule, and a failure that is told', async ({
  launchMagpie,
}, testInfo) => {
  const magpie = await launchMagpie();
  const { page } = magpie;
  await atHome(magpie, 'home_owner');
  const place = join(temporaryFolder('backups'), 'place');
  mkdirSync(place);
  await magpie.app.evaluate(({ dialog }, folder) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [folder] });
  }, place);
  await expect(page.getByTestId('backup-now')).toHaveCount(0);
  await page.getByTestId('backup-choose').click();
  await expect(page.getByTestId('settings-backup')).toContainText(place);
  await page.getByTestId('backup-now').click();
  await expect(page.getByTestId('backup-last')).toHaveText('just now');
  const [name] = readdirSync(place).filter((one) => one.startsWith('magpie-'));
  expect(await verifyBackup(join(place, name ?? ''))).toMatchObject({ sound: true });

  await page.getByTestId('backup-schedule').getByText('Daily').click();
  await expect(page.getByTestId('settings-backup')).toContainText('Next:');
  await expectAccessible(page, 'backups');
  await page.getByTestId('settings-backup').screenshot({ path: testInfo.outputPath('backup.png') });

  // A place that went away, as a disk that was pulled out.
  await magpie.app.evaluate(
    ({ dialog }, folder) => {
      dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [folder] });
    },
    join(magpie.profileDir, 'server', 'inside'),
  );
  await page.getByTestId('backup-choose').click();
  await page.getByTestId('backup-now').click();
  await expect(page.getByTestId('backup-failure')).toContainText('Choose another one');

  await magpie.quit();
  await magpie.relaunch();
  await magpie.page.getByTestId('rail-settings').click();
  await expect(magpie.page.getByTestId('backup-failure')).toContainText('Choose another one');
  expect(existsSync(join(place, name ?? '', 'manifest.json'))).toBe(true);
  expect(readFileSync(join(place, name ?? '', 'token-secret'), 'utf8')).toHaveLength(64);
  expect(magpie.problems()).toEqual([]);
});

/** The next question for a folder is answered with this one. */
const answerFolder = (magpie: MagpieProcess, folder: string) =>
  magpie.app.evaluate(({ dialog }, path) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [path] });
  }, folder);

test('a backup is restored in the settings: read first, what it replaces is said and set aside, the server goes on', async ({
  launchMagpie,
}, testInfo) => {
  const magpie = await launchMagpie();
  const { page } = magpie;
  await atHome(magpie, 'home_owner');
  const place = join(temporaryFolder('backups'), 'place');
  mkdirSync(place);
  await answerFolder(magpie, place);
  await page.getByTestId('backup-choose').click();
  await page.getByTestId('backup-now').click();
  await expect(page.getByTestId('backup-last')).toHaveText('just now');
  const [name = ''] = readdirSync(place).filter((one) => one.startsWith('magpie-'));
  const { embeddedPort } = JSON.parse(readFileSync(join(magpie.profileDir, 'settings.json'), 'utf8')) as {
    embeddedPort: number;
  };
  const server = new PlainClient(`http://127.0.0.1:${embeddedPort}`);
  await server.register('came_later', PASSWORD);
  const comes = (username: string) =>
    server.data('POST', '/api/loginChat', {
      json: { username, password: PASSWORD },
      headers: { 'x-magpie-device': 'phone:11111111-1111-4111-8111-111111111111' },
    });
  await comes('came_later');

  const dialog = page.getByTestId('restore-dialog');
  await test.step('one with a changed byte is refused, and nothing happens', async () => {
    const damaged = join(place, name, 'token-secret');
    const sound = readFileSync(damaged);
    writeFileSync(damaged, 'x'.repeat(sound.length));
    await page.getByTestId('backup-restore').click();
    await expect(dialog.getByTestId('restore-problem')).toContainText('token-secret');
    await expect(dialog.getByTestId('restore-confirm')).toHaveCount(0);
    await dialog.getByTestId('restore-close').click();
    await expect(dialog).toBeHidden();
    writeFileSync(damaged, sound);
    await comes('came_later');
  });

  await page.getByTestId('backup-restore').click();
  await expect(dialog.getByTestId('restore-facts')).toContainText('A sound backup of');
  await expect(dialog).toContainText('whatever came later is gone from the server');
  await expectAccessible(page, 'a backup before it is restored');
  await dialog.screenshot({ path: testInfo.outputPath('restore.png') });
  await dialog.getByTestId('restore-confirm').click();
  await expect(dialog.getByTestId('restore-body')).toHaveAttribute('data-phase', 'done', { timeout: 90_000 });
  const former = (await dialog.getByTestId('restore-former').textContent()) ?? '';
  expect(existsSync(join(former, 'magpie.db'))).toBe(true);
  await expectAccessible(page, 'a restored backup');
  await dialog.getByTestId('restore-close').click();
  await expect(dialog).toBeHidden();

  // At the same address, as it was then.
  await expectOnline(page);
  await expect
    .poll(() =>
      comes('home_owner').then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
  await expect(comes('came_later')).rejects.toThrow(/^\d{3} /u);
  await expect(page.getByTestId('settings-backup')).toContainText(place);
});
