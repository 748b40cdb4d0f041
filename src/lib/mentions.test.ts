import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mentionQuery, mentionsIn } from './mentions.ts';

it('the name that is being typed is the word behind the last @', () => {
  expect(mentionQuery('hi @An', 6)).toEqual({ start: 3, text: 'An' });
  expect(mentionQuery('@', 1)).toEqual({ start: 0, text: '' });
  expect(mentionQuery('你好@林', 4)).toEqual({ start: 2, text: '林' });
  expect(mentionQuery('hi @An there', 12)).toBeNull();
  expect(mentionQuery('mail ann@example', 16)).toBeNull();
  expect(mentionQuery('none', 4)).toBeNull();
});

it('never reaches past the caret', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('@', 'a', ' ', '林'), maxLength: 40 }),
      fc.nat(40),
      (text, at) => {
        const caret = Math.min(at, text.length);
        const query = mentionQuery(text, caret);
        if (query !== null) expect(text.slice(query.start, caret)).toBe(`@${query.text}`);
      },
    ),
  );
});

const ANN = { accountId: 1, name: 'Ann' };
const ANNA = { accountId: 2, name: 'Anna' };
const LIN = { accountId: 3, name: '林' };
const LINLIN = { accountId: 4, name: '林林' };
const EVERYBODY = { accountId: 'all' as const, name: 'Everybody' };
const MEMBERS = [ANN, ANNA, LIN, LINLIN, EVERYBODY];

it('only names that still stand in the text mean somebody, the longest that fits', () => {
  expect(mentionsIn('@Ann and @Ann again', MEMBERS)).toEqual([1]);
  expect(mentionsIn('@Anna', MEMBERS, [ANN])).toEqual([2]);
  expect(mentionsIn('@Anna, hello', [ANN], [ANN])).toBeUndefined();
  expect(mentionsIn('@林林你好', MEMBERS)).toEqual([4]);
  expect(mentionsIn('你好@林 @Ann', MEMBERS)).toEqual([3, 1]);
  expect(mentionsIn('nobody', MEMBERS, [ANN])).toBeUndefined();
  expect(mentionsIn('mail x@Ann', MEMBERS)).toBeUndefined();
  expect(mentionsIn('@Everybody, @Ann', MEMBERS)).toBe('all');
});

it('of two with one name, the one who was picked; both where nobody was', () => {
  const other = { accountId: 9, name: 'Ann' };
  expect(mentionsIn('@Ann ', [ANN, other], [other])).toEqual([9]);
  expect(mentionsIn('@Ann ', [ANN, other])).toEqual([1, 9]);
});

it('finds everybody whose name was put behind an @, whatever stands between', () => {
  const people = [ANN, ANNA, LIN, LINLIN];
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...people), fc.constantFrom(' ', ', ', '。', '\n', ' Ann '))),
      (spoken) => {
        const text = spoken.map(([{ name }, between]) => `@${name}${between}`).join('');
        const meant = new Set(spoken.map(([{ accountId }]) => accountId));
        expect(new Set((mentionsIn(text, people) as number[] | undefined) ?? [])).toEqual(meant);
      },
    ),
  );
});
