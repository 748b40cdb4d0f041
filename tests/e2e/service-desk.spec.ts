/** What answers while somebody is away, and what reaches the administrators. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { writeFile } from 'node:fs/promises';
import { runAdminCall } from '../../server/admin/command-line.ts';
import { png } from '../helpers/files/samples.ts';
import { PlainServer } from '../helpers/plain-egg-im/plain-server.ts';
import { expect, test } from './fixtures.ts';
import { addContact, connectTo, openChat, register, row, send } from './person.ts';

test('answers are prepared, tried and given in the absence of their owner; a complaint goes in and is answered', async ({
  launchMagpie,
  startServer,
}, testInfo) => {
  const server = await startServer();
  const desk = await launchMagpie();
  await connectTo(desk.page, server.origin);
  await register(desk.page, 'shop_desk');
  const look = async (page: Page, name: string): Promise<void> => {
    await page.screenshot({ path: testInfo.outputPath(`${name}.png`), animations: 'disabled' });
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect
      .soft(
        serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`),
        name,
      )
      .toEqual([]);
  };

  await test.step('the editor: add, change, try, delete', async () => {
    const { page } = desk;
    await page.getByTestId('rail-settings').click();
    const section = page.getByTestId('answers-section');
    await expect(section).toContainText('No answers yet.');
    const add = async (question: string, answer: string): Promise<void> => {
      await page.getByTestId('answer-add').click();
      await page.getByTestId('answer-question').fill(question);
      await page.getByTestId('answer-text').fill(answer);
      await page.getByTestId('confirm-ok').click();
      await expect(page.getByTestId('answer-dialog')).toBeHidden();
    };
    await add('What are your opening hours?', 'Nine to five');
    await add('Where is the shop?', 'Main street 1');
    await expect(section.getByTestId('answer-row')).toHaveCount(2);

    await section
      .getByTestId('answer-row')
      .filter({ hasText: 'opening hours' })
      .getByTestId('answer-edit')
      .click();
    await expect(page.getByTestId('answer-text')).toHaveValue('Nine to five');
    await page.getByTestId('answer-text').fill('Ten to six');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect(section.getByTestId('answer-row').filter({ hasText: 'Ten to six' })).toHaveCount(1);

    await page.getByTestId('answer-try').fill('opening hours');
    await page.getByTestId('answer-try').press('Enter');
    await expect(page.getByTestId('answer-outcome')).toContainText('Ten to six');

    await section
      .getByTestId('answer-row')
      .filter({ hasText: 'Where is' })
      .getByTestId('answer-remove')
      .click();
    await look(page, 'answer-removal');
    await page.getByTestId('confirm-ok').click();
    await expect(section.getByTestId('answer-row')).toHaveCount(1);
    await section.scrollIntoViewIfNeeded();
    await look(page, 'answers');
  });

  const customer = await launchMagpie();
  const { page } = customer;
  await connectTo(page, server.origin);
  await register(page, 'cust_desk');
  await addContact(page, 'shop_desk');
  await openChat(page, 'shop_desk');

  await test.step('nothing is answered while the owner is there', async () => {
    await send(page, 'opening hours please');
    await openChat(desk.page, 'cust_desk');
    await expect(desk.page.getByTestId('message-text').last()).toHaveText('opening hours please');
    await send(desk.page, 'Pay me first, you fool');
    await expect(page.getByTestId('message-text').last()).toHaveText('Pay me first, you fool');
    await expect(page.getByTestId('message-text').filter({ hasText: 'Ten to six' })).toHaveCount(0);
  });

  await test.step('away, the prepared answer comes by itself, and mere talk gets none', async () => {
    await desk.quit();
    // The server, too, knows by now that nobody is there.
    await expect(page.getByTestId('chat-presence')).toHaveAttribute('data-online', 'false');
    await send(page, 'see you tomorrow then');
    await send(page, 'and your opening hours?');
    await expect(page.getByTestId('message-text').last()).toHaveText('Ten to six', { timeout: 60_000 });
    await expect(page.getByTestId('message-text').filter({ hasText: 'Ten to six' })).toHaveCount(1);
    await expect(
      page.getByTestId('message').filter({ hasText: 'Ten to six' }).getByTestId('message-automatic'),
    ).toBeVisible();
  });

  const picture = testInfo.outputPath('proof.png');
  await writeFile(picture, png(64, 48, [180, 40, 40]));
  await test.step('a message is reported, with a picture', async () => {
    await page.getByTestId('message').filter({ hasText: 'Pay me first' }).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Report' }).click();
    const dialog = page.getByTestId('complaint-dialog');
    await expect(dialog).toContainText('Report shop_desk');
    await expect(dialog.getByTestId('confirm-ok')).toBeDisabled();
    await dialog.getByTestId('complaint-reason-abuse').check();
    await dialog.getByTestId('complaint-text').fill('He calls me names.');
    const reported = dialog.getByTestId('complaint-message').filter({ hasText: 'Pay me first' });
    await expect(reported.getByRole('checkbox')).toBeChecked();
    await dialog
      .getByTestId('complaint-message')
      .filter({ hasText: 'Ten to six' })
      .getByRole('checkbox')
      .check();
    await dialog.getByTestId('complaint-file-input').setInputFiles(picture);
    await expect(dialog.getByTestId('complaint-picture')).toHaveCount(1);
    await look(page, 'complaint');
    await dialog.getByTestId('confirm-ok').click();
    await expect(dialog).toBeHidden();
    await expect(page.getByTestId('toast').filter({ hasText: 'Handed in' })).toBeVisible();
  });

  await test.step('the administrators have all of it, and answer', async () => {
    const administer = (name: string, fields: Record<string, unknown>) =>
      runAdminCall({ dataDirectory: server.dataFolder, name, fields });
    const { result } = (await administer('complaint', { id: 1 })) as {
      result: {
        reason: string;
        content: string;
        author: string;
        images: string[];
        evidence: { stored: string }[];
      };
    };
    expect(result).toMatchObject({
      reason: 'Insults or harassment',
      content: 'He calls me names.',
      author: 'cust_desk',
      targetName: 'shop_desk',
      targetType: 'single',
    });
    expect(result.images).toHaveLength(1);
    expect(result.evidence.map(({ stored }) => stored).join()).toContain('Pay me first, you fool');
    expect(result.evidence).toHaveLength(2);
    await administer('process', { id: 1, status: 'done', reply: 'We talked to them.' });
  });

  await test.step('the answer is seen in the settings', async () => {
    await page.getByTestId('rail-settings').click();
    const mine = page.getByTestId('complaint-row');
    await expect(mine).toHaveAttribute('data-state', 'done');
    await expect(mine.getByTestId('complaint-reply')).toContainText('We talked to them.');
    await mine.scrollIntoViewIfNeeded();
    await look(page, 'complaints');
  });

  await test.step('a whole conversation can be reported from its details, and taken back', async () => {
    await openChat(page, 'shop_desk');
    await expect(row(page, 'shop_desk')).toHaveCount(1);
    await page.getByTestId('chat-details').click();
    await page.getByTestId('details-profile').click();
    await page.getByTestId('person-report').click();
    await expect(page.getByTestId('complaint-dialog')).toContainText('Report shop_desk');
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('complaint-dialog')).toBeHidden();
    await page.getByTestId('details-report').click();
    await page.getByTestId('complaint-reason-other').check();
    await page.getByTestId('complaint-dialog').getByTestId('confirm-ok').click();
    await expect(page.getByTestId('complaint-dialog')).toBeHidden();
    await page.getByTestId('rail-settings').click();
    await expect(page.getByTestId('complaint-row')).toHaveCount(2);

    // While it waits, its words and pictures can be changed; what was there is there when it is opened again.
    const waiting = page.getByTestId('complaint-row').filter({ has: page.getByTestId('complaint-edit') });
    const edit = page.getByTestId('complaint-edit-dialog');
    await page.getByTestId('complaint-edit').click();
    await edit.getByTestId('complaint-edit-text').fill('The second thought.');
    await edit.getByTestId('complaint-file-input').setInputFiles([picture, picture]);
    await expect(edit.getByTestId('complaint-picture')).toHaveCount(2);
    await look(page, 'complaint-edit');
    await edit.getByTestId('confirm-ok').click();
    await expect(edit).toBeHidden();
    await expect(waiting).toContainText('The second thought.');
    await expect(waiting.getByTestId('complaint-shown-picture')).toHaveCount(2);
    await page.getByTestId('complaint-edit').click();
    await expect(edit.getByTestId('complaint-edit-text')).toHaveValue('The second thought.');
    await edit.getByRole('button', { name: 'Remove picture 1' }).click();
    await edit.getByTestId('complaint-edit-text').press('Tab');
    await edit.getByTestId('confirm-ok').click();
    await expect(edit).toBeHidden();
    await expect(waiting.getByTestId('complaint-shown-picture')).toHaveCount(1);
    // The picture that stayed is one that can be loaded.
    const shownPicture = waiting.getByTestId('complaint-shown-picture');
    await expect
      .poll(() => shownPicture.evaluate((one: HTMLImageElement) => one.naturalWidth))
      .toBeGreaterThan(0);
    // Once somebody works on it the server refuses, in its words, and the list shows how it stands.
    await page.getByTestId('complaint-edit').click();
    await runAdminCall({
      dataDirectory: server.dataFolder,
      name: 'process',
      fields: { id: 2, status: 'working', reply: '' },
    });
    await edit.getByTestId('complaint-edit-text').fill('A third thought.');
    await edit.getByTestId('confirm-ok').click();
    await expect(edit).toContainText('该投诉已开始处理，无法修改');
    await edit.getByTestId('confirm-cancel').click();
    await expect(page.getByTestId('complaint-edit')).toHaveCount(0);
    await expect(page.getByTestId('complaint-row').first()).toContainText('The second thought.');
    await runAdminCall({
      dataDirectory: server.dataFolder,
      name: 'process',
      fields: { id: 2, status: 'pending', reply: '' },
    });
    await page.getByTestId('rail-chats').click();
    await page.getByTestId('rail-settings').click();
    await page.getByTestId('complaint-withdraw').click();
    await page.getByTestId('confirm-ok').click();
    await expect(page.getByTestId('complaint-row')).toHaveCount(1);
  });
});

test('the service notices of a plain server lead to their places in the app', async ({ launchMagpie }) => {
  const server = await PlainServer.start();
  const { page } = await launchMagpie();
  try {
    await connectTo(page, server.origin);
    await register(page, 'notice_e2e');
    const follow = async (name: string): Promise<void> => {
      await page.getByTestId('rail-chats').click();
      await row(page, name).click();
      await page.getByTestId('service-action').click();
    };
    const close = async (testId: string): Promise<void> => {
      await expect(page.getByTestId(testId)).toBeVisible();
      await page.keyboard.press('Escape');
      await expect(page.getByTestId(testId)).toBeHidden();
    };
    await test.step('N14: the password', async () => {
      await follow('Change password');
      await close('password-dialog');
    });
    await test.step('N19: the own code', async () => {
      await follow('My code');
      await expect(page.getByTestId('code-dialog')).toContainText('notice_e2e');
      await close('code-dialog');
    });
    await test.step('N17: the profile', async () => {
      await follow('Your picture');
      await expect(page.getByTestId('profile-code')).toBeInViewport();
    });
    await test.step('N18, N21: who may write, who is asked', async () => {
      for (const name of ['Who may write to me', 'Ask me before adding me']) {
        await follow(name);
        await expect(page.getByTestId('profile-strangers')).toBeInViewport();
      }
    });
    await test.step('N22: automatic answers', async () => {
      await follow('Automatic answers');
      await expect(page.getByTestId('answer-add')).toBeInViewport();
    });
    await test.step('N20: searching people', async () => {
      await follow('Find people');
      await expect(page.getByTestId('contact-search')).toBeFocused();
    });
  } finally {
    await server.stop();
  }
});
