import { expect, test } from 'vitest';
import { linkIn } from './links.ts';
import { dockMenu, jumpList, MOST_RECENT_CHATS, placeIn } from './recent-chats.ts';
import { SAFE_MODE, safeArguments } from './start-arguments.ts';

const KEY = 'a'.repeat(32);
const chats = Array.from({ length: 20 }, (_, index) => ({
  place: `${KEY}/single:${index + 1}`,
  name: `Friend ${index + 1}`,
}));

test("the dock's menu opens what it names", () => {
  const opened: string[] = [];
  const menu = dockMenu(chats, { open: (place) => opened.push(place) });
  expect(menu).toHaveLength(MOST_RECENT_CHATS);
  expect(menu[1]?.label).toBe('Friend 2');
  menu[1]?.click?.({} as never, undefined, {} as never);
  expect(opened).toEqual([`${KEY}/single:2`]);
});

test("an entry of the taskbar's list leads back to its conversation", () => {
  const [category] = jumpList(chats, { program: 'C:\\Magpie\\Magpie.exe', title: 'Recent chats' });
  expect(category).toMatchObject({ type: 'custom', name: 'Recent chats' });
  const items = category?.items ?? [];
  expect(items).toHaveLength(MOST_RECENT_CHATS);
  const argument = items[0]?.args?.replaceAll('"', '') ?? '';
  expect(placeIn(['C:\\Magpie\\Magpie.exe', '--flag', argument])).toBe(`${KEY}/single:1`);
});

test('nothing to show, no list; a name that says nothing is left out', () => {
  expect(jumpList([], { program: 'x', title: 'Recent' })).toEqual([]);
  expect(
    jumpList([{ place: `${KEY}/single:1`, name: ' \u202e ' }], { program: 'x', title: 'Recent' }),
  ).toEqual([]);
  expect(dockMenu([{ place: 'x', name: 'n'.repeat(500) }], { open: () => undefined })[0]?.label).toHaveLength(
    61,
  );
});

test('only what our own menus would write is taken from the arguments', () => {
  for (const argument of [
    '--open-chat=',
    '--open-chat=single:1',
    `--open-chat=${KEY}/other:1`,
    '--open-chat=../x/single:1',
    'magpie://person/1',
  ])
    expect(placeIn(['magpie', argument]), argument).toBeNull();
});

test('a link is found wherever it stands, and only one of ours', () => {
  expect(linkIn(['magpie', '--switch', 'magpie://person/12', '/tmp'])).toBe('magpie://person/12');
  for (const argv of [
    ['magpie'],
    ['https://example.org'],
    ['magpie://'],
    ['x magpie://person/12'],
    ['magpie://a b'],
  ])
    expect(linkIn(argv), argv.join(' ')).toBeNull();
  expect(linkIn([`magpie://person/${'1'.repeat(5_000)}`])).toBeNull();
});

test('a start in safe mode repeats nothing that was meant for one start', () => {
  expect(
    safeArguments([
      '/app',
      '--hidden',
      'magpie://person/1',
      `--open-chat=${KEY}/single:1`,
      '--lang=zh',
      SAFE_MODE,
    ]),
  ).toEqual(['/app', '--lang=zh', SAFE_MODE]);
});
