/** What a person reads stays where it is, whatever comes in above it. */
import type { Page } from '@playwright/test';
import { PNG } from 'pngjs';
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { expect, test } from './fixtures.ts';
import { connectTo, expectOnline, openChat, PASSWORD, row, signIn } from './person.ts';

const MESSAGES = 360;
/** Every so many messages one is a picture whose size the message does not tell. */
const PICTURE_EVERY = 8;

function picture(width: number, height: number): Buffer {
  const png = new PNG({ width, height });
  png.data.fill(160);
  return PNG.sync.write(png);
}

/** A text of one to twelve lines, so that no two rows need be equally high. */
const textOf = (number: number): string =>
  `message ${number}\n`.padEnd(12 + ((number * 37) % 11) * 60, '一段很长的话 ');

interface Stay {
  /** Pixels by which the message that was being read moved at most, seen in every frame. */
  moved: number;
  /** Pixels by which the conversation became longer. */
  grown: number;
  anchor: string;
}

/**
 * Scrolls up to where older messages are asked for, and watches a message on the screen until they are all there. The list
 * asks 1,200 pixels before its top.
 */
function scrollUpAndWatch(page: Page): Promise<Stay> {
  return page.getByTestId('message-list').evaluate(async (list) => {
    const frames = async (count: number) => {
      for (let left = count; left > 0; left -= 1) await new Promise(requestAnimationFrame);
    };
    // Rows that are measured on the way may bring the next page in early: then it is the turn of the one after it.
    do {
      list.scrollTop = 1_400;
      for (let height = 0; height !== list.scrollHeight;) {
        height = list.scrollHeight;
        await frames(20);
      }
    } while (Math.abs(list.scrollTop - 1_400) > 100);
    const middle = list.getBoundingClientRect().top + list.clientHeight / 2;
    const anchor = [...list.querySelectorAll<HTMLElement>('[data-testid="message"]')].findLast(
      (message) => message.getBoundingClientRect().top <= middle,
    );
    if (anchor === undefined) throw new Error('no message on the screen');
    const id = anchor.dataset['messageId'] ?? '';
    const height = list.scrollHeight;
    const place = anchor.getBoundingClientRect().top + 250;
    list.scrollTop -= 250;
    let moved = 0;
    let still = 0;
    for (let last = height, left = 6_000; still < 40 && left > 0; left -= 1) {
      await frames(1);
      const now = list.querySelector(`[data-message-id="${CSS.escape(id)}"]`)?.getBoundingClientRect().top;
      moved = Math.max(moved, Math.abs((now ?? Number.POSITIVE_INFINITY) - place));
      const arriving = list.querySelector('[data-testid="message-image"][data-loaded="false"]') !== null;
      const came = list.scrollHeight > height + 1_000;
      still = came && list.scrollHeight === last && !arriving ? still + 1 : 0;
      last = list.scrollHeight;
    }
    return { moved, grown: list.scrollHeight - height, anchor: anchor.textContent.slice(0, 40) };
  });
}

test('older messages and their pictures come in without moving what is being read; the place is there on return', async ({
  launchMagpie,
  startServer,
}) => {
  const { origin } = await startServer();
  const server = new PlainClient(origin);
  const reader = await server.register('ann_place', PASSWORD);
  const writer = await server.register('ben_place', PASSWORD);
  const other = await server.register('cy_place', PASSWORD);
  for (const friend of [writer, other]) await server.befriend(friend, reader);
  for (let number = 1; number <= MESSAGES; number += 1) {
    if (number % PICTURE_EVERY === 0) {
      const shape = picture(200 + number, 120 + ((number * 13) % 300));
      await server.sendImage(writer, reader.id, await server.upload(writer, 'chat', `${number}.png`, shape));
    } else await server.sendText(writer, reader.id, textOf(number));
  }

  const { page } = await launchMagpie();
  await connectTo(page, origin);
  await signIn(page, 'ann_place');
  await expectOnline(page);
  await openChat(page, 'ben_place');
  await expect(page.getByTestId('message-text').last()).toBeVisible();

  // Each turn brings a page of sixty messages, seven or eight of them pictures.
  for (let turn = 0; turn < 2; turn += 1) {
    const stay = await scrollUpAndWatch(page);
    expect(stay.grown, `turn ${turn}`).toBeGreaterThan(1_000);
    expect(stay.moved, `turn ${turn}, at ${stay.anchor}`).toBeLessThanOrEqual(1);
  }

  const top = () =>
    page.getByTestId('message-list').evaluate((list) => {
      const { top: edge } = list.getBoundingClientRect();
      const first = [...list.querySelectorAll('[data-testid="message"]')].find(
        (message) => message.getBoundingClientRect().bottom > edge,
      );
      const { top: at = 0 } = first?.getBoundingClientRect() ?? {};
      return { text: first?.textContent ?? '', at: at - edge };
    });
  const before = await top();
  await row(page, 'cy_place').click();
  await expect(page.getByTestId('chat-title')).toContainText('cy_place');
  await row(page, 'ben_place').click();
  await expect(page.getByTestId('chat-title')).toContainText('ben_place');
  await expect.poll(async () => (await top()).text).toBe(before.text);
  await expect.poll(async () => Math.abs((await top()).at - before.at)).toBeLessThanOrEqual(1);
});
