/** Decides which notifications are on the desktop: one per conversation, three in a burst, then one that sums up. */
import type { ConversationId } from '#protocol/model/conversation';
import type { Clock } from '../support/clock.ts';
import type { Arrival } from './attention.ts';

/** A conversation that keeps getting messages changes its notification this often at most. */
export const UPDATE_PAUSE = 1_500;
/** A burst is over when nothing new came for this long. */
export const QUIET = 5_000;
/** Notifications of single conversations in one burst. */
export const MOST_IN_BURST = 3;

/** Key of the notification that sums up. */
export const DIGEST = 'digest';
export type AnnouncementKey = ConversationId | typeof DIGEST;

export interface AnnouncementsOptions {
  clock: Clock;
  /** Shows, or replaces what is shown under the same key. `fresh`: worth a sound. */
  announce(key: ConversationId, arrival: Arrival, fresh: boolean): void;
  /** Sums up what came in these conversations. */
  digest(arrivals: Arrival[], fresh: boolean): void;
  withdraw(key: AnnouncementKey): void;
}

interface Entry {
  arrival: Arrival;
  shownAt: number;
  cancel: (() => void) | null;
}

export type Announcements = ReturnType<typeof createAnnouncements>;

export function createAnnouncements(options: AnnouncementsOptions) {
  const { clock } = options;
  const entries = new Map<ConversationId, Entry>();
  const summed = new Map<ConversationId, Arrival>();
  let digestEntry: Omit<Entry, 'arrival'> | null = null;
  /** Shown singly in this burst, and still there. */
  const burst = new Set<ConversationId>();
  let lastArrivalAt = Number.NEGATIVE_INFINITY;

  /** Shows at once what was not shown lately, and the last state of everything else after a pause. */
  const inTime = (entry: Omit<Entry, 'arrival'>, fresh: boolean, show: (fresh: boolean) => void) => {
    const wait = entry.shownAt + UPDATE_PAUSE - clock.uptime();
    if (wait <= 0 && entry.cancel === null) {
      entry.shownAt = clock.uptime();
      show(fresh);
      return;
    }
    entry.cancel ??= clock.after(Math.max(0, wait), () => {
      entry.cancel = null;
      entry.shownAt = clock.uptime();
      show(false);
    });
  };
  const drop = (id: ConversationId): boolean => {
    entries.get(id)?.cancel?.();
    burst.delete(id);
    return entries.delete(id);
  };
  const endDigest = () => {
    digestEntry?.cancel?.();
    digestEntry = null;
    summed.clear();
  };
  const showDigest = (fresh: boolean) => {
    digestEntry ??= { shownAt: Number.NEGATIVE_INFINITY, cancel: null };
    inTime(digestEntry, fresh, (isFresh) => options.digest([...summed.values()], isFresh));
  };
  const remove = (id: ConversationId) => {
    if (drop(id)) options.withdraw(id);
    if (!summed.delete(id)) return;
    if (summed.size > 0) return showDigest(false);
    endDigest();
    options.withdraw(DIGEST);
  };

  return {
    arrive(arrival: Arrival): void {
      const now = clock.uptime();
      const isNewBurst = now - lastArrivalAt > QUIET;
      if (isNewBurst) burst.clear();
      lastArrivalAt = now;
      const { id } = arrival.conversation;
      if (summed.has(id)) {
        summed.set(id, arrival);
        showDigest(isNewBurst);
        return;
      }
      let entry = entries.get(id);
      if (entry === undefined) {
        if (burst.size >= MOST_IN_BURST) {
          summed.set(id, arrival);
          showDigest(digestEntry === null);
          return;
        }
        burst.add(id);
        entry = { arrival, shownAt: Number.NEGATIVE_INFINITY, cancel: null };
        entries.set(id, entry);
      }
      const shown = entry;
      shown.arrival = arrival;
      inTime(shown, true, (fresh) => options.announce(id, shown.arrival, fresh));
    },
    /** The person has read it, here or elsewhere. */
    read: remove,
    /** The message was taken back: a notification that shows it goes. */
    gone(messageId: string): void {
      for (const [id, { arrival }] of entries) if (arrival.message?.id === messageId) remove(id);
      for (const [id, arrival] of summed) if (arrival.message?.id === messageId) remove(id);
    },
    /** The desktop or the person took it away: the next message gets a new one. */
    closed(key: AnnouncementKey): void {
      if (key === DIGEST) endDigest();
      else drop(key);
    },
    /** Takes everything away. */
    clear(): void {
      for (const id of [...entries.keys()]) remove(id);
      if (digestEntry === null) return;
      endDigest();
      options.withdraw(DIGEST);
    },
  };
}
