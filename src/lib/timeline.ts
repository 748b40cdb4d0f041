/**
 * Turns the messages of a conversation into the rows of the list. One message is exactly one row, with the
 * separators above it as flags: so older pages change the number of rows by the number of messages, which is what
 * keeps the virtual list anchored.
 */
import type { Message } from '#protocol/model/message';
import { DAY, MINUTE, startOfDay } from './time.ts';

const GROUP_GAP = 5 * MINUTE;

export interface TimelineRow {
  message: Message;
  /** A new calendar day begins here. */
  dayBreak: boolean;
  /** At least five minutes passed since the message before. */
  timeBreak: boolean;
  /** The line "new messages" is drawn above. */
  unreadBreak: boolean;
  /** First and last of a run by one person: where the avatar goes and how the corners look. */
  groupStart: boolean;
  groupEnd: boolean;
  /** The state of the newest own message is spelled out; the ones before say it on hover. */
  lastOwn: boolean;
  /** Others that were written later wait until this one is sent. */
  blocking: boolean;
}

function isBubble(message: Message): boolean {
  return message.content.kind !== 'notice' && !message.recalled;
}

/** Under these an explanation is drawn, so the next bubble needs its distance. */
function hasProblem(message: Message): boolean {
  return message.status === 'failed' || message.status === 'unconfirmed';
}

/** Of two messages of one calendar day. */
function continues(before: Message | undefined, message: Message): boolean {
  return (
    before !== undefined &&
    isBubble(before) &&
    isBubble(message) &&
    !hasProblem(before) &&
    before.senderId === message.senderId &&
    before.own === message.own &&
    Math.abs(message.createdAt - before.createdAt) < GROUP_GAP
  );
}

/** `firstUnreadId` is the message that was the first unread one when the conversation was opened. */
export function buildTimeline(messages: readonly Message[], firstUnreadId: string | null): TimelineRow[] {
  const rows: TimelineRow[] = [];
  let before: Message | undefined;
  // The day is worked out once per day, not per message: that is most of the cost of a long list.
  let dayStart = 0;
  let dayEnd = 0;
  let lastOwn: TimelineRow | undefined;
  /** The first that is not sent yet. */
  let head: TimelineRow | undefined;
  for (const message of messages) {
    const dayBreak = message.createdAt < dayStart || message.createdAt >= dayEnd || before === undefined;
    if (dayBreak) {
      dayStart = startOfDay(message.createdAt);
      // Half a day further is surely inside the next day, whatever daylight saving does.
      dayEnd = startOfDay(dayStart + 1.5 * DAY);
    }
    const timeBreak = before === undefined || message.createdAt - before.createdAt >= GROUP_GAP;
    const unreadBreak = message.id === firstUnreadId;
    const joined = !unreadBreak && !dayBreak && continues(before, message);
    const last = rows.at(-1);
    if (last !== undefined && joined) last.groupEnd = false;
    const row: TimelineRow = {
      message,
      dayBreak,
      timeBreak,
      unreadBreak,
      groupStart: !joined,
      groupEnd: true,
      lastOwn: false,
      blocking: false,
    };
    if (message.own && isBubble(message)) lastOwn = row;
    if (message.status === 'pending') {
      if (head === undefined) head = row;
      else head.blocking = true;
    }
    rows.push(row);
    before = message;
  }
  if (lastOwn !== undefined) lastOwn.lastOwn = true;
  return rows;
}

/** The message above which the "new messages" line goes; null when it is not among the loaded ones. */
export function findFirstUnread(messages: readonly Message[], unread: number): string | null {
  let left = unread;
  if (left <= 0) return null;
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index]!;
    // What the badge does not count is not looked for.
    if (message.own || message.recalled || message.content.kind === 'notice') continue;
    left--;
    if (left === 0) return message.id;
  }
  return null;
}
