import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparePositions, PENDING_MAJOR, type Message } from '#protocol/model/message';
import { adoptNewestPage, arrivals, mergeMessages, removeMessages, withinLoaded } from './message-merge.ts';
import { makeMessage } from './messages.fixture.ts';

const at = (major: number, id = `m${major}`, ordinal = major) =>
  makeMessage({ id, position: { major, minor: 0, ordinal } });
const ids = (messages: readonly Message[]) => messages.map((message) => message.id);

describe('mergeMessages', () => {
  it('appends, inserts and replaces', () => {
    const current = [at(1), at(3)];
    expect(ids(mergeMessages(current, [at(4)]))).toEqual(['m1', 'm3', 'm4']);
    expect(ids(mergeMessages(current, [at(2)]))).toEqual(['m1', 'm2', 'm3']);
    expect(mergeMessages(current, [{ ...at(3), recalled: true }])[1]!.recalled).toBe(true);
    expect(mergeMessages(current, [])).toBe(current);
  });

  it('moves an acknowledged message from the end to its place', () => {
    const pending = at(PENDING_MAJOR, 'mine', 9);
    const current = mergeMessages([at(1)], [pending]);
    const withTheirs = mergeMessages(current, [at(3)]);
    expect(ids(withTheirs)).toEqual(['m1', 'm3', 'mine']);
    expect(ids(mergeMessages(withTheirs, [at(2, 'mine')]))).toEqual(['m1', 'mine', 'm3']);
  });

  it('is sorted, unique and keeps the newest version, whatever arrives in whatever order', () => {
    const message = fc
      .record({ id: fc.integer({ min: 0, max: 30 }), major: fc.integer({ min: 0, max: 20 }) })
      .map(({ id, major }) => makeMessage({ id: `m${id}`, position: { major, minor: 0, ordinal: id } }));
    fc.assert(
      fc.property(fc.array(fc.array(message, { maxLength: 12 }), { maxLength: 8 }), (batches) => {
        let list: readonly Message[] = [];
        const newest = new Map<string, Message>();
        for (const batch of batches) {
          list = mergeMessages(list, batch);
          for (const item of batch) newest.set(item.id, item);
        }
        expect(list).toEqual([...newest.values()].sort((a, b) => comparePositions(a.position, b.position)));
      }),
    );
  });
});

describe('removeMessages', () => {
  it('gives the same list back when nothing is gone', () => {
    const current = [at(1), at(2)];
    expect(removeMessages(current, new Set(['x']))).toBe(current);
    expect(ids(removeMessages(current, new Set(['m1'])))).toEqual(['m2']);
  });
});

describe('adoptNewestPage', () => {
  const page = { messages: [at(5), at(6), at(7)], hasOlder: true };
  it('keeps older pages that join on', () => {
    const kept = { messages: [at(1), at(2), at(5), at(6)], hasOlder: false };
    const result = adoptNewestPage(kept, page);
    expect(ids(result.messages)).toEqual(['m1', 'm2', 'm5', 'm6', 'm7']);
    expect(result.hasOlder).toBe(false);
  });
  it('drops what was deleted meanwhile', () => {
    const kept = { messages: [at(1), at(5), at(5.5, 'gone'), at(6)], hasOlder: true };
    expect(ids(adoptNewestPage(kept, page).messages)).toEqual(['m1', 'm5', 'm6', 'm7']);
  });
  it('never leaves a hole', () => {
    const kept = { messages: [at(1), at(2)], hasOlder: true };
    expect(adoptNewestPage(kept, page)).toBe(page);
  });
  it('takes a page that is the whole conversation as it is', () => {
    const whole = { messages: [at(5)], hasOlder: false };
    expect(adoptNewestPage({ messages: [at(1), at(5)], hasOlder: true }, whole)).toBe(whole);
  });
});

describe('withinLoaded', () => {
  it('leaves out what lies below the loaded part while there may be a hole between', () => {
    const range = { messages: [at(5), at(6)], hasOlder: true };
    expect(ids(withinLoaded(range, [at(2), at(5), at(7)]))).toEqual(['m5', 'm7']);
    expect(ids(withinLoaded({ ...range, hasOlder: false }, [at(2)]))).toEqual(['m2']);
    expect(ids(withinLoaded({ messages: [], hasOlder: true }, [at(2)]))).toEqual(['m2']);
  });
  it('leaves out what came at the end while somebody stands in the past, own unsent messages too', () => {
    const range = { messages: [at(5), at(9)], hasOlder: true, hasNewer: true };
    const changed = [at(2), at(7), at(9), at(12), at(PENDING_MAJOR, 'mine', 40)];
    expect(ids(withinLoaded(range, changed))).toEqual(['m7', 'm9']);
    expect(ids(withinLoaded({ ...range, hasNewer: false }, changed))).toEqual(['m7', 'm9', 'm12', 'mine']);
  });
});

describe('arrivals', () => {
  it('finds what came, also before own unsent messages, but never older pages', () => {
    const pending = at(PENDING_MAJOR, 'mine', 9);
    expect(ids(arrivals([at(1), pending], [at(1), at(2), at(3), pending]))).toEqual(['m2', 'm3']);
    expect(arrivals([at(5)], [at(1), at(2), at(5)])).toEqual([]);
    expect(arrivals([], [at(1)])).toEqual([]);
  });
});
