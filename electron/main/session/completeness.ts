import { MagpieError } from '#protocol/errors';
import type { CheckResult, Completeness } from '#protocol/model/completeness';
import { parseConversationId, type ConversationId } from '#protocol/model/conversation';
import type { ChatDialect } from '../dialects/chat-dialect.ts';
import type { History } from '../history/history.ts';
import { checkConversation } from '../messaging/completeness-check.ts';
import type { Sync } from '../messaging/sync.ts';
import type { Clock } from '../support/clock.ts';
import type { RuntimeEvents } from './runtime-events.ts';
import type { ServerReach } from './server-reach.ts';
import type { WindowView } from './window-view.ts';

export interface CompletenessKeeperOptions {
  history: Pick<History, 'standing' | 'syncCursor' | 'proveRange' | 'repairRange'>;
  dialect: Pick<ChatDialect, 'history'>;
  sync: Pick<Sync, 'inTurn'>;
  clock: Clock;
  reach: Pick<ServerReach, 'isOnline' | 'abilities'>;
  view: Pick<WindowView, 'reading' | 'tell'>;
  events: Pick<RuntimeEvents, 'checked'>;
}

export type CompletenessKeeper = ReturnType<typeof createCompletenessKeeper>;

/** How much of each conversation is on this machine, and whether it is what the server has. */
export function createCompletenessKeeper(options: CompletenessKeeperOptions) {
  const { history, dialect, sync, clock, reach, view, events } = options;
  /** When each conversation was last compared with the server. */
  const checkedAt = new Map<ConversationId, number>();
  const checks = new Map<ConversationId, AbortController>();

  const of = async (conversationId: ConversationId): Promise<Completeness> => {
    const { first, head, here, outside } = await history.standing(conversationId);
    const { kind } = parseConversationId(conversationId);
    // Without a connection the server's earlier word counts.
    const numbered = reach.isOnline ? reach.abilities.sync : (await history.syncCursor()) !== null;
    const tellable = kind !== 'service' && numbered;
    return {
      tellable,
      total: Math.max(0, head - first + 1 - outside),
      here,
      checkedAt: checkedAt.get(conversationId) ?? null,
    };
  };

  return {
    of,
    /**
     * Compares a conversation with the server, range by range, and fetches what is missing.
     * @throws {MagpieError} `server-unreachable`; `not-allowed` on a server without numbers, or while it is compared already
     */
    async check(conversationId: ConversationId): Promise<CheckResult> {
      if (!reach.isOnline) throw new MagpieError('server-unreachable', 'not connected');
      if (!reach.abilities.sync) throw new MagpieError('not-allowed', 'this server cannot tell');
      if (checks.has(conversationId)) throw new MagpieError('not-allowed', 'already being compared');
      const abort = new AbortController();
      checks.set(conversationId, abort);
      try {
        const outcome = await checkConversation(conversationId, {
          history,
          dialect,
          inTurn: (work) => sync.inTurn(work),
          reading: view.reading,
          onChanges: view.tell,
          onProgress: (done, total) => events.checked({ conversationId, done, total }),
          signal: abort.signal,
        });
        if (!outcome.cancelled) checkedAt.set(conversationId, clock.now());
        return { ...outcome, completeness: await of(conversationId) };
      } finally {
        checks.delete(conversationId);
      }
    },
    cancel: (conversationId: ConversationId): void => checks.get(conversationId)?.abort(),
    /** The conversation was emptied: what the comparison said is about messages that are gone. */
    forget: (conversationId: ConversationId): void => void checkedAt.delete(conversationId),
    stop(): void {
      for (const check of checks.values()) check.abort();
    },
  };
}
