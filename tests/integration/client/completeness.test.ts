/** The proof of completeness against the real server: what was lost here comes back, what was cleared does not. */
import { expect, test } from 'vitest';
import { friends, online, page, texts, type Person } from './people.ts';

const runtime = ({ session }: Person) => session.runtime();

test('messages that were lost on the disk are found missing and fetched again', async () => {
  const { ann, bob, withBob, withAnn } = await friends();
  const written = Array.from({ length: 700 }, (_, index) => `message ${index}`);
  for (const text of written) await (await runtime(ann)).sendText(withBob, text);
  await expect
    .poll(async () => (await page(bob, withAnn)).at(-1)?.content.text, { timeout: 40_000 })
    .toBe('message 699');
  const bobs = await runtime(bob);
  const before = await bobs.completeness(withAnn);
  expect(before).toMatchObject({ tellable: true, here: before.total, checkedAt: null });

  const lost = 'sort_major % 7 = 3 OR sort_major BETWEEN 520 AND 560';
  const { changes } = bob.database().run(`DELETE FROM message WHERE ${lost}`);
  expect(changes).toBeGreaterThan(100);
  expect((await bobs.completeness(withAnn)).here).toBe(before.total - changes);

  const result = await bobs.check(withAnn);
  expect(result).toMatchObject({ fetched: changes, differing: 0, cancelled: false });
  expect(result.completeness).toMatchObject({ here: before.total, total: before.total });
  expect(result.completeness.checkedAt).not.toBeNull();
  expect(bob.checked.at(-1)).toEqual({ conversationId: withAnn, done: before.total, total: before.total });
  expect((await texts(bob, withAnn)).at(-1)).toBe('message 699');
  expect(await bobs.check(withAnn)).toMatchObject({ fetched: 0, corrected: 0, differing: 0 });
}, 90_000);

test('a cleared history stays away through a check, a reconnect and a sync; new messages come', async () => {
  const { ann, bob, withBob, withAnn } = await friends();
  await (await runtime(ann)).sendText(withBob, 'before');
  await expect.poll(() => texts(bob, withAnn)).toEqual(['before']);
  const bobs = await runtime(bob);
  await bobs.clear(withAnn);
  expect((await bobs.listConversations()).conversations.map(({ id }) => id)).not.toContain(withAnn);
  await bobs.check(withAnn);
  bobs.renewConnection();
  await online(bob);
  bob.database().run(`DELETE FROM meta WHERE name = 'cursor'`);
  bobs.renewConnection();
  await online(bob);
  expect(await page(bob, withAnn)).toEqual([]);

  await (await runtime(ann)).sendText(withBob, 'after');
  await expect.poll(() => texts(bob, withAnn), { timeout: 20_000 }).toEqual(['after']);
  expect(await bobs.completeness(withAnn)).toMatchObject({ here: 1, total: 1 });
  expect((await bobs.listConversations()).conversations.map(({ id }) => id)).toContain(withAnn);
});
