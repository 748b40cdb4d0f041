import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { connectTo, expectOnline, openChat, signIn } from '../../tests/e2e/person.ts';
import { dropFiles } from '../../tests/helpers/desktop/drop-files.ts';
import { temporaryFolder } from '../../tests/helpers/temporary-folder.ts';
import { GroupCalls } from '../../tests/integration/server/groups.ts';
import { Camera } from './camera.ts';
import { CAST, gather, PASSWORD, portrait } from './cast.ts';
import { launch, type Stage } from './stage.ts';

/** A colleague on an ordinary morning. */
export async function morning(stage: Stage): Promise<string[]> {
  const { client, cast } = await gather(stage.server);
  const groups = new GroupCalls(client);
  const luggage = join(temporaryFolder('screens'), '发布资料 Release');
  await mkdir(luggage);
  await writeFile(join(luggage, 'icon.png'), portrait(CAST.ana[2]));
  await writeFile(join(luggage, '发布说明 notes.txt'), 'Magpie');
  const groupId = await groups.foundAgain(cast.lin, [cast.zhou, cast.ana, cast.zhao, cast.wu]);
  const magpie = await launch(stage);
  const { page } = magpie;
  const camera = new Camera(page);
  const close = async (testId: string) => {
    await page.keyboard.press('Escape');
    await expect(page.getByTestId(testId)).toHaveCount(0);
  };
  try {
    await connectTo(page, stage.server.origin);
    await signIn(page, CAST.lin[0], PASSWORD);
    await expectOnline(page);

    // Between two.
    for (const [who, text] of [
      ['zhou', '早！新图标的三个方向都放在共享文件夹了'],
      ['lin', '第二个方向最好，小尺寸下也看得清 👍'],
      ['zhou', 'The build is green, so we can ship at five: https://magpie.example/builds/482'],
    ] as const)
      await client.sendText(cast[who], who === 'lin' ? cast.zhou.id : cast.lin.id, text);
    await client.sendText(cast.chen, cast.lin.id, '备份已完成，日志在老地方');
    await openChat(page, CAST.zhou[1]);
    await expect(page.getByTestId('message')).not.toHaveCount(0);
    await page.getByTestId('composer-input').fill('好，我今晚合进去');
    await camera.take('chat');
    await page.getByTestId('composer-input').fill('');
    await page.keyboard.press('Control+f');
    await page.getByTestId('chat-search-input').fill('方向');
    await expect(page.getByTestId('chat-search-count')).not.toHaveText('');
    await expect(page.locator('[data-pointed-at]')).toHaveCount(0);
    await camera.take('chat-search');
    await page.getByTestId('chat-search-input').press('Escape');
    await page.getByTestId('chat-details').click();
    await expect(page.getByTestId('conversation-completeness')).not.toHaveText('');
    await camera.take('chat-details');
    await page.getByTestId('details-profile').click();
    await expect(page.getByTestId('person-card')).toBeVisible();
    await camera.take('person-card');
    await close('person-dialog');

    // What goes with the words, and what is wrong with them.
    const sketch = await client.upload(cast.zhou, 'pictures', 'sketch.png', portrait(CAST.zhou[2]));
    await client.sendImage(cast.zhou, cast.lin.id, sketch);
    await page.getByTestId('composer-emoji').click();
    await expect(page.getByTestId('emoji-option').first()).toBeVisible();
    await camera.take('emoji');
    await page.getByTestId('expressions-stickers').click();
    await expect(page.getByTestId('sticker-send').first()).toBeVisible();
    await camera.take('stickers');
    await close('expression-panel');
    await expect(page.getByTestId('message-image')).toHaveAttribute('data-loaded', 'true');
    await page.getByTestId('message-image').click();
    await expect(page.getByTestId('viewer-image')).toBeVisible();
    await camera.take('media-viewer');
    await close('media-viewer');
    await page.getByTestId('message-image').click({ button: 'right' });
    await page.getByTestId('message-menu').locator('[data-action="forward"]').click();
    await expect(page.getByTestId('forward-pick').first()).toBeVisible();
    await camera.take('forward');
    await close('forward-dialog');
    await page.getByTestId('details-media').click();
    await expect(page.getByTestId('media-tile').first()).toHaveAttribute('data-loaded', 'true');
    await camera.take('media-panel');
    await page.getByTestId('chat-details').click();
    await page.getByTestId('chat-details').click();
    await dropFiles(page, '[data-testid="composer-input"]', [luggage]);
    await expect(page.getByTestId('folder-dialog')).toBeVisible();
    await camera.take('folder');
    await page.getByTestId('folder-files').click();
    await expect(page.getByTestId('attachment-item')).toHaveCount(2);
    await camera.take('attachments');
    for (let left = 2; left > 0; left -= 1) await page.getByTestId('attachment-remove').first().click();
    await expect(page.getByTestId('attachment-item')).toHaveCount(0);
    await page.getByTestId('details-report').click();
    await page.getByTestId('complaint-reason-spam').check();
    await page.getByTestId('complaint-message').first().getByRole('checkbox').check();
    await camera.take('complaint');
    await page.getByTestId('confirm-ok').click();
    await expect(page.getByTestId('complaint-dialog')).toHaveCount(0);

    // A group.
    await page.getByTestId('rail-groups').click();
    await page.getByTestId('group-row').click();
    await expect(page.getByTestId('group-members')).toBeVisible();
    await page.getByTestId('group-name-edit').click();
    await page.getByTestId('group-name-input').fill('周五发布 Release');
    await page.getByTestId('group-name-save').click();
    await page.getByTestId('group-announcement-edit').click();
    await page
      .getByTestId('group-announcement-input')
      .fill('周五下午五点发布，请在四点前合入。\nFreeze at four.');
    await page.getByTestId('group-announcement-save').click();
    await page.getByTestId('group-policy').locator('[data-value="approval"]').click();
    await expect(page.getByTestId('group-policy').locator('[data-value="approval"]')).toHaveAttribute(
      'data-state',
      'checked',
    );
    await groups.join(cast.bo, groupId, cast.bo.id, 'I test the installers');
    await expect(page.getByTestId('group-request')).toBeVisible();
    await camera.take('groups');
    await page.getByTestId('group-message').click();
    await groups.send(cast.ana, groupId, 'Morning! Notes are in the usual place.');
    await groups.send(cast.wu, groupId, '@林默 请看一下发布说明', { mentions: [cast.lin.id] });
    await expect(page.locator('[data-means-me="true"]')).toBeVisible();
    await page.getByTestId('composer-input').fill('马上看');
    await page.getByTestId('composer-input').press('Enter');
    await expect(page.getByTestId('message-read-by').last()).toBeVisible();
    await camera.take('group-chat');
    await page.getByTestId('composer-input').pressSequentially('@');
    await expect(page.getByTestId('mention-option').first()).toBeVisible();
    await camera.take('mention');
    await page.getByTestId('composer-input').fill('');
    await page.getByTestId('message-read-by').last().click();
    await expect(page.getByTestId('readers-dialog')).toBeVisible();
    await camera.take('readers');
    await close('readers-dialog');
    await page.getByTestId('group-settings').click();
    await expect(page.getByTestId('group-dialog').getByTestId('group-members')).toBeVisible();
    await camera.take('group-settings');
    await close('group-dialog');
    await page.getByTestId('details-invite').click();
    await expect(page.getByTestId('group-member-pick').first()).toBeVisible();
    await camera.take('group-invite');
    await close('group-invite-dialog');
    await page.getByTestId('rail-groups').click();
    await page.getByTestId('group-create').first().click();
    await page.getByTestId('group-member-pick').nth(1).check();
    await camera.take('group-create');
    await close('group-create-dialog');
    // Another one's group, of which this account is asked to be a member; then a farewell against its will.
    await client.befriend(cast.zhou, cast.ana);
    const otherId = await groups.foundAgain(cast.zhou, [cast.lin, cast.ana]);
    await expect(page.getByTestId('group-row')).toHaveCount(2);
    await page.locator(`[data-testid="group-row"][data-group-id="${otherId}"]`).click();
    await page.getByTestId('group-message').click();
    await groups.remove(cast.zhou, otherId, cast.lin.id);
    await expect(page.getByTestId('chat-ended')).toBeVisible();
    await groups.setPolicy(cast.zhou, otherId, 1);
    for (const toast of await page.getByTestId('toast').all()) await toast.waitFor({ state: 'detached' });
    await camera.take('group-removed');
    await page.getByTestId('rail-groups').click();
    await page.getByTestId('codes-scan').click();
    await camera.take('scan');
    await page.getByTestId('scan-link').fill(`magpie://group/${otherId}`);
    await page.getByTestId('scan-link-open').click();
    await expect(page.getByTestId('group-join-reason')).toBeVisible();
    await camera.take('group-join');
    await close('group-join-dialog');

    // Contacts.
    await client.data('POST', '/api/chat/applyfriend', {
      token: cast.mei.token,
      json: { friend_id: cast.lin.id, nickname: '我是梅子，上周在评审会上见过' },
    });
    await page.getByTestId('rail-contacts').click();
    await page.getByTestId('contact-row').nth(1).click();
    await expect(page.getByTestId('person-block')).toBeVisible();
    await camera.take('contacts');
    await page.getByTestId('person-remove').click();
    await camera.take('contact-remove');
    await page.getByTestId('confirm-cancel').click();
    await page.getByTestId('applications-open').click();
    await camera.take('applications');
    await page.getByTestId('contact-search').fill('o');
    await expect(page.getByTestId('contact-search-result').first()).toBeVisible();
    await camera.take('contact-search');
    await page.getByTestId('contact-search').fill('');

    // Everything else.
    await page.getByTestId('rail-settings').click();
    await expect(page.getByTestId('profile-confirm')).toBeVisible();
    await camera.take('settings');
    // A picture is taken in English last, so that is what the index is in.
    for (const [name, title] of [
      ['notifications', 'Notifications'],
      ['desktop', 'Window and desktop'],
      ['media', 'Pictures and files on this computer'],
      ['lock', 'Lock'],
      ['network', 'Network'],
      ['updates', 'Updates'],
    ] as const) {
      await page.getByTestId('settings-index').getByRole('button', { name: title, exact: true }).click();
      await camera.take(`settings-${name}`);
    }
    await page.getByTestId('settings-index').getByRole('button', { name: 'Profile', exact: true }).click();
    await page.getByTestId('profile-password').click();
    await camera.take('password');
    await close('password-dialog');
    await page.getByTestId('profile-avatar').click();
    await page.getByTestId('avatar-file').setInputFiles({
      name: 'me.png',
      mimeType: 'image/png',
      buffer: portrait(CAST.lin[2]),
    });
    await expect(page.getByTestId('avatar-cropper').locator('img').first()).toBeVisible();
    await camera.take('own-picture');
    await close('avatar-dialog');
    await page.getByTestId('profile-code').click();
    await expect(page.getByTestId('code-picture')).toBeVisible();
    await camera.take('own-code');
    await close('code-dialog');
    await page.getByTestId('profile-card').click();
    await expect(page.getByTestId('person-edit')).toBeVisible();
    await camera.take('own-card');
    await close('person-dialog');
    for (const [question, answer] of [
      ['What are your opening hours?', 'Ten to six, Monday to Friday.'],
      ['安装包在哪里？', '共享文件夹的 Releases 里，按日期命名。'],
    ] as const) {
      await page.getByTestId('answer-add').click();
      await page.getByTestId('answer-question').fill(question);
      await page.getByTestId('answer-text').fill(answer);
      await page.getByTestId('confirm-ok').click();
      await expect(page.getByTestId('answer-dialog')).toHaveCount(0);
    }
    await page.getByTestId('answers-section').evaluate((section) => section.scrollIntoView());
    await camera.take('answers');
    await page.getByTestId('complaint-edit').click();
    await expect(page.getByTestId('complaint-edit-dialog')).toBeVisible();
    await camera.take('complaint-edit');
    await close('complaint-edit-dialog');
    await page.getByTestId('settings-doctor').click();
    await expect(page.getByTestId('doctor-summary')).toHaveText('Everything is in order.');
    await camera.take('doctor');
    await close('doctor-dialog');
    await page.keyboard.press('Control+/');
    await expect(page.getByTestId('shortcut-sheet')).toBeVisible();
    await camera.take('shortcuts');
    await close('shortcut-sheet');
    await magpie.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(760, 520));
    await openChat(page, CAST.zhou[1]);
    await page.getByTestId('details-close').click();
    await camera.take('narrow');
    await magpie.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(1_120, 760));
    await page.getByTestId('account-add').click();
    await connectTo(page, stage.server.origin);
    await signIn(page, CAST.wu[0], PASSWORD);
    await expectOnline(page);
    await page.getByTestId('rail-settings').click();
    await expect(page.getByTestId('account-entry')).toHaveCount(2);
    await camera.take('accounts');
    await page.getByTestId('rail-chats').click();
    await expect(page.getByTestId('conversation-account')).not.toHaveCount(0);
    await camera.take('all-accounts');
    await page.getByTestId('account-switch').click();
    await expectOnline(page);
    await openChat(page, CAST.zhou[1]);
    await magpie.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(760, 520));
    await stage.server.kill();
    await expect(page.getByTestId('connection-status')).toHaveAttribute('data-state', 'offline');
    await camera.take('offline');
    return camera.pictures;
  } finally {
    await magpie.dispose();
  }
}
