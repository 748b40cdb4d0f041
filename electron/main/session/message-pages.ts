import { MagpieError, toWireError } from '#protocol/errors';
import type { DatedPage, MediaPage, MessagePage } from '#protocol/ipc';
import type { Message } from '#protocol/model/message';
import type { ConversationId } from '#protocol/model/conversation';
import type { MessagePosition } from '#protocol/model/message';
import type { Gap, History } from '../history/history.ts';
import type { MediaPageInput } from '../history/media-pages.ts';
import type { Sync } from '../messaging/sync.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import type { ServerReach } from './server-reach.ts';
import type { WindowView } from './window-view.ts';

/** Somebody who scrolls waits this long for the server; then what is here has to do. */
const SCROLL_PATIENCE = 8_000;
/** Holes are filled this many times for one page at most. */
const HOLES_PER_PAGE = 3;
/** Messages that one piece of a search reads: about a hundredth of a second. */
const SEARCH_PIECE = 2_000;

export interface PageInput {
  conversationId: ConversationId;
  before?: MessagePosition;
  limit: number;
}

/** Behind a message. */
export interface NewerPageInput {
  conversationId: ConversationId;
  after: MessagePosition;
  limit: number;
}

export interface MessagePagesOptions {
  history: Pick<
    History,
    | 'page'
    | 'pageAtDate'
    | 'pageAround'
    | 'pageAfter'
    | 'mediaPage'
    | 'holeOnPage'
    | 'holeOnNewerPage'
    | 'search'
  >;
  sync: Pick<Sync, 'fetch'>;
  clock: Clock;
  log: Logger;
  reach: Pick<ServerReach, 'isOnline' | 'abilities'>;
  view: Pick<WindowView, 'present' | 'opens'>;
}

/** Pages of conversations, with what is missing on them fetched from the server. */
export function createMessagePages({ history, sync, clock, log, reach, view }: MessagePagesOptions) {
  /** Holes that a page went over while there was no connection. */
  const crossed = new Map<ConversationId, Gap>();

  const fetchGap = (gap: Gap): Promise<boolean> =>
    sync.fetch(gap).then(
      () => true,
      (thrown: unknown) => {
        log.warn('gap-not-fetched', { code: toWireError(thrown).code });
        return false;
      },
    );
  /** A page that would go over a hole gets it filled first, if the server answers in time. */
  const fill = async (input: PageInput) => {
    for (let turn = 0; turn < HOLES_PER_PAGE; turn++) {
      const hole = await history.holeOnPage(input);
      if (hole === null) return;
      const gap = { ...hole, from: Math.max(hole.from, hole.to - input.limit + 1) };
      if (!reach.isOnline || !reach.abilities.sync) {
        crossed.set(input.conversationId, gap);
        return;
      }
      const filled = fetchGap(gap);
      // The newest page is drawn at once; what is fetched for it follows as a change.
      if (input.before === undefined) return;
      const patience = new Promise<false>((resolve) => clock.after(SCROLL_PATIENCE, () => resolve(false)));
      if (!(await Promise.race([filled, patience]))) return;
    }
  };

  /** The same for a page behind a message; its holes are filled from their older end. */
  const fillNewer = async (input: NewerPageInput) => {
    for (let turn = 0; turn < HOLES_PER_PAGE; turn++) {
      const hole = await history.holeOnNewerPage(input);
      if (hole === null) return;
      const gap = { ...hole, to: Math.min(hole.to, hole.from + input.limit - 1) };
      if (!reach.isOnline || !reach.abilities.sync) {
        crossed.set(input.conversationId, gap);
        return;
      }
      const patience = new Promise<false>((resolve) => clock.after(SCROLL_PATIENCE, () => resolve(false)));
      if (!(await Promise.race([fetchGap(gap), patience]))) return;
    }
  };

  return {
    /** The newest messages, or those before a position; `server-unreachable` when only the server has them. */
    async page(input: PageInput, windowId = 0): Promise<MessagePage> {
      if (input.before === undefined) view.opens(input.conversationId, windowId);
      await fill(input);
      const { messages, hasOlder } = await history.page(input);
      // Neither here nor to be had: an empty page would say that there is nothing.
      if (messages.length === 0 && hasOlder && input.before !== undefined)
        throw new MagpieError('server-unreachable', 'older messages are on the server only');
      return { messages: messages.map(view.present), hasOlder };
    },
    async pageAtDate(input: {
      conversationId: ConversationId;
      at: number;
      limit: number;
    }): Promise<DatedPage> {
      const page = await history.pageAtDate(input);
      return { ...page, messages: page.messages.map(view.present) };
    },
    /** With a message somewhere in its middle. */
    async pageAround(input: {
      conversationId: ConversationId;
      position: MessagePosition;
      limit: number;
    }): Promise<DatedPage> {
      const { conversationId, position } = input;
      const limit = Math.ceil(input.limit / 2);
      await fill({ conversationId, before: { ...position, ordinal: position.ordinal + 1 }, limit });
      await fillNewer({ conversationId, after: position, limit });
      const page = await history.pageAround(input);
      return { ...page, messages: page.messages.map(view.present) };
    },
    async pageAfter(input: NewerPageInput): Promise<{ messages: Message[]; hasNewer: boolean }> {
      await fillNewer(input);
      const { limit } = input;
      const messages = await history.pageAfter({ ...input, limit: limit + 1 });
      return { messages: messages.slice(0, limit).map(view.present), hasNewer: messages.length > limit };
    },
    search: (input: { conversationId: ConversationId; text: string; before?: MessagePosition }) =>
      history.search({ ...input, limit: SEARCH_PIECE }),
    /** Pictures or files, as far as they are on this machine. */
    async mediaPage(input: MediaPageInput): Promise<MediaPage> {
      const page = await history.mediaPage(input);
      return { ...page, messages: page.messages.map(view.present) };
    },
    /** There is a connection: the holes that were seen without one. */
    fillCrossed(): void {
      for (const gap of crossed.values()) void fetchGap(gap);
      crossed.clear();
    },
  };
}
