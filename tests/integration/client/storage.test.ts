/** A disk that refuses to be written while messages come and are sent, against the real server. */
import { expect, test } from 'vitest';
import { friends, texts } from './people.ts';

test('a disk that cannot be written: told, nothing lost, nothing twice, and it goes on by itself', async () => {
  const { ann, bob, withBob, withAnn } = await friends();
  const [anns, bobs] = [await ann.session.runtime(), await bob.session.runtime()];
  await anns.sendText(withBob, 'before');
  await expect.poll(() => texts(bob, withAnn), { timeout: 20_000 }).toEqual(['before']);

  bob.database().all('PRAGMA query_only = ON');
  await expect(bobs.sendText(withAnn, 'not taken')).rejects.toMatchObject({ code: 'disk-read-only' });
  expect(bob.session.storage).toBe('read-only');
  for (let index = 0; index < 20; index++) await anns.sendText(withBob, `meanwhile ${index}`);
  await expect.poll(() => anns.unsentCount(), { timeout: 20_000 }).toBe(0);
  // What is there can be read all the same.
  expect(await texts(bob, withAnn)).toEqual(['before']);
  expect(bob.storage).toEqual(['read-only']);

  bob.database().all('PRAGMA query_only = OFF');
  await bobs.sendText(withAnn, 'taken');
  const all = ['before', ...Array.from({ length: 20 }, (_, index) => `meanwhile ${index}`), 'taken'];
  await expect.poll(() => texts(bob, withAnn), { timeout: 20_000 }).toEqual(all);
  await expect.poll(() => texts(ann, withBob), { timeout: 20_000 }).toEqual(all);
  await expect.poll(() => bob.storage, { timeout: 20_000 }).toEqual(['read-only', 'ok']);
  // The line below the title tells it; no toast repeats it.
  expect(bob.notices.filter(({ kind }) => kind === 'error')).toEqual([]);
}, 60_000);
