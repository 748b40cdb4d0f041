import type { AccountId, Presence } from '#protocol/model/account';
import { parseConversationId, type ConversationId } from '#protocol/model/conversation';
import type { Abilities, ChatDialect } from '../dialects/chat-dialect.ts';
import type { Clock } from '../support/clock.ts';

/** A typing person is told about once in this time, and believed for twice as long. */
const TYPING_EVERY = 3_000;
const TYPING_LASTS = 6_000;
/** Answers to a new list come one by one and go to the window together. */
const GATHER = 100;
const WATCH_LIMIT = 500;

export interface SignalsOptions {
  dialect: Pick<ChatDialect, 'typingFrame' | 'watchFrame'>;
  clock: Clock;
  abilities(): Abilities;
  send(text: string): void;
  onTyping(change: { conversationId: ConversationId; accountIds: AccountId[] }): void;
  onPresence(presence: Presence): void;
}

export type Signals = ReturnType<typeof createSignals>;

/** What is true only for the moment: who types, who is there. Nothing of it is stored. */
export function createSignals(options: SignalsOptions) {
  const { dialect, clock } = options;
  const typing = new Map<ConversationId, Map<AccountId, () => void>>();
  const told = new Map<ConversationId, number>();
  const there = new Map<AccountId, boolean>();
  let watched: AccountId[] = [];
  let cancel: (() => void) | null = null;

  const tellTyping = (conversationId: ConversationId) =>
    options.onTyping({ conversationId, accountIds: [...(typing.get(conversationId)?.keys() ?? [])] });
  const presence = (): Presence => {
    const ids = (online: boolean) => [...there].filter(([, is]) => is === online).map(([id]) => id);
    return { online: ids(true), offline: ids(false) };
  };
  const tellPresence = () => {
    cancel ??= clock.after(GATHER, () => {
      cancel = null;
      options.onPresence(presence());
    });
  };
  const stopped = (conversationId: ConversationId, accountId: AccountId) => {
    const people = typing.get(conversationId);
    people?.get(accountId)?.();
    if (people?.delete(accountId) === true) tellTyping(conversationId);
  };
  const watch = () => {
    if (options.abilities().presence) options.send(dialect.watchFrame(watched));
  };

  /** Asks again, too, about somebody of whom the server told nothing: they may have become a contact since. */
  const watchAlso = (accountId: AccountId): void => {
    if (watched.includes(accountId) && there.has(accountId)) return;
    watched = [accountId, ...watched.filter((id) => id !== accountId)].slice(0, WATCH_LIMIT);
    watch();
  };

  return {
    get presence(): Presence {
      return presence();
    },
    someoneTypes(conversationId: ConversationId, accountId: AccountId): void {
      let people = typing.get(conversationId);
      if (people === undefined) typing.set(conversationId, (people = new Map()));
      const isNew = !people.has(accountId);
      people.get(accountId)?.();
      people.set(
        accountId,
        clock.after(TYPING_LASTS, () => stopped(conversationId, accountId)),
      );
      if (isNew) tellTyping(conversationId);
    },
    /** Their message is there, or they are gone. */
    stopped,
    isThere(accountId: AccountId, online: boolean): void {
      there.set(accountId, online);
      tellPresence();
    },
    iType(conversationId: ConversationId): void {
      const now = clock.now();
      const last = told.get(conversationId);
      const isSoon = last !== undefined && now - last >= 0 && now - last < TYPING_EVERY;
      if (isSoon || !options.abilities().typing) return;
      told.set(conversationId, now);
      options.send(dialect.typingFrame(conversationId));
    },
    /** The message went out: the next key tells again. */
    iSent: (conversationId: ConversationId) => void told.delete(conversationId),
    watch(accountIds: readonly AccountId[]): void {
      watched = accountIds.slice(0, WATCH_LIMIT);
      watch();
    },
    watchAlso,
    /** The other side of a conversation of two; nobody else is watched for a conversation. */
    watchPeer(conversationId: ConversationId): void {
      const { kind, peer } = parseConversationId(conversationId);
      if (kind === 'single') watchAlso(Number(peer));
    },
    /** The connection is gone: nobody knows. */
    forget(): void {
      for (const [conversationId, people] of typing) {
        for (const accountId of [...people.keys()]) stopped(conversationId, accountId);
      }
      if (there.size === 0) return;
      there.clear();
      tellPresence();
    },
    stop(): void {
      cancel?.();
      for (const people of typing.values()) for (const end of people.values()) end();
    },
  };
}
