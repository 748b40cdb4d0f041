import { describe, expect, test } from 'vitest';
import { resolveAvatar, resolveUrlList } from './normalise.ts';

const origin = 'http://chat.example:7001';

describe('the picture of a person', () => {
  test.each([
    '/public/chat/user.png',
    '/chat/user.jpg',
    'http://chat.example:7001/public/chat/user.png',
    'http://127.0.0.1:7001/chat/user.jpg',
    '',
    null,
    undefined,
  ])('the default picture is no picture: %s', (value) => {
    expect(resolveAvatar(origin, value)).toBe('');
  });

  test.each([
    ['/public/uploads/a.png', `${origin}/public/uploads/a.png`],
    ['/public/uploads/chat/user.png', `${origin}/public/uploads/chat/user.png`],
    ['https://pictures.example/me.jpg', 'https://pictures.example/me.jpg'],
  ])('a chosen picture stays: %s', (value, expected) => {
    expect(resolveAvatar(origin, value)).toBe(expected);
  });
});

describe('the pictures of a group', () => {
  test('members without a picture of their own have their place, relative addresses get the origin', () => {
    expect(resolveUrlList(origin, '/a.png,/public/chat/user.png, http://cdn.example/b.png,')).toEqual([
      `${origin}/a.png`,
      '',
      'http://cdn.example/b.png',
    ]);
  });
  test('there are nine at most, and none where nobody has one', () => {
    expect(resolveUrlList(origin, Array(12).fill('/a.png').join())).toHaveLength(9);
    expect(resolveUrlList(origin, '/chat/user.jpg,/chat/user.jpg')).toEqual([]);
    expect(resolveUrlList(origin, null)).toEqual([]);
  });
});
