/** Codes and links: shown by one, scanned by the other, in every way there is; and the picture behind the name. */
import { writeFile } from 'node:fs/promises';
import { expect, test } from './fixtures.ts';
import { connectTo, register, row } from './person.ts';

test('a code is scanned from a file, the clipboard and the screen, and a link leads straight to the chat', async ({
  launchMagpie,
  startServer,
}, testInfo) => {
  const server = await startServer();
  const ann = await launchMagpie();
  const ben = await launchMagpie();
  for (const [magpie, name] of [
    [ann, 'ann_code'],
    [ben, 'ben_code'],
  ] as const) {
    await connectTo(magpie.page, server.origin);
    await register(magpie.page, name);
  }

  const picture = testInfo.outputPath('code.png');
  await test.step('Ben shows his code', async () => {
    await ben.page.getByTestId('rail-settings').click();
    await ben.page.getByTestId('profile-code').click();
    await expect(ben.page.getByTestId('code-dialog')).toContainText('ben_code');
    await writeFile(
      picture,
      await ben.page.getByTestId('code-picture').screenshot({ animations: 'disabled' }),
    );
  });

  const { page } = ann;
  const scan = async () => {
    await page.getByTestId('rail-contacts').click();
    await page.getByTestId('codes-scan').click();
    await expect(page.getByTestId('scan-dialog')).toBeVisible();
  };
  const card = page.getByTestId('person-dialog');

  await test.step('from a file: his card opens', async () => {
    await scan();
    await page.getByTestId('scan-file-input').setInputFiles(picture);
    await expect(card.getByTestId('person-name')).toHaveText('ben_code');
    await page.keyboard.press('Escape');
  });

  await test.step('a picture without a code, and words that are no link, are told apart', async () => {
    await scan();
    await page.getByTestId('scan-file-input').setInputFiles('resources/icons/128x128.png');
    await expect(page.getByTestId('scan-error')).toHaveText('No code was found in the picture.');
    await page.getByTestId('scan-link').fill('https://example.com/');
    await page.getByTestId('scan-link-open').click();
    await expect(page.getByTestId('scan-error')).toContainText('no link to a person or a group');
    await page.keyboard.press('Escape');
  });

  await test.step('the link of another server is not followed here', async () => {
    await scan();
    await page.getByTestId('scan-link').fill('magpie://person/1?server=http://chat.example');
    await page.getByTestId('scan-link-open').click();
    await expect(page.getByTestId('foreign-link')).toContainText('http://chat.example');
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('foreign-link')).toBeHidden();
  });

  await test.step('from the screen, where his window shows it', async () => {
    await scan();
    // Programs that were covered draw themselves anew in their own time; a person looks again as well.
    await expect(async () => {
      await page.getByTestId('scan-screen').click();
      await page.getByTestId('screen-whole').click();
      await expect(card.getByTestId('person-name')).toHaveText('ben_code', { timeout: 10_000 });
    }).toPass({ timeout: 90_000 });
    await page.keyboard.press('Escape');
  });

  await test.step('an automatic link asks nothing: friends, and in the chat', async () => {
    await scan();
    const link = await ben.copied(() => ben.page.getByTestId('code-copy').click());
    await expect.poll(() => ann.clipboard()).toBe(link);
    await page.getByTestId('scan-clipboard').click();
    await expect(card.getByTestId('person-name')).toHaveText('ben_code');
    const accountId = await card.getByTestId('person-card').getAttribute('data-account-id');
    await page.keyboard.press('Escape');
    await scan();
    await page.getByTestId('scan-link').fill(`magpie://person/${accountId}?redirect=true&ask=Are you open?`);
    await page.getByTestId('scan-link-open').click();
    await expect(page.getByTestId('chat-title')).toHaveText('ben_code');
    await expect(page.getByTestId('composer-input')).toHaveValue('Are you open?');
    await ben.page.keyboard.press('Escape');
    await ben.page.getByTestId('rail-chats').click();
    await expect(row(ben.page, 'ann_code')).toBeVisible();
  });
  expect([...ann.problems(), ...ben.problems()]).toEqual([]);
});

test('a picture is cut to a square and becomes the avatar, for the friend too', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const { page, problems } = await launchMagpie().then((magpie) => ({
    page: magpie.page,
    problems: () => magpie.problems(),
  }));
  await connectTo(page, server.origin);
  await register(page, 'ann_avatar');
  await page.getByTestId('rail-settings').click();
  await page.getByTestId('profile-avatar').click();
  await page.getByTestId('avatar-file').setInputFiles('docs/screenshot-light.png');
  await expect(page.getByTestId('avatar-cropper').locator('img').first()).toBeVisible();
  await page.getByTestId('avatar-cropper').press('ArrowLeft');
  await page.getByTestId('avatar-cropper').press('+');
  await page.getByTestId('avatar-dialog').getByTestId('confirm-ok').click();
  await expect(page.getByTestId('avatar-dialog')).toBeHidden();
  const own = page.getByTestId('rail-me').locator('img');
  await expect(own).toBeVisible();
  await expect
    .poll(() => own.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight]))
    .toEqual([500, 500]);
  expect(problems()).toEqual([]);
});
