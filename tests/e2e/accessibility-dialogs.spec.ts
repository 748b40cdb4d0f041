/** Nothing that axe calls serious, in both themes, in the dialogs, panels and sections beside the main screens. */
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { png } from '../helpers/files/samples.ts';
import { expectAccessible } from './accessible.ts';
import { expect, test } from './fixtures.ts';
import { connectTo, expectOnline, openChat, PASSWORD, register, signIn } from './person.ts';

test('no dialog, panel or section of settings has a serious fault of accessibility, in either theme', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const client = new PlainClient(server.origin);
  const me = await client.register('ann_dialogs', PASSWORD);
  const bert = await client.register('bert_dialogs', PASSWORD);
  await client.befriend(me, bert);
  const picture = await client.upload(bert, 'pictures', 'green.png', png(320, 200, [20, 140, 90]));
  await client.sendText(bert, me.id, 'Pay me first');
  await client.sendImage(bert, me.id, picture);
  const ann = await launchMagpie({ args: ['--use-fake-device-for-media-stream'] });
  const { page } = ann;
  // A colour in the middle of a fade has no contrast worth measuring.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await connectTo(page, server.origin);
  await signIn(page, 'ann_dialogs');
  await expectOnline(page);
  await openChat(page, 'bert_dialogs');

  await test.step('emoji and stickers', async () => {
    await page.getByTestId('composer-emoji').click();
    await expect(page.getByTestId('emoji-option').first()).toBeVisible();
    await expectAccessible(page, 'emoji');
    await page.getByTestId('expressions-stickers').click();
    await expect(page.getByTestId('sticker-send').first()).toBeVisible();
    await expectAccessible(page, 'stickers');
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('expression-panel')).toBeHidden();
  });

  await test.step('voice', async () => {
    const recorder = page.getByTestId('voice-recorder');
    await page.getByTestId('composer-mic').click();
    await expect(recorder).toHaveAttribute('data-phase', 'recording');
    await expect(page.getByTestId('voice-time')).toContainText('0:01');
    await expectAccessible(page, 'voice recorder');
    await page.getByTestId('voice-stop').click();
    await expect(recorder).toHaveAttribute('data-phase', 'review');
    await expectAccessible(page, 'voice recorder, before sending');
    await page.getByTestId('voice-cancel').click();
    await expect(recorder).toBeHidden();
  });

  await test.step('a picture at full size', async () => {
    const image = page.getByTestId('message-image');
    await expect(image).toHaveAttribute('data-loaded', 'true');
    await image.click();
    await expect(page.getByTestId('viewer-image')).toBeVisible();
    await expectAccessible(page, 'media viewer');
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('media-viewer')).toBeHidden();
  });

  await test.step('what can be done with a picture, and what waits to be sent', async () => {
    await page.getByTestId('message-image').click({ button: 'right' });
    await expect(page.getByTestId('message-menu').getByRole('menuitemcheckbox')).toBeVisible();
    await expectAccessible(page, 'menu of a picture');
    await page.getByTestId('message-menu').locator('[data-action="forward"]').click();
    await expect(page.getByTestId('forward-pick').first()).toBeVisible();
    await expectAccessible(page, 'passing on');
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('forward-dialog')).toBeHidden();
    await page.getByTestId('composer-capture').click();
    await page.getByTestId('capture-camera').click();
    await expect(page.getByTestId('camera-view')).toHaveAttribute('data-ready', 'true');
    await expectAccessible(page, 'camera');
    await page.getByTestId('camera-mode').getByRole('radio', { name: 'Video' }).click();
    await expect(page.getByTestId('camera-view')).toHaveAttribute('data-ready', 'true');
    await page.getByTestId('camera-take').click();
    await expect(page.getByTestId('camera-time')).toContainText('0:01');
    await expectAccessible(page, 'recording with the camera');
    await page.getByTestId('camera-take').click();
    await expect(page.getByTestId('camera-film')).toBeVisible();
    await expectAccessible(page, 'film of the camera');
    await page.getByTestId('camera-cancel').click();
    await expect(page.getByTestId('camera-dialog')).toBeHidden();
    await page.getByTestId('composer-capture').click();
    await page.getByTestId('capture-camera').click();
    await expect(page.getByTestId('camera-view')).toHaveAttribute('data-ready', 'true');
    await page.getByTestId('camera-take').click();
    await expect(page.getByTestId('attachment-item')).toHaveCount(1);
    await expectAccessible(page, 'tray');
    await page.getByTestId('attachment-remove').click();
    await expect(page.getByTestId('attachment-item')).toHaveCount(0);
  });

  await test.step('all pictures and files of a chat', async () => {
    await page.getByTestId('chat-details').click();
    await page.getByTestId('details-media').click();
    await expect(page.getByTestId('media-tile').first()).toHaveAttribute('data-loaded', 'true');
    await expectAccessible(page, 'pictures of a chat');
    await page.getByTestId('chat-details').click();
    await expect(page.getByTestId('media-panel')).toBeHidden();
  });

  await test.step('a complaint, and what became of it', async () => {
    await page.getByTestId('chat-details').click();
    await page.getByTestId('details-report').click();
    const dialog = page.getByTestId('complaint-dialog');
    await dialog.getByTestId('complaint-file-input').setInputFiles('docs/screenshot-light.png');
    await expect(dialog.getByTestId('complaint-picture')).toBeVisible();
    await expectAccessible(page, 'complaint that cannot be sent yet');
    await dialog.getByTestId('complaint-reason-abuse').check();
    await dialog.getByTestId('complaint-message').first().getByRole('checkbox').check();
    await expectAccessible(page, 'complaint');
    await dialog.getByTestId('confirm-ok').click();
    await expect(dialog).toBeHidden();
    await page.getByTestId('rail-settings').click();
    await page.getByTestId('complaint-row').scrollIntoViewIfNeeded();
    await expectAccessible(page, 'own complaints');
    await page.getByTestId('complaint-withdraw').click();
    await expectAccessible(page, 'withdrawing a complaint');
    await page.getByTestId('confirm-cancel').click();
  });

  await test.step('automatic answers', async () => {
    await page.getByTestId('answer-add').click();
    await page.getByTestId('answer-question').fill('What are your opening hours?');
    await expectAccessible(page, 'adding an answer');
    await page.getByTestId('answer-text').fill('Ten to six');
    await page.getByTestId('confirm-ok').click();
    await expect(page.getByTestId('answer-row')).toHaveCount(1);
    await page.getByTestId('answer-try').fill('opening hours');
    await page.getByTestId('answer-try').press('Enter');
    await expect(page.getByTestId('answer-outcome')).toContainText('Ten to six');
    await expectAccessible(page, 'automatic answers');
  });

  await test.step('own picture and own code', async () => {
    await page.getByTestId('profile-avatar').click();
    await expect(page.getByTestId('avatar-choose')).toBeVisible();
    await expectAccessible(page, 'own picture, none chosen');
    await page.getByTestId('avatar-file').setInputFiles('docs/screenshot-light.png');
    await expect(page.getByTestId('avatar-cropper').locator('img').first()).toBeVisible();
    await expectAccessible(page, 'own picture');
    await page.getByTestId('confirm-cancel').click();
    await page.getByTestId('profile-code').click();
    await expect(page.getByTestId('code-picture')).toBeVisible();
    await expectAccessible(page, 'own code');
    await page.getByTestId('code-close').click();
  });

  await test.step('notifications and the desktop', async () => {
    await page.getByTestId('settings-notifications').scrollIntoViewIfNeeded();
    await expectAccessible(page, 'notifications');
    await page.getByTestId('settings-close-button').scrollIntoViewIfNeeded();
    await expectAccessible(page, 'desktop');
  });

  await test.step('several accounts, and leaving', async () => {
    await page.getByTestId('settings-sign-out').click();
    await expect(page.getByTestId('sign-out-to-guest')).toBeVisible();
    await expectAccessible(page, 'signing out');
    await page.getByTestId('confirm-cancel').click();
    await page.getByTestId('account-add').click();
    await expect(page.getByTestId('account-back')).toBeVisible();
    await expectAccessible(page, 'adding an account');
    await connectTo(page, server.origin);
    await register(page, 'ann_second');
    await client.sendText(bert, me.id, 'Are you there?');
    await expect(page.getByTestId('account-switch')).toHaveAccessibleName(/1 unread/u);
    await page.getByTestId('rail-settings').click();
    await expect(page.getByTestId('account-entry')).toHaveCount(2);
    await page.getByTestId('account-switch').focus();
    await expect(page.getByRole('tooltip')).toContainText('ann_dialogs');
    await expectAccessible(page, 'several accounts');
    await page.getByTestId('account-remove').last().click();
    await expectAccessible(page, 'removing an account');
    await page.getByTestId('confirm-cancel').click();
  });
  expect(ann.problems()).toEqual([]);
});
