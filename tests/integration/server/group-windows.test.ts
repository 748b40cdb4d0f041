/** Random comings, goings and messages: everybody sees what was said while they were there, in one order, and nothing else. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GroupCalls } from './groups.ts';
import { testServer } from './harness.ts';

type Step =
  | { do: 'send'; who: number }
  | { do: 'join' | 'quit' | 'remove' | 'invite'; who: number }
  /** Several at once: the order in which the server takes them decides. */
  | { do: 'crowd'; who: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('send' as const), who: fc.nat(3) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('join' as const, 'quit' as const, 'remove' as const, 'invite' as const),
      // The founder stays.
      who: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('crowd' as const), who: fc.integer({ min: 1, max: 3 }) }),
  },
);

test('windows of membership hold whatever the order of events', async () => {
  const { client } = await testServer();
  const groups = new GroupCalls(client);
  const accounts = await client.registerAll('anna01', 'bert01', 'cora01', 'dirk01');
  const [founder, ...others] = accounts;
  await groups.found(founder, others);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const id = await groups.foundAgain(founder, others);
      const seenBy = new Map(accounts.map((account) => [account.id, new Set<string>()]));
      const members = new Set(accounts.map((account) => account.id));
      let number = 0;
      for (const { do: what, who } of steps) {
        const account = accounts[who] ?? founder;
        const isMember = members.has(account.id);
        if (what === 'crowd') {
          // A goodbye and messages race: whatever the founder said before it is theirs, the rest is not.
          const said = [0, 1, 2].map(() => `text ${number++}`);
          const calls = said.map((text) => groups.send(founder, id, text));
          await Promise.all([...calls, isMember ? groups.quit(account, id) : groups.join(account, id)]);
          const seen = await groups.seen(account, id, 50);
          for (const text of said) {
            for (const memberId of members) if (memberId !== account.id) seenBy.get(memberId)?.add(text);
            if (seen.some((one) => one.text === text)) seenBy.get(account.id)?.add(text);
          }
          // In the order of the server, which need not be that of the calls.
          const order = (await groups.seen(founder, id, 50))
            .filter(({ text }) => said.includes(text))
            .map(({ text }) => seen.some((one) => one.text === text));
          const sorted = [...order].sort((one, two) => Number(one) - Number(two));
          expect(order, 'a window has one edge').toEqual(isMember ? sorted.reverse() : sorted);
          if (isMember) members.delete(account.id);
          else members.add(account.id);
        } else if (what === 'send') {
          const text = `text ${number++}`;
          if (isMember) {
            await groups.send(account, id, text);
            for (const memberId of members) seenBy.get(memberId)?.add(text);
          } else await expect(groups.send(account, id, text)).rejects.toThrow('您不在群里，无法发消息');
        } else if (what === 'quit' && isMember) {
          await groups.quit(account, id);
          members.delete(account.id);
        } else if (what === 'remove' && isMember) {
          await groups.remove(founder, id, account.id);
          members.delete(account.id);
        } else if ((what === 'join' || what === 'invite') && !isMember) {
          await groups.join(what === 'join' ? account : founder, id, account.id);
          members.add(account.id);
        }
      }
      const all = (await groups.seen(founder, id, 7)).map(({ seq }) => seq);
      expect(all, 'numbers without gaps for who was always there').toEqual(all.map((_, index) => index + 1));
      for (const account of accounts) {
        const seen = await groups.seen(account, id, 3);
        const written = seen.filter(({ text }) => text.startsWith('text ')).map(({ text }) => text);
        expect(new Set(written)).toEqual(seenBy.get(account.id));
        expect(written.length).toBe(new Set(written).size);
        const numbers = seen.map(({ seq }) => seq);
        expect(numbers).toEqual([...numbers].sort((one, two) => one - two));
      }
    }),
    { numRuns: 25 },
  );
}, 120_000);
