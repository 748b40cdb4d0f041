/** The reason why Magpie exists: two people find each other and talk, whatever happens to apps and server meanwhile. */
import { expect, test } from './fixtures.ts';
import {
  addContact,
  connectTo,
  expectConversation,
  expectOnline,
  openChat,
  register,
  row,
  send,
  storedDraft,
} from './person.ts';

test('two people meet, talk, leave, come back, and lose nothing', async ({ launchMagpie, startServer }) => {
  const server = await startServer();
  const ann = await launchMagpie();
  const ben = await launchMagpie();
  await connectTo(ann.page, server.origin);
  await register(ann.page, 'ann_e2e');
  await connectTo(ben.page, server.origin);
  await register(ben.page, 'ben_e2e');

  // Ben wants to be asked first, so Ann's request waits for him.
  await test.step('find and befriend', async () => {
    await addContact(ann.page, 'ben_e2e');
    await expect(row(ann.page, 'ben_e2e').or(ann.page.getByTestId('toast'))).toBeVisible();
    await ann.page.getByTestId('rail-chats').click();
    await ben.page.getByTestId('rail-chats').click();
    await expect(row(ann.page, 'ben_e2e')).toBeVisible();
    await expect(row(ben.page, 'ann_e2e')).toBeVisible();
  });

  const said: string[] = [];
  await test.step('twenty messages both ways', async () => {
    await openChat(ann.page, 'ben_e2e');
    await openChat(ben.page, 'ann_e2e');
    for (let turn = 1; turn <= 10; turn += 1) {
      const question = `question ${turn}: 好吗？`;
      const answer = `answer ${turn}: 好的 👍`;
      await send(ann.page, question);
      said.push(question);
      await expect(ben.page.getByTestId('message-text').getByText(question, { exact: true })).toBeVisible();
      await send(ben.page, answer);
      said.push(answer);
      await expect(ann.page.getByTestId('message-text').getByText(answer, { exact: true })).toBeVisible();
    }
    await expectConversation(ann.page, said);
    await expectConversation(ben.page, said);
    await expect(
      ann.page
        .locator('[data-testid="message"][data-own="true"]:is([data-status="sent"], [data-status="read"])')
        .last(),
    ).toBeVisible();
  });

  await test.step('what was sent while an app was closed is there once, in order, and counted as unread', async () => {
    await ben.quit();
    for (let number = 1; number <= 5; number += 1) {
      const text = `while you were away ${number}`;
      await send(ann.page, text);
      said.push(text);
    }
    await expectConversation(ann.page, said);
    await expect(ann.page.locator('[data-testid="message"][data-status="pending"]')).toHaveCount(0);

    await ben.relaunch();
    await expectOnline(ben.page);
    await expect(row(ben.page, 'ann_e2e')).toHaveAttribute('data-unread', '5');
    await expect(row(ben.page, 'ann_e2e').getByTestId('conversation-unread')).toHaveText('5');
    await expect(ben.page.getByTestId('rail-unread')).toHaveText('5');

    await openChat(ben.page, 'ann_e2e');
    await expect(row(ben.page, 'ann_e2e')).toHaveAttribute('data-unread', '0');
    await expect(ben.page.getByTestId('rail-unread')).toHaveCount(0);
    await expectConversation(ben.page, said);
  });

  await test.step('the server dies and comes back: what was typed meanwhile arrives once', async () => {
    await server.kill();
    for (const person of [ann, ben]) {
      await expect(person.page.getByTestId('connection-status')).not.toHaveAttribute('data-state', 'online');
    }
    await send(ann.page, 'typed into the silence 1');
    await send(ann.page, 'typed into the silence 2');
    said.push('typed into the silence 1', 'typed into the silence 2');
    await expect(ann.page.locator('[data-testid="message"][data-status="pending"]')).toHaveCount(2);

    await server.restart();
    await expectOnline(ann.page);
    await expectOnline(ben.page);
    await expectConversation(ben.page, said);
    await expectConversation(ann.page, said);
    await expect(ann.page.locator('[data-testid="message"][data-status="pending"]')).toHaveCount(0);
  });

  await test.step('restarting both apps changes nothing', async () => {
    await ann.quit();
    await ben.quit();
    await ann.relaunch();
    await ben.relaunch();
    await openChat(ann.page, 'ben_e2e');
    await openChat(ben.page, 'ann_e2e');
    await expectConversation(ann.page, said);
    await expectConversation(ben.page, said);
  });

  for (const person of [ann, ben]) expect(person.problems()).toEqual([]);
});

test('what was typed survives a killed app: draft and outbox', async ({ launchMagpie, startServer }) => {
  const server = await startServer();
  const ann = await launchMagpie();
  const ben = await launchMagpie();
  await connectTo(ann.page, server.origin);
  await register(ann.page, 'ann_kill');
  await connectTo(ben.page, server.origin);
  await register(ben.page, 'ben_kill');
  await addContact(ann.page, 'ben_kill');
  await openChat(ann.page, 'ben_kill');
  await openChat(ben.page, 'ann_kill');

  await server.kill();
  await expect(ann.page.getByTestId('connection-status')).not.toHaveAttribute('data-state', 'online');
  await send(ann.page, 'sent into the void');
  await expect(ann.page.locator('[data-testid="message"][data-status="pending"]')).toHaveCount(1);
  await ann.page.getByTestId('composer-input').fill('half a thought');
  await expect.poll(() => storedDraft(ann.page, 'ben_kill')).toBe('half a thought');
  await ann.kill();

  await ann.relaunch();
  await openChat(ann.page, 'ben_kill');
  await expect(ann.page.getByTestId('composer-input')).toHaveValue('half a thought');
  await expectConversation(ann.page, ['sent into the void']);

  await server.restart();
  await expectConversation(ben.page, ['sent into the void']);
  await expect(
    ann.page.locator(
      '[data-testid="message"][data-own="true"]:is([data-status="sent"], [data-status="read"])',
    ),
  ).toHaveCount(1);
  await expect(ann.page.getByTestId('composer-input')).toHaveValue('half a thought');
});
