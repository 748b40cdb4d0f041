/** What two people notice of each other while they talk: who is there, who types, what was read, what was taken back. */
import { expect, test } from './fixtures.ts';
import { addContact, connectTo, openChat, register, row, send } from './person.ts';

test('presence, typing, read ticks and recall reach the other side', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const ann = await launchMagpie();
  const ben = await launchMagpie();
  await connectTo(ann.page, server.origin);
  await register(ann.page, 'ann_sees');
  await connectTo(ben.page, server.origin);
  await register(ben.page, 'ben_sees');
  await addContact(ann.page, 'ben_sees');
  await openChat(ann.page, 'ben_sees');
  await expect(ann.page.getByTestId('chat-presence')).toHaveAttribute('data-online', 'true');

  // Ben looks elsewhere: sent is not read.
  await ben.page.getByTestId('rail-settings').click();
  await send(ann.page, 'first');
  const first = ann.page.locator('[data-testid="message"][data-own="true"]', { hasText: 'first' });
  await expect(first).toHaveAttribute('data-status', 'sent');
  await ben.page.getByTestId('rail-chats').click();
  await expect(row(ben.page, 'ann_sees')).toHaveAttribute('data-unread', /[1-9]/);
  await openChat(ben.page, 'ann_sees');
  await expect(first).toHaveAttribute('data-status', 'read');

  await ben.page.getByTestId('composer-input').pressSequentially('let me see');
  await expect(ann.page.getByTestId('typing-line')).toContainText('ben_sees');

  await send(ann.page, 'said too much');
  const mine = ann.page.locator('[data-testid="message"][data-own="true"]', { hasText: 'said too much' });
  const theirs = ben.page.getByTestId('message-text').getByText('said too much');
  await expect(theirs).toBeVisible();
  await mine.getByTestId('message-text').click({ button: 'right' });
  await ann.page.getByTestId('message-menu').getByText('Recall').click();
  await ann.page.getByTestId('confirm-ok').click();
  await expect(theirs).toHaveCount(0);
  await expect(ben.page.locator('[data-testid="message"][data-recalled="true"]')).toHaveCount(1);
  await expect(ann.page.locator('[data-testid="message"][data-recalled="true"]')).toHaveCount(1);
  await expect(row(ben.page, 'ann_sees').getByTestId('conversation-preview')).not.toContainText(
    'said too much',
  );

  // Taken back for good: a restart does not bring the words back.
  await ben.quit();
  await expect(ann.page.getByTestId('chat-presence')).toHaveAttribute('data-online', 'false');
  await ben.relaunch();
  await openChat(ben.page, 'ann_sees');
  await expect(ben.page.locator('[data-testid="message"][data-recalled="true"]')).toHaveCount(1);
  await expect(ben.page.getByText('said too much')).toHaveCount(0);
  for (const person of [ann, ben]) expect(person.problems()).toEqual([]);
});
