/** What the server says by itself: in the window's language, in one place, and never in the way. */
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { expect, test } from './fixtures.ts';
import { addContact, connectTo, openChat, register, row, send } from './person.ts';

test('applicants share one row, friendship is told in the language of the window, long texts are folded', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const { page } = await launchMagpie();
  await connectTo(page, server.origin);
  await register(page, 'ann_e2e');

  const plain = new PlainClient(server.origin);
  const ben = await plain.register('ben_e2e');
  const cem = await plain.register('cem_e2e');
  const dan = await plain.register('dan_e2e');

  await test.step('friendship', async () => {
    await addContact(page, 'ben_e2e');
    await openChat(page, 'ben_e2e');
    await expect(page.getByTestId('message-text').first()).toHaveText(
      'You are contacts now and can start to talk.',
    );
  });

  await test.step('words that a person typed stay theirs', async () => {
    await send(page, '我们已经是好友了，可以开始聊天了');
    await expect(page.getByTestId('message-text').last()).toHaveText('我们已经是好友了，可以开始聊天了');
  });

  await test.step('a long text', async () => {
    await send(page, `${'long '.repeat(2_000)}end`);
    const text = page.getByTestId('message-text').last();
    await expect(text).toContainText('long');
    await expect(text).not.toContainText('end');
    const fold = page.getByTestId('message-fold');
    await fold.click();
    await expect(text).toContainText('end');
    await expect(fold).toHaveAttribute('aria-expanded', 'true');
    await fold.click();
    await expect(text).not.toContainText('end');
  });

  await test.step('two applicants', async () => {
    const [ann] = (await plain.data('POST', '/api/chat/searchUser', {
      token: ben.token,
      json: { keyword: 'ann_e2e' },
    })) as { id: number }[];
    for (const person of [cem, dan]) {
      const answer = await plain.call('POST', '/api/chat/applyfriend', {
        token: person.token,
        json: { friend_id: ann?.id, nickname: 'hi' },
      });
      expect(answer.status).toBe(200);
    }
    await page.getByTestId('rail-chats').click();
    await expect(row(page, 'New friends')).toHaveCount(1);
    await expect(row(page, 'New friends')).toHaveAttribute('data-unread', '2');
    await expect(row(page, 'New friends').getByTestId('conversation-preview')).toHaveText(
      'dan_e2e would like to add you as a contact',
    );
  });
});
