/** Finding something in a chat: by its words, in any script, and by its day. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { addContact, connectTo, openChat, register, row, send } from './person.ts';

/** Many messages at once, as fast as the outbox takes them. */
async function sendMany(page: Page, texts: string[]): Promise<void> {
  await page.evaluate(async (all) => {
    const bridge = Reflect.get(window, 'magpie') as {
      invoke(channel: string, input: unknown): Promise<{ ok: boolean }>;
    };
    const list = (await bridge.invoke('conversations:list', undefined)) as unknown as {
      value: { conversations: { id: string; kind: string }[] };
    };
    const conversationId = list.value.conversations.find(({ kind }) => kind === 'single')?.id;
    for (const text of all) await bridge.invoke('messages:send-text', { conversationId, text });
  }, texts);
}

const hit = (page: Page) => page.locator('[data-testid="message"][data-pointed-at]');
const field = (page: Page) => page.getByTestId('chat-search-input');

test('a text is found anywhere in the history, in any script, and walked through in its place', async ({
  launchMagpie,
  startServer,
}, testInfo) => {
  const server = await startServer();
  const ann = await launchMagpie();
  const { page } = ann;
  await connectTo(page, server.origin);
  await register(page, 'ann_search');
  const bert = await launchMagpie();
  await connectTo(bert.page, server.origin);
  await register(bert.page, 'bert_search');
  await addContact(page, 'bert_search');
  await openChat(page, 'bert_search');
  const texts = Array.from({ length: 400 }, (_, index) => `message number ${index}`);
  texts[3] = '那天下雨了，我们没有出去';
  texts[5] = 'The Pelican was here';
  texts[200] = '又下雨';
  texts[390] = 'a pelican, once more';
  await sendMany(page, texts);
  await expect(row(bert.page, 'ann_search')).toContainText('message number 399', { timeout: 60_000 });
  await openChat(bert.page, 'ann_search');
  await expect(bert.page.getByTestId('message-text').first()).toBeVisible();

  // On the other side, where only the newest pages were ever loaded into the window.
  const other = bert.page;
  await other.keyboard.press('Control+f');
  await expect(field(other)).toBeFocused();
  await field(other).fill('PELICAN');
  await expect(other.getByTestId('chat-search-count')).toHaveText('1 of 2');
  await expect(hit(other)).toContainText('a pelican, once more');
  await expect(hit(other).locator('mark')).toHaveText('pelican');
  await field(other).press('Enter');
  await expect(other.getByTestId('chat-search-count')).toHaveText('2 of 2');
  await expect(hit(other)).toContainText('The Pelican was here');
  await expect(hit(other)).toBeInViewport();
  // What stands around it is there too, down to the beginning.
  await expect(other.getByTestId('message-text').filter({ hasText: '那天下雨了' })).toBeAttached();
  await expect(other.getByTestId('chat-search-older')).toBeDisabled();
  const { violations } = await new AxeBuilder({ page: other }).setLegacyMode(true).analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
  await other.screenshot({ path: testInfo.outputPath('chat-search.png'), animations: 'disabled' });
  await field(other).press('Shift+Enter');
  await expect(hit(other)).toContainText('a pelican, once more');

  // One and two characters of Chinese, from the newest on; nothing is said to be missing, because all of it is here.
  await field(other).fill('雨');
  await expect(other.getByTestId('chat-search-count')).toHaveText('1 of 2');
  await expect(hit(other)).toHaveText(/又下雨/u);
  await field(other).fill('下雨');
  await expect(other.getByTestId('chat-search-count')).toHaveText('1 of 2');
  await other.getByTestId('chat-search-older').click();
  await expect(hit(other)).toContainText('那天下雨了');
  await expect(other.getByTestId('chat-search-coverage')).toHaveCount(0);
  await field(other).fill('nobody ever wrote this');
  await expect(other.getByTestId('chat-search-count')).toHaveText('Nothing found');

  // News that come while somebody reads in the past do not move them, and the end is one click away.
  await field(other).fill('The Pelican');
  await expect(hit(other)).toContainText('The Pelican was here');
  await send(page, 'are you still reading?');
  await expect(row(other, 'ann_search')).toContainText('are you still reading?');
  await expect(
    other.getByTestId('message-text').filter({ hasText: 'The Pelican was here' }),
  ).toBeInViewport();
  await expect(other.getByTestId('message-text').filter({ hasText: 'are you still' })).toHaveCount(0);
  // Scrolling down goes on where the page ends, without a gap.
  const seen = await other.getByTestId('message-list').evaluate(async (list) => {
    const numbers = new Set<number>();
    for (let step = 0; step < 4_000; step += 1) {
      for (const element of list.querySelectorAll('[data-testid="message-text"]')) {
        const match = /^message number (\d+)$/u.exec(element.textContent?.trim() ?? '');
        if (match !== null) numbers.add(Number(match[1]));
      }
      if (numbers.has(180)) break;
      list.scrollTop += list.clientHeight * 0.5;
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    }
    return [...numbers].filter((number) => number >= 10 && number <= 180).length;
  });
  expect(seen).toBe(171);
  await other.getByTestId('jump-to-latest').click();
  await expect(other.getByTestId('message-text').last()).toHaveText('are you still reading?');
  await field(other).press('Escape');
  await expect(other.getByTestId('chat-search-bar')).toHaveCount(0);
  await expect(other.getByTestId('composer-input')).toBeFocused();
  await expect(other.locator('mark')).toHaveCount(0);

  // A day: today begins with the first message; a day on which nothing was written says so.
  await other.getByTestId('chat-search').click();
  const today = await other.getByTestId('chat-search-day').getAttribute('max');
  await other.getByTestId('chat-search-day').fill(today ?? '');
  await expect(
    other.getByTestId('message-text').filter({ hasText: 'message number 0' }).first(),
  ).toBeInViewport();
  await other.getByTestId('chat-search-day').fill('2020-01-01');
  await expect(
    other.getByTestId('toast').filter({ hasText: 'Nothing was written on that day' }),
  ).toBeVisible();
  await send(other, 'from the past to the end');
  await expect(other.getByTestId('message-text').last()).toHaveText('from the past to the end');
  for (const one of [ann, bert]) expect(one.problems()).toEqual([]);
});
