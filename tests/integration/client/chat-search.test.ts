/** Searching in a chat against the real server: what is not here is said to be missing, and fetched on the way through. */
import { expect, test } from 'vitest';
import { friends, page, type Person } from './people.ts';

const runtime = ({ session }: Person) => session.runtime();

test('what is found before a hole leads through it: what was missing is fetched, without a gap', async () => {
  const { ann, bob, withBob, withAnn } = await friends();
  for (let index = 0; index < 200; index += 1)
    await (await runtime(ann)).sendText(withBob, `message ${index}`);
  await expect
    .poll(async () => (await page(bob, withAnn)).at(-1)?.content.text, { timeout: 40_000 })
    .toBe('message 199');
  const bobs = await runtime(bob);
  const { here: all, total } = await bobs.completeness(withAnn);
  expect(all).toBe(total);

  // As after a long absence: a stretch in the middle never came here.
  const { changes: lost } = bob.database().run('DELETE FROM message WHERE sort_major BETWEEN 60 AND 150');
  bob.database().run('UPDATE stretch SET to_seq = 59');
  bob
    .database()
    .run(
      `INSERT INTO stretch (conversation, from_seq, to_seq) SELECT key, 151, head_seq FROM conversation WHERE id = ?`,
      withAnn,
    );
  const found = await bobs.search({ conversationId: withAnn, text: 'MESSAGE 30' });
  expect(found).toMatchObject({ scanned: total - lost, next: null });
  expect(await bobs.completeness(withAnn)).toMatchObject({ here: total - lost, total });
  expect((await bobs.search({ conversationId: withAnn, text: 'message 100' })).hits).toEqual([]);

  const [hit] = found.hits;
  if (hit === undefined) throw new Error('nothing found');
  const around = await bobs.pageAround({ conversationId: withAnn, position: hit.position, limit: 40 });
  expect([around.hasOlder, around.hasNewer]).toEqual([true, true]);
  const texts = around.messages.map(({ content }) => content.text);
  let last = around.messages.at(-1);
  for (let more = true; more && last !== undefined;) {
    const next = await bobs.pageAfter({ conversationId: withAnn, after: last.position, limit: 40 });
    texts.push(...next.messages.map(({ content }) => content.text));
    last = next.messages.at(-1);
    more = next.hasNewer;
  }
  const first = Number(texts[0]?.replace('message ', ''));
  expect(first).toBeLessThanOrEqual(30);
  expect(texts).toEqual(Array.from({ length: 200 - first }, (_, index) => `message ${first + index}`));
  expect(await bobs.completeness(withAnn)).toMatchObject({ here: total, total });
  expect((await bobs.search({ conversationId: withAnn, text: 'message 100' })).hits).toHaveLength(1);
}, 90_000);
