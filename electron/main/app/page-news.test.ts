import { expect, it } from 'vitest';
import type { Notice } from '#protocol/ipc';
import { createFakeClock } from '../support/fake-clock.ts';
import { createPageNews } from './page-news.ts';

const FOUND: Notice = { kind: 'history-reset' };

function setUp() {
  const clock = createFakeClock();
  const told: unknown[] = [];
  let locked = false;
  const news = createPageNews({
    clock,
    emit: (_channel, payload) => told.push(payload),
    locked: () => locked,
    first: [],
  });
  return { clock, told, news, lock: (value: boolean) => (locked = value) };
}

it('keeps what happens before there is a page until it has drawn itself', () => {
  const { clock, told, news } = setUp();
  news.notice(FOUND);
  news.command({ kind: 'open-settings' });
  expect(told).toEqual([]);
  news.pageBegan();
  clock.advance(10_000);
  expect(told).toEqual([FOUND, { kind: 'open-settings' }]);
  news.command({ kind: 'open-chats' });
  expect(told).toHaveLength(3);
});

it('tells nothing to a page that is on its way out, and all of it to the next one', () => {
  const { clock, told, news } = setUp();
  news.command({ kind: 'open-settings' });
  news.pageBegan();
  news.pageGoes();
  clock.advance(10_000);
  expect(told).toEqual([]);
  news.pageBegan();
  clock.advance(10_000);
  expect(told).toEqual([{ kind: 'open-settings' }]);
});

it('waits for the lock, and for the page that begins when it is opened', () => {
  const { clock, told, news, lock } = setUp();
  lock(true);
  news.notice(FOUND);
  news.pageBegan();
  clock.advance(10_000);
  expect(told).toEqual([]);
  lock(false);
  news.pageBegan();
  clock.advance(10_000);
  expect(told).toEqual([FOUND]);
});
