/**
 * What waits over all accounts of the app. Conversations and messages of different accounts may have the same ids, so
 * here each is named by its place: the account and the id.
 */
import type { ConversationId } from '#protocol/model/conversation';
import type { AttentionNews } from '../session/runtime-events.ts';
import { createAttention, type Attention, type AttentionChange } from './attention.ts';

/** Account and conversation, or account and message, in one string. */
export type Place = string;

const FORM = /^[0-9a-f]{32}\/(single|group|service):.{1,200}$/su;
/** Whether this, which came from outside, names a conversation. */
export const isPlace = (text: string): boolean => FORM.test(text);

export const placeOf = (accountKey: string, id: string): Place => `${accountKey}/${id}`;

/** The keys of accounts are hexadecimal, so the first slash parts them from whatever the id is. */
export function partsOf(place: Place): { accountKey: string; id: ConversationId } {
  const at = place.indexOf('/');
  return { accountKey: place.slice(0, at), id: place.slice(at + 1) };
}

const NOTHING: AttentionChange = { arrivals: [], read: [], gone: [] };

/** One {@link Attention} for each account; ids in what it answers are places. */
export function createAttentions() {
  const byAccount = new Map<string, Attention>();
  const sum = (count: (one: Attention) => number) =>
    [...byAccount.values()].reduce((total, one) => total + count(one), 0);

  const attentionOf = (accountKey: string): Attention => {
    let one = byAccount.get(accountKey);
    if (one === undefined) byAccount.set(accountKey, (one = createAttention()));
    return one;
  };

  return {
    tell(accountKey: string, news: AttentionNews): AttentionChange {
      const one = attentionOf(accountKey);
      if (news.kind === 'opened') {
        one.open(news.conversations, news.unreadTotal);
        return NOTHING;
      }
      const { arrivals, read, gone } = one.apply(news.changes);
      const place = (id: string) => placeOf(accountKey, id);
      return {
        arrivals: arrivals.map(({ conversation, message }) => ({
          conversation: { ...conversation, id: place(conversation.id) },
          message: message === null ? null : { ...message, id: place(message.id) },
        })),
        read: read.map(place),
        gone: gone.map(place),
      };
    },
    /** Accounts that run no longer wait for nobody; answers the places of what waited in them. */
    keepOnly(accountKeys: ReadonlySet<string>): Place[] {
      const left: Place[] = [];
      for (const [accountKey, one] of byAccount) {
        if (accountKeys.has(accountKey)) continue;
        for (const id of one.waitingIds) left.push(placeOf(accountKey, id));
        byAccount.delete(accountKey);
      }
      return left;
    },
    get total(): number {
      return sum((one) => one.total);
    },
    get mutedTotal(): number {
      return sum((one) => one.mutedTotal);
    },
    /** Conversations that something happened in last, read or not, the newest first. */
    recent(limit: number): { place: Place; name: string }[] {
      return [...byAccount]
        .flatMap(([accountKey, one]) =>
          one.recent(limit).map(({ id, name, lastActivityAt }) => ({
            place: placeOf(accountKey, id),
            name,
            lastActivityAt,
          })),
        )
        .sort((a, b) => b.lastActivityAt - a.lastActivityAt || (a.place < b.place ? -1 : 1))
        .slice(0, limit)
        .map(({ place, name }) => ({ place, name }));
    },
    /** Conversations with something that calls the person, the newest first; `unread` is how much does. */
    newest(limit: number) {
      return [...byAccount]
        .flatMap(([accountKey, one]) =>
          one
            .newest(limit)
            .map((conversation) => ({ ...conversation, id: placeOf(accountKey, conversation.id) })),
        )
        .sort((a, b) => b.lastActivityAt - a.lastActivityAt || (a.id < b.id ? -1 : 1))
        .slice(0, limit);
    },
  };
}
