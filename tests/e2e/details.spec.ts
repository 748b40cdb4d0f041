/** The panel beside a chat: what a person can know and do about a conversation as a whole. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type MagpieProcess } from './fixtures.ts';
import { addContact, connectTo, expectConversation, openChat, register, row, send } from './person.ts';

/** The system's dialog cannot be clicked by a test: it answers with this path, or that the person gave up. */
function answerSaveDialog(magpie: MagpieProcess, filePath: string | null): Promise<void> {
  return magpie.app.evaluate(({ dialog }, path) => {
    dialog.showSaveDialog = async () => ({ canceled: path === null, filePath: path ?? '' });
  }, filePath);
}

test('pin, mute, prove, export and clear a conversation', async ({ launchMagpie, startServer }, testInfo) => {
  const server = await startServer();
  const ann = await launchMagpie();
  const ben = await launchMagpie();
  await connectTo(ann.page, server.origin);
  await register(ann.page, 'ann_details');
  await connectTo(ben.page, server.origin);
  await register(ben.page, 'ben_details');
  await addContact(ann.page, 'ben_details');
  await openChat(ann.page, 'ben_details');
  await openChat(ben.page, 'ann_details');
  const { page } = ann;
  const panel = page.getByTestId('details-panel');
  const line = page.getByTestId('conversation-completeness');
  await send(page, '<b>first</b> & 第一条');
  await send(ben.page, 'answer');
  await expectConversation(page, ['<b>first</b> & 第一条', 'answer']);

  await test.step('opens by its button, closes by Escape, stays open from chat to chat', async () => {
    await page.getByTestId('chat-details').click();
    await expect(panel).toContainText('ben_details');
    await page.keyboard.press('Escape');
    await expect(panel).toHaveCount(0);
    await page.getByTestId('chat-details').click();
    await page.getByTestId('rail-settings').click();
    await openChat(page, 'ben_details');
    await expect(panel).toBeVisible();
  });

  await test.step('pin and mute, by pointer and by keyboard', async () => {
    await page.getByTestId('details-pin').click();
    await expect(row(page, 'ben_details')).toHaveAttribute('data-pinned', 'true');
    await page.getByTestId('details-mute').press('Space');
    await expect(row(page, 'ben_details')).toHaveAttribute('data-muted', 'true');
    await page.getByTestId('details-mute').press('Space');
    await expect(row(page, 'ben_details')).toHaveAttribute('data-muted', 'false');
  });

  await test.step('says that everything is here, and proves it', async () => {
    await expect(line).toHaveAttribute('data-complete', 'true');
    await expect(line).toHaveText(/^All \d+ messages here, in order$/u);
    await page.getByTestId('completeness-check').click();
    await expect(page.getByTestId('completeness-result')).toContainText('Compared with the server at');
  });

  await test.step('exports to JSON and HTML; giving up in the dialog is no error', async () => {
    await answerSaveDialog(ann, null);
    await page.getByTestId('details-export-json').click();
    await expect(page.getByTestId('details-export-json')).toBeEnabled();
    await expect(page.getByTestId('toast')).toHaveCount(0);

    const json = testInfo.outputPath('conversation.json');
    await answerSaveDialog(ann, json);
    await page.getByTestId('details-export-json').click();
    await expect(page.getByTestId('toast')).toContainText(json);
    const { messages } = JSON.parse(readFileSync(json, 'utf8')) as { messages: { text: string }[] };
    expect(messages.map(({ text }) => text).slice(-2)).toEqual(['<b>first</b> & 第一条', 'answer']);

    const html = testInfo.outputPath('conversation.html');
    await answerSaveDialog(ann, html);
    await page.getByTestId('details-export-html').click();
    await expect(page.getByTestId('toast').filter({ hasText: html })).toBeVisible();
    expect(readFileSync(html, 'utf8')).toContain('&lt;b&gt;first&lt;/b&gt; &amp; 第一条');

    await answerSaveDialog(ann, join(testInfo.outputPath('missing'), 'folder', 'x.html'));
    await page.getByTestId('details-export-html').click();
    await expect(page.locator('[data-testid="toast"][data-tone="danger"]')).toContainText(
      'could not be written',
    );
  });

  await test.step('clears after a question; only what is new comes back', async () => {
    await page.getByTestId('details-clear').click();
    await page.getByTestId('confirm-cancel').click();
    await expect(row(page, 'ben_details')).toBeVisible();
    await page.getByTestId('details-clear').click();
    await expect(page.getByTestId('confirm-dialog')).toBeVisible();
    await page.getByTestId('confirm-ok').click();
    await expect(row(page, 'ben_details')).toHaveCount(0);
    await expect(page.getByTestId('chat-title')).toHaveCount(0);

    await ann.quit();
    await ann.relaunch();
    await expect(ann.page.getByTestId('connection-status')).toHaveAttribute('data-state', 'online');
    await expect(row(ann.page, 'ben_details')).toHaveCount(0);
    await send(ben.page, 'a new beginning');
    await expect(row(ann.page, 'ben_details')).toHaveAttribute('data-unread', '1');
    await openChat(ann.page, 'ben_details');
    await expectConversation(ann.page, ['a new beginning']);
    await expectConversation(ben.page, ['<b>first</b> & 第一条', 'answer', 'a new beginning']);
  });
  for (const one of [ann, ben]) expect(one.problems()).toEqual([]);
});

test('a message can be undone until its time is over, and comes back into the field', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const ann = await launchMagpie();
  const ben = await launchMagpie();
  await connectTo(ann.page, server.origin);
  await register(ann.page, 'ann_undo');
  await connectTo(ben.page, server.origin);
  await register(ben.page, 'ben_undo');
  await addContact(ann.page, 'ben_undo');
  await ann.page.getByTestId('rail-settings').click();
  await ann.page.getByTestId('settings-undo').getByText('5 s').click();
  await openChat(ann.page, 'ben_undo');
  await openChat(ben.page, 'ann_undo');

  await send(ann.page, 'too hasty');
  await ann.page.getByTestId('message-undo').click();
  await expect(ann.page.getByTestId('composer-input')).toHaveValue('too hasty');
  await expect(ann.page.getByTestId('composer-input')).toBeFocused();
  await expectConversation(ann.page, []);

  await send(ann.page, 'considered');
  await expectConversation(ben.page, ['considered']);
  await expect(ann.page.getByTestId('message-undo')).toHaveCount(0);
  await expectConversation(ann.page, ['considered']);
});
