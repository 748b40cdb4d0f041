/** Keeps the loaded part of a conversation sorted, unique and without holes. All functions are pure. */
import type { HistoryChanges } from '#protocol/ipc';
import { comparePositions, PENDING_MAJOR, type Message } from '#protocol/model/message';

const compare = (a: Message, b: Message): number => comparePositions(a.position, b.position);

function isSorted(messages: readonly Message[]): boolean {
  for (let index = 1; index < messages.length; index++) {
    if (compare(messages[index - 1]!, messages[index]!) > 0) return false;
  }
  return true;
}

/** Adds new messages and replaces known ones; the result ascends by position and holds every id once. */
export function mergeMessages(current: readonly Message[], incoming: readonly Message[]): readonly Message[] {
  if (incoming.length === 0) return current;
  const byId = new Map<string, Message>();
  for (const message of incoming) byId.set(message.id, message);
  const fresh = [...byId.values()];
  if (!isSorted(fresh)) fresh.sort(compare);
  const kept = current.filter((message) => !byId.has(message.id));
  const last = kept.at(-1);
  // The usual case: everything that came is newer than everything we have.
  if (last === undefined || compare(last, fresh[0]!) <= 0) return kept.concat(fresh);

  const merged: Message[] = [];
  let left = 0;
  let right = 0;
  while (left < kept.length && right < fresh.length) {
    merged.push(compare(kept[left]!, fresh[right]!) <= 0 ? kept[left++]! : fresh[right++]!);
  }
  while (left < kept.length) merged.push(kept[left++]!);
  while (right < fresh.length) merged.push(fresh[right++]!);
  return merged;
}

/**
 * What of a change belongs to the loaded part. Below its oldest message something may lie that is not loaded, so older
 * ones wait for their page; so do those above its newest one where the loaded part does not reach the end.
 */
export function withinLoaded(range: LoadedRange, changed: readonly Message[]): readonly Message[] {
  const [oldest, newest] = [range.messages[0], range.messages.at(-1)];
  if (oldest === undefined || newest === undefined) return changed;
  return changed.filter(
    (message) =>
      (!range.hasOlder || compare(message, oldest) >= 0) &&
      (!range.hasNewer || compare(message, newest) <= 0),
  );
}

export function removeMessages(current: readonly Message[], ids: ReadonlySet<string>): readonly Message[] {
  const kept = current.filter((message) => !ids.has(message.id));
  return kept.length === current.length ? current : kept;
}

export interface LoadedRange {
  messages: readonly Message[];
  hasOlder: boolean;
  /** It does not reach the end: somebody jumped into the past. */
  hasNewer?: boolean;
}

/**
 * Takes the newest page over what was kept from an earlier visit. Where both overlap, the page wins (it also knows
 * what was deleted meanwhile). Where a hole lies between them, the old part goes: it is fetched again on scrolling.
 */
export function adoptNewestPage(kept: LoadedRange | undefined, page: LoadedRange): LoadedRange {
  const oldest = page.messages[0];
  if (kept === undefined || oldest === undefined || !page.hasOlder) return page;
  const older = kept.messages.filter((message) => compare(message, oldest) < 0);
  const overlaps = kept.messages.some((message) => message.id === oldest.id);
  if (older.length === 0 || !overlaps) return page;
  return { messages: mergeMessages(older, page.messages), hasOlder: kept.hasOlder };
}

/**
 * What came in at the end between two states of a list. Own unsent messages stay behind everything that arrives, so
 * the newest arrival need not be the last row.
 */
export function arrivals(before: readonly Message[], now: readonly Message[]): Message[] {
  if (before.length === 0) return [];
  const known = new Set(before.map(({ id }) => id));
  const fresh: Message[] = [];
  for (let index = now.length - 1; index >= 0; index--) {
    const message = now[index]!;
    if (!known.has(message.id)) fresh.push(message);
    else if (message.position.major !== PENDING_MAJOR) break;
  }
  return fresh.reverse();
}

/** Was a message taken back, or deleted? */
export function isGone(
  id: string,
  { messages, removedMessages }: Pick<HistoryChanges, 'messages' | 'removedMessages'>,
): boolean {
  return (
    messages.some((message) => message.id === id && message.recalled) ||
    removedMessages.some(({ messageId }) => messageId === id)
  );
}
