import { describe, expect, it } from 'vitest';
import { clockTime, DAY, dayLabel, HOUR, isSameDay, listTime } from './time.ts';

const now = new Date(2026, 10, 21, 18, 30).getTime();

describe('listTime', () => {
  it('shows the clock under twelve hours', () => {
    expect(listTime(now - 3 * HOUR, now, 'zh-CN')).toBe('15:30');
    expect(listTime(now - 3 * HOUR, now, 'en')).toBe('15:30');
  });
  it('shows the clock for all of today and just after midnight', () => {
    expect(listTime(new Date(2026, 10, 21, 0, 5).getTime(), now, 'en')).toBe('00:05');
    const night = new Date(2026, 10, 21, 1, 0).getTime();
    expect(listTime(night - 2 * HOUR, night, 'en')).toBe('23:00');
  });
  it('shows yesterday, then the weekday, then the full date', () => {
    expect(listTime(now - DAY, now, 'zh-CN')).toBe('昨天');
    expect(listTime(now - DAY, now, 'en')).toBe('Yesterday');
    expect(listTime(now - 3 * DAY, now, 'zh-CN')).toBe('周三');
    expect(listTime(now - 3 * DAY, now, 'en')).toBe('Wed');
    expect(listTime(now - 6 * DAY, now, 'zh-CN')).toBe('2026/11/15');
    expect(listTime(now - 6 * DAY, now, 'en')).toBe('11/15/2026');
  });
  it('does not fail for a server clock ahead of ours', () => {
    expect(listTime(now + HOUR, now, 'en')).toBe('19:30');
  });
});

describe('dayLabel', () => {
  it('names near days and dates far ones', () => {
    expect(dayLabel(now, now, 'zh-CN')).toBe('今天');
    expect(dayLabel(now - DAY, now, 'en')).toBe('Yesterday');
    expect(dayLabel(now - 2 * DAY, now, 'zh-CN')).toBe('星期四');
    expect(dayLabel(new Date(2025, 2, 4).getTime(), now, 'zh-CN')).toBe('2025年3月4日');
  });
});

it('tells days apart by the calendar, not by 24 hours', () => {
  const lateEvening = new Date(2026, 10, 20, 23, 59).getTime();
  expect(isSameDay(lateEvening, lateEvening + 2 * 60_000)).toBe(false);
  expect(clockTime(lateEvening, 'en')).toBe('23:59');
});
