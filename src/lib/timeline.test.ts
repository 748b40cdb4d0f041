import { describe, expect, it } from 'vitest';
import { buildTimeline, findFirstUnread } from './timeline.ts';
import { makeMessage } from './messages.fixture.ts';
import { MINUTE } from './time.ts';

const noon = new Date(2026, 10, 21, 12, 0).getTime();
const text = (id: string, minutes: number, senderId = 2, own = false) =>
  makeMessage({ id, senderId, own, createdAt: noon + minutes * MINUTE });

describe('buildTimeline', () => {
  it('groups what one person wrote within five minutes', () => {
    const rows = buildTimeline([text('a', 0), text('b', 4), text('c', 8), text('d', 9, 1, true)], null);
    expect(rows.map((row) => [row.groupStart, row.groupEnd])).toEqual([
      [true, false],
      [false, false],
      [false, true],
      [true, true],
    ]);
  });
  it('breaks the group and shows the time at exactly five minutes', () => {
    const rows = buildTimeline([text('a', 0), text('b', 5)], null);
    expect(rows[1]).toMatchObject({ groupStart: true, timeBreak: true, dayBreak: false });
  });
  it('starts every loaded range and every day with a separator', () => {
    const rows = buildTimeline([text('a', 0), text('b', 12 * 60 + 1)], null);
    expect(rows.map((row) => row.dayBreak)).toEqual([true, true]);
  });
  it('never groups across a notice, a recalled message or the unread line', () => {
    const notice = makeMessage({ id: 'n', createdAt: noon, content: { kind: 'notice', text: 'x' } });
    const recalled = { ...text('r', 0), recalled: true };
    const rows = buildTimeline(
      [text('a', 0), notice, text('b', 0), recalled, text('c', 0), text('d', 0)],
      'd',
    );
    expect(rows.every((row) => row.groupStart && row.groupEnd)).toBe(true);
    expect(rows.at(-1)!.unreadBreak).toBe(true);
  });
  it('marks the newest own message only', () => {
    const rows = buildTimeline([text('a', 0, 1, true), text('b', 1, 1, true), text('c', 2)], null);
    expect(rows.map((row) => row.lastOwn)).toEqual([false, true, false]);
  });
});

describe('findFirstUnread', () => {
  const notice = makeMessage({ id: 'n', content: { kind: 'notice', text: 'x' } });
  const messages = [text('a', 0), text('b', 1), notice, text('mine', 2, 1, true), text('c', 3)];
  it('counts what the badge counts: what was received and is no notice', () => {
    expect(findFirstUnread(messages, 1)).toBe('c');
    expect(findFirstUnread(messages, 2)).toBe('b');
  });
  it('gives up when the line lies further up or nowhere', () => {
    expect(findFirstUnread(messages, 9)).toBeNull();
    expect(findFirstUnread(messages, 0)).toBeNull();
  });
});
