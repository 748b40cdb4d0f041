import type { HistoryChanges } from '#protocol/ipc';
import type { ConversationId } from '#protocol/model/conversation';
import type { ChatDialect } from '../dialects/chat-dialect.ts';
import type { History } from '../history/history.ts';
import { proveEntries, sameProof } from '../history/range-proof.ts';

/** Messages compared at once: as many as the server gives in one answer. */
export const RANGE = 500;

export interface CheckOptions {
  history: Pick<History, 'standing' | 'proveRange' | 'repairRange'>;
  dialect: Pick<ChatDialect, 'history'>;
  /** Runs one question and the storing of its answer, with nothing else of the log in between. */
  inTurn<Value>(work: () => Promise<Value>): Promise<Value>;
  reading(): ConversationId | null;
  onChanges(changes: HistoryChanges): void;
  onProgress(done: number, total: number): void;
  signal: AbortSignal;
}

export interface CheckOutcome {
  fetched: number;
  corrected: number;
  differing: number;
  cancelled: boolean;
}

/**
 * Compares every range of a conversation with the server's and repairs those that differ. What is equal costs one
 * answer and no write; a range counts as differing only when the repair did not make it equal.
 */
export async function checkConversation(
  conversationId: ConversationId,
  options: CheckOptions,
): Promise<CheckOutcome> {
  const { history, dialect, signal } = options;
  const outcome: CheckOutcome = { fetched: 0, corrected: 0, differing: 0, cancelled: false };
  const standing = await history.standing(conversationId);
  let next = standing.first;
  let head: number | null = null;

  const range = async () => {
    const page = await dialect.history(conversationId, { afterSeq: next - 1, limit: RANGE });
    head ??= page.headSeq;
    const from = Math.max(next, page.firstSeq);
    const last = page.messages.at(-1)?.sequence ?? 0;
    const to = last < from ? head : Math.min(last, head);
    next = Math.max(to, from) + 1;
    if (to < from) return;
    const messages = page.messages.filter(
      ({ sequence }) => sequence !== null && sequence >= from && sequence <= to,
    );
    const theirs = proveEntries(
      messages.map(({ sequence, serverId, recalled }) => ({ sequence: sequence ?? 0, serverId, recalled })),
    );
    const gap = { conversationId, from, to };
    if (sameProof(await history.proveRange(gap), theirs)) return;
    const { value, changes } = await history.repairRange({ ...gap, messages, reading: options.reading() });
    options.onChanges(changes);
    outcome.fetched += value.fetched;
    outcome.corrected += value.corrected;
    if (!sameProof(await history.proveRange(gap), theirs)) outcome.differing += 1;
  };

  do {
    if (signal.aborted) return { ...outcome, cancelled: true };
    await options.inTurn(range);
    const end: number = head ?? 0;
    options.onProgress(Math.min(next, end + 1) - standing.first, Math.max(0, end - standing.first + 1));
  } while (next <= (head ?? 0));
  return outcome;
}
