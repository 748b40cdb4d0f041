/** Times as a person reads them. All functions are pure: `now` is always handed in. */

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a formatter costs about 50 µs, far more than using one. */
function format(locale: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale}|${name}`;
  let made = formats.get(key);
  if (made === undefined) {
    made = new Intl.DateTimeFormat(locale, options);
    formats.set(key, made);
  }
  return made;
}

/** Midnight of the local day; equal for two moments exactly when they share a calendar day. */
export function startOfDay(time: number): number {
  const date = new Date(time);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** A day as date fields want it: `2025-03-09`, by the local calendar. */
export function dayValue(time: number): string {
  const date = new Date(time);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** When such a day begins here; null for anything else. */
export function startOfDayValue(value: string): number | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/u.exec(value);
  if (match === null) return null;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  return new Date(year, month - 1, day).getTime();
}

export function isSameDay(a: number, b: number): boolean {
  return startOfDay(a) === startOfDay(b);
}

/** Whole calendar days from `time` to `now`; rounding absorbs the hour that daylight saving adds or takes. */
function daysAgo(time: number, now: number): number {
  return Math.round((startOfDay(now) - startOfDay(time)) / DAY);
}

export function clockTime(time: number, locale: string): string {
  return format(locale, 'clock', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(time);
}

/** Making one costs more than anything it is asked afterwards. */
const relatives = new Map<string, Intl.RelativeTimeFormat>();
function dayWord(locale: string, days: number): string {
  let made = relatives.get(locale);
  if (made === undefined)
    relatives.set(locale, (made = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })));
  const word = made.format(days, 'day');
  return word.charAt(0).toLocaleUpperCase(locale) + word.slice(1);
}

const yesterday = (locale: string): string => dayWord(locale, -1);
const today = (locale: string): string => dayWord(locale, 0);

/** In the conversation list: clock time under 12 hours, weekday under 6 days, then the full date. */
export function listTime(time: number, now: number, locale: string): string {
  const age = now - time;
  if (age < 12 * HOUR || isSameDay(time, now)) return clockTime(time, locale);
  if (daysAgo(time, now) === 1) return yesterday(locale);
  if (age < 6 * DAY) return format(locale, 'weekday', { weekday: 'short' }).format(time);
  return format(locale, 'date', { year: 'numeric', month: '2-digit', day: '2-digit' }).format(time);
}

/** On a day separator. */
export function dayLabel(time: number, now: number, locale: string): string {
  const days = daysAgo(time, now);
  if (days === 0) return today(locale);
  if (days === 1) return yesterday(locale);
  if (days > 1 && days < 6) return format(locale, 'weekday-long', { weekday: 'long' }).format(time);
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return sameYear
    ? format(locale, 'day', { month: 'long', day: 'numeric', weekday: 'short' }).format(time)
    : format(locale, 'day-year', { year: 'numeric', month: 'long', day: 'numeric' }).format(time);
}

/** Over the pictures of a month. */
export function monthLabel(time: number, locale: string): string {
  return format(locale, 'month', { year: 'numeric', month: 'long' }).format(time);
}

/** For tooltips and screen readers: nothing left out. */
export function fullTime(time: number, locale: string): string {
  return format(locale, 'full', { dateStyle: 'long', timeStyle: 'short' }).format(time);
}

/** How long something is, in the largest unit that still says something: "40 sec", "3 min", "2 hours". */
export function roughDuration(milliseconds: number, locale: string): string {
  const [unit, size] =
    milliseconds < 90 * 1_000
      ? (['second', 1_000] as const)
      : milliseconds < 90 * MINUTE
        ? (['minute', MINUTE] as const)
        : milliseconds < 36 * HOUR
          ? (['hour', HOUR] as const)
          : (['day', DAY] as const);
  const count = Math.max(1, Math.round(milliseconds / size));
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(count);
}
