import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparePositions } from '#protocol/model/message';
import { history, incoming, receive, enqueue } from '../../../tests/helpers/history/engine-on-disk.ts';

describe('paging', () => {
  test('pages join without holes or repeats, in order, whatever the order of arrival', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        fc.uuid(),
        (numbers, limit, numbered, name) => {
          const id = `single:${name}`;
          receive(
            numbers.map((number) =>
              incoming({
                serverId: `s${number}`,
                conversation: { id, kind: 'single', name: '', avatars: [], link: null },
                sequence: numbered ? number : null,
                createdAt: number * 10,
              }),
            ),
          );
          const seen = [];
          let before;
          for (;;) {
            const page = history.page({
              conversationId: id,
              limit,
              ...(before === undefined ? {} : { before }),
            });
            seen.unshift(...page.messages);
            before = page.messages[0]?.position;
            if (!page.hasOlder) break;
          }
          const expected = [...numbers].sort((a, b) => a - b).map((number) => `s${number}`);
          expect(seen.map(({ serverId }) => serverId)).toEqual(expected);
          expect([...seen].sort((a, b) => comparePositions(a.position, b.position))).toEqual(seen);
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe('a date', () => {
  const at = (sequence: number, createdAt: number) =>
    incoming({ serverId: `s${sequence}`, sequence, createdAt });
  const found = (when: number, limit = 2) => {
    const { messages, hasOlder, hasNewer } = history.pageAtDate({
      conversationId: 'single:2',
      at: when,
      limit,
    });
    return [messages.map(({ content }) => content.text), hasOlder, hasNewer];
  };

  test('leads to the first message of that time, with what there is around it', () => {
    receive([at(1, 100), at(2, 200), at(3, 300), at(4, 400)]);
    enqueue('mine');
    expect(found(0)).toEqual([['s1', 's2'], false, true]);
    expect(found(200)).toEqual([['s2', 's3'], true, true]);
    expect(found(201, 9)).toEqual([['s3', 's4', 'mine'], true, false]);
    // After the end: the end, whatever the clock says that stamped what is not sent yet.
    expect(found(9_000)).toEqual([['s4', 'mine'], true, false]);
  });

  test('is of the server: its clock may have been set back, and a page is in the order of the numbers all the same', () => {
    receive([at(1, 900), at(2, 200), at(3, 300)]);
    expect(found(250, 9)).toEqual([['s3'], true, false]);
    expect(found(850, 9)).toEqual([['s1', 's2', 's3'], false, false]);
  });

  test('passes over what was deleted, and finds nothing where nothing is', () => {
    expect(found(1)).toEqual([[], false, false]);
    receive([at(1, 100), at(2, 200), at(3, 300)]);
    history.deleteMessage('r2');
    expect(found(150)).toEqual([['s3'], true, false]);
  });
});
