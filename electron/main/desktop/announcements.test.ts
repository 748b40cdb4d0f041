import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Conversation } from '#protocol/model/conversation';
import type { Message } from '#protocol/model/message';
import { createFakeClock } from '../support/fake-clock.ts';
import { createAnnouncements, DIGEST, MOST_IN_BURST, QUIET, UPDATE_PAUSE } from './announcements.ts';
import type { Arrival } from './attention.ts';

const arrival = (id: string, unread = 1, messageId: string | null = null): Arrival => ({
  conversation: { id, unread, name: id } as Conversation,
  message: messageId === null ? null : ({ id: messageId } as Message),
});

function desk() {
  const clock = createFakeClock();
  /** What a person sees: per key the unread number it was shown with last. */
  const screen = new Map<string, number>();
  const shows: string[] = [];
  let sounds = 0;
  const announcements = createAnnouncements({
    clock,
    announce(key, { conversation }, fresh) {
      screen.set(key, conversation.unread);
      shows.push(key);
      if (fresh) sounds += 1;
    },
    digest(arrivals, fresh) {
      screen.set(
        DIGEST,
        arrivals.reduce((sum, { conversation }) => sum + conversation.unread, 0),
      );
      shows.push(DIGEST);
      if (fresh) sounds += 1;
    },
    withdraw: (key) => void screen.delete(key),
  });
  return { clock, screen, shows, announcements, sounds: () => sounds };
}

describe('notifications', () => {
  test('the first comes at once, the many after it as their last state', () => {
    const { announcements, screen, shows, clock, sounds } = desk();
    for (let unread = 1; unread <= 10_000; unread += 1) announcements.arrive(arrival('single:1', unread));
    expect(shows).toEqual(['single:1']);
    clock.advance(UPDATE_PAUSE);
    expect(shows).toHaveLength(2);
    expect(screen.get('single:1')).toBe(10_000);
    expect(sounds()).toBe(1);
  });

  test('three conversations get their own, the others one that sums up', () => {
    const { announcements, screen, clock } = desk();
    for (const id of ['a', 'b', 'c', 'd', 'e']) announcements.arrive(arrival(id, 2));
    clock.advance(UPDATE_PAUSE);
    expect([...screen]).toEqual([
      ['a', 2],
      ['b', 2],
      ['c', 2],
      [DIGEST, 4],
    ]);
    announcements.read('d');
    clock.advance(UPDATE_PAUSE);
    expect(screen.get(DIGEST)).toBe(2);
    announcements.read('e');
    expect(screen.has(DIGEST)).toBe(false);
  });

  test('what comes after some quiet is shown by itself again', () => {
    const { announcements, screen, clock } = desk();
    for (const id of ['a', 'b', 'c', 'd']) announcements.arrive(arrival(id));
    clock.advance(QUIET + 1);
    announcements.arrive(arrival('e'));
    expect(screen.has('e')).toBe(true);
  });

  test('read, taken back, or closed by the person', () => {
    const { announcements, screen, clock, shows } = desk();
    announcements.arrive(arrival('a', 1, 'm1'));
    announcements.gone('other');
    expect(screen.has('a')).toBe(true);
    announcements.gone('m1');
    expect(screen.has('a')).toBe(false);
    announcements.arrive(arrival('b', 1));
    announcements.arrive(arrival('b', 2));
    announcements.read('b');
    clock.advance(UPDATE_PAUSE * 2);
    expect(screen.size).toBe(0);
    announcements.arrive(arrival('c'));
    announcements.closed('c');
    announcements.arrive(arrival('c', 2));
    expect(shows.filter((key) => key === 'c')).toHaveLength(2);
    announcements.clear();
    expect(screen.size).toBe(0);
  });

  test('whatever comes and goes: at most three and a digest, and nothing of what is read', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('arrive' as const), id }) },
      fc.record({ kind: fc.constant('read' as const), id }),
      fc.record({ kind: fc.constant('closed' as const), id: fc.oneof(id, fc.constant(DIGEST)) }),
      fc.record({ kind: fc.constant('wait' as const), time: fc.integer({ min: 1, max: QUIET - 1 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { announcements, screen, clock } = desk();
        const unread = new Map<string, number>();
        let sinceArrival = 0;
        for (const one of steps) {
          if (one.kind === 'arrive') {
            // One burst only: what the rule promises.
            fc.pre(sinceArrival <= QUIET);
            sinceArrival = 0;
            unread.set(one.id, (unread.get(one.id) ?? 0) + 1);
            announcements.arrive(arrival(one.id, unread.get(one.id)));
          } else if (one.kind === 'read') {
            unread.delete(one.id);
            announcements.read(one.id);
          } else if (one.kind === 'closed') {
            if (screen.delete(one.id)) announcements.closed(one.id);
          } else {
            sinceArrival += one.time;
            clock.advance(one.time);
          }
          const singles = [...screen.keys()].filter((key) => key !== DIGEST);
          expect(singles.length).toBeLessThanOrEqual(MOST_IN_BURST);
          for (const key of singles) expect(unread.has(key)).toBe(true);
        }
        clock.advance(UPDATE_PAUSE * 2);
        for (const [key, shown] of screen) if (key !== DIGEST) expect(shown).toBe(unread.get(key));
      }),
    );
  });
});
