import { assertNever, MagpieError } from '#protocol/errors';
import type { HistoryChanges, MessagePage, Notice } from '#protocol/ipc';
import { displayName, type Account, type AccountId, type Presence } from '#protocol/model/account';
import type { Contact, FoundAccount, FriendApplication } from '#protocol/model/contact';
import {
  conversationId as makeConversationId,
  parseConversationId,
  type Conversation,
  type ConversationId,
} from '#protocol/model/conversation';
import type { CheckResult, Completeness, ExportFormat, Progress } from '#protocol/model/completeness';
import type { Message, MessagePosition } from '#protocol/model/message';
import type { Locale } from '#protocol/model/settings';
import type { ConnectionState } from '#protocol/model/session';
import { toWireError } from '#protocol/errors';
import { v7 as uuidv7 } from 'uuid';
import { createConnection } from '../connection/connection.ts';
import { NO_ABILITIES, type Abilities, type ChatDialect, type Signal } from '../dialects/chat-dialect.ts';
import type { Gap, History, Written } from '../history/history.ts';
import { checkConversation } from '../messaging/completeness-check.ts';
import { exportConversation, suggestedFileName } from '../export/export-conversation.ts';
import { createInbox } from '../messaging/inbox.ts';
import { createOutbox } from '../messaging/outbox.ts';
import { createReadMarks } from '../messaging/read-marks.ts';
import { createSignals } from '../messaging/signals.ts';
import { createSync } from '../messaging/sync.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';

const STOP_PATIENCE = 1_000;

export interface RuntimeEvents {
  connection(state: ConnectionState): void;
  history(changes: HistoryChanges): void;
  contacts(change: { pendingCount: number }): void;
  notice(notice: Notice): void;
  typing(change: { conversationId: ConversationId; accountIds: AccountId[] }): void;
  presence(presence: Presence): void;
  checked(progress: Progress): void;
  exported(progress: Progress): void;
  ended(end: { kicked: boolean; error: MagpieError }): void;
}

export interface RuntimeOptions {
  account: Account;
  dialect: ChatDialect;
  history: History;
  clock: Clock;
  logger: Logger;
  events: RuntimeEvents;
  /** Seconds in which what is sent can be undone. */
  undoSeconds(): number;
  /** For tests: frames that never arrived. */
  dropFrame?(text: string): boolean;
}

/** Somebody who scrolls waits this long for the server; then what is here has to do. */
const SCROLL_PATIENCE = 8_000;
/** Holes are filled this many times for one page at most. */
const HOLES_PER_PAGE = 3;

interface PageInput {
  conversationId: ConversationId;
  before?: MessagePosition;
  limit: number;
}

/** Everything that runs while one account is signed in: its history, socket, outbox and inbox. */
export type AccountRuntime = ReturnType<typeof createAccountRuntime>;

export function createAccountRuntime(options: RuntimeOptions) {
  const { account, dialect, history, clock, events } = options;
  const log = options.logger.module('account');
  const people = new Map<number, { name: string; avatar: string }>();
  let active: ConversationId | null = null;
  let focused = false;
  /** The newest page of it was asked for, so the window is about to show it even if it has not said so yet. */
  let paged: ConversationId | null = null;
  let isCounting = false;
  /** What the server can do, as it said when we connected; nothing while there is no connection. */
  let abilities: Abilities = NO_ABILITIES;
  /** Its last word, for what a person may still try. */
  let recallLimit: number | null = null;
  let isOnline = false;
  /** Holes that a page went over while there was no connection. */
  const crossed = new Map<ConversationId, Gap>();

  const present = (message: Message): Message => {
    const { own, recalled, status, createdAt } = message;
    const isThere = own && !recalled && (status === 'sent' || status === 'read');
    const recallable = isThere && recallLimit !== null && clock.now() - createdAt < recallLimit;
    return { ...message, recallable };
  };
  const tell = (changes: HistoryChanges) => {
    const messages = changes.messages
      .filter(({ conversationId }) => conversationId === active || conversationId === paged)
      .map(present);
    events.history({ ...changes, messages });
    if (reading() !== null) marks.poke();
  };
  const told = <Value>({ value, changes }: Written<Value>): Value => {
    tell(changes);
    return value;
  };
  const reading = () => (focused ? active : null);
  const shared = { history, dialect, clock, logger: options.logger };

  const outbox = createOutbox({
    ...shared,
    onChanges: tell,
    onSessionEnded: (error) => events.ended({ kicked: false, error }),
  });
  const inbox = createInbox({
    ...shared,
    reading,
    onChanges: tell,
    onTorn: () => sync.torn(),
    onTrouble: (thrown) => events.notice({ kind: 'error', error: toWireError(thrown) }),
  });
  const sync = createSync({
    ...shared,
    reading,
    deliver: (event) => inbox.accept(event),
    onChanges: tell,
    onContacts: () => void countApplications(),
  });
  const marks = createReadMarks({ ...shared, possible: () => isOnline && abilities.read });
  const signals = createSignals({
    ...shared,
    abilities: () => abilities,
    send: (text) => connection.send(text),
    onTyping: events.typing,
    onPresence: events.presence,
  });

  const onSignal = (signal: Signal) => {
    switch (signal.type) {
      case 'ready':
        sync.ready();
        break;
      case 'changed':
        sync.changed(signal.cursor);
        break;
      case 'read':
        history.raiseMarks([signal.marks]).then(told, (thrown: unknown) => log.error('mark-lost', thrown));
        break;
      case 'typing':
        if (signal.accountId !== account.id) signals.someoneTypes(signal.conversationId, signal.accountId);
        break;
      case 'presence':
        signals.isThere(signal.accountId, signal.online);
        break;
      default:
        assertNever(signal, 'signal');
    }
  };

  /** The socket is registered: everything that happened without us, by the log where there is one. */
  const catchUp = async () => {
    const found = await dialect.abilities();
    recallLimit = found.recallLimit;
    abilities = found;
    if (found.sync) await sync.begin();
    else sync.end();
    // Service notices have no number anywhere: they wait in the queue on every server.
    await dialect.flushOffline();
  };

  const watchPeer = (conversationId: ConversationId) => {
    const { kind, peer } = parseConversationId(conversationId);
    if (kind === 'single') signals.watchAlso(Number(peer));
  };
  /** Whose presence the window may show: the people at the top of the list. */
  const watchPeople = async () => {
    if (!abilities.presence) return;
    const { conversations } = await history.listConversations();
    const people = conversations.filter(({ kind }) => kind === 'single');
    signals.watch(people.map(({ id }) => Number(parseConversationId(id).peer)));
  };

  const connection = createConnection({
    ...shared,
    catchUp,
    onSignal,
    ...(options.dropFrame === undefined ? {} : { dropFrame: options.dropFrame }),
    onState(state) {
      events.connection(state);
      isOnline = state.state === 'online';
      if (state.state === 'connecting') sync.opening();
      if (!isOnline) {
        abilities = NO_ABILITIES;
        if (state.state === 'offline') sync.end();
        signals.forget();
        return;
      }
      outbox.wake();
      marks.poke();
      for (const gap of crossed.values()) void fetchGap(gap);
      crossed.clear();
      watchPeople().catch((thrown: unknown) => log.error('nobody-watched', thrown));
      void countApplications();
    },
    onEvent({ event, effect }) {
      sync.accept(event);
      if (event.type === 'message') {
        signals.stopped(event.message.conversation.id, event.message.senderId);
        if (effect === 'contacts') watchPeer(event.message.conversation.id);
      }
      if (effect === 'application') events.notice({ kind: 'application-received' });
      if (effect !== null) void countApplications();
    },
    stored: () => inbox.settled(),
    onEnded: events.ended,
  });

  /** Tells the window how many applications wait; it fetches the lists again when it cares. */
  const countApplications = async () => {
    if (isCounting || account.role === 'visitor') return;
    isCounting = true;
    try {
      events.contacts({ pendingCount: (await dialect.listApplications(1)).pendingCount });
    } catch (thrown) {
      log.warn('applications-not-counted', { code: toWireError(thrown).code });
    } finally {
      isCounting = false;
    }
  };
  const fetchGap = (gap: Gap): Promise<boolean> =>
    sync.fetch(gap).then(
      () => true,
      (thrown: unknown) => {
        log.warn('gap-not-fetched', { code: toWireError(thrown).code });
        return false;
      },
    );
  /** A page that would go over a hole gets it filled first, if the server answers in time. */
  const fillPage = async (input: PageInput) => {
    for (let turn = 0; turn < HOLES_PER_PAGE; turn++) {
      const hole = await history.holeOnPage(input);
      if (hole === null) return;
      if (!isOnline || !abilities.sync) {
        crossed.set(input.conversationId, { ...hole, from: Math.max(hole.from, hole.to - input.limit + 1) });
        return;
      }
      const filled = fetchGap({ ...hole, from: Math.max(hole.from, hole.to - input.limit + 1) });
      // The newest page is drawn at once; what is fetched for it follows as a change.
      if (input.before === undefined) return;
      const patience = new Promise<false>((resolve) => clock.after(SCROLL_PATIENCE, () => resolve(false)));
      if (!(await Promise.race([filled, patience]))) return;
    }
  };
  /** When each conversation was last compared with the server. */
  const checkedAt = new Map<ConversationId, number>();
  const checks = new Map<ConversationId, AbortController>();
  const exports = new Map<ConversationId, AbortController>();
  const completenessOf = async (conversationId: ConversationId): Promise<Completeness> => {
    const { first, head, here } = await history.standing(conversationId);
    const { kind } = parseConversationId(conversationId);
    // Without a connection the server's earlier word counts.
    const numbered = isOnline ? abilities.sync : (await history.syncCursor()) !== null;
    const tellable = kind !== 'service' && numbered;
    return {
      tellable,
      total: Math.max(0, head - first + 1),
      here,
      checkedAt: checkedAt.get(conversationId) ?? null,
    };
  };
  const remember = (accountId: number, name: string, avatar: string) =>
    people.set(accountId, { name, avatar });

  return {
    account,
    /** History is open: look into the outbox and connect. */
    async start(): Promise<void> {
      connection.start();
      await outbox.start();
    },
    /** Stops everything and closes history; what is unsent stays for the next run. */
    async stop(): Promise<void> {
      connection.stop();
      sync.stop();
      marks.stop();
      signals.stop();
      for (const check of checks.values()) check.abort();
      for (const one of exports.values()) one.abort();
      // An answer that is about to come is worth a moment; one that never comes must not hold anybody up.
      const giveUp = clock.after(STOP_PATIENCE, () => dialect.abandon());
      await Promise.all([outbox.stop(), inbox.stop()]);
      giveUp();
      dialect.abandon();
      await history.close();
    },
    signOutOnServer: () => dialect.signOut(),
    reconnectNow() {
      connection.reconnectNow();
      outbox.wake();
    },
    renewConnection: () => connection.renew(),

    listConversations: () => history.listConversations(),
    async openSingle(accountId: number): Promise<Conversation> {
      const id = makeConversationId('single', accountId);
      const known = (await history.conversation(id)) !== null;
      // A name learned from messages is as good as any; only a new row needs one from the contacts.
      if (!known && !people.has(accountId)) await this.listContacts().catch(() => undefined);
      const person = known ? undefined : people.get(accountId);
      const facts = {
        id,
        kind: 'single',
        name: person?.name ?? null,
        avatars: person === undefined ? null : [person.avatar].filter((url) => url !== ''),
        link: null,
      } as const;
      const conversation = told(await history.ensureConversation({ facts, now: clock.now() }));
      signals.watchAlso(accountId);
      return conversation;
    },
    async setActive(next: { conversationId: ConversationId | null; focused: boolean }): Promise<void> {
      active = next.conversationId;
      focused = next.focused;
      if (active !== null) watchPeer(active);
      const read = reading();
      if (read !== null) told(await history.markRead(read));
    },
    async saveDraft(conversationId: ConversationId, text: string): Promise<void> {
      told(await history.saveDraft({ conversationId, text }));
    },
    async setSwitch(
      conversationId: ConversationId,
      name: 'pinned' | 'muted',
      value: boolean,
    ): Promise<Conversation> {
      return told(await history.setSwitch({ conversationId, name, value }));
    },
    async hide(conversationId: ConversationId): Promise<void> {
      told(await history.hide(conversationId));
    },
    async clear(conversationId: ConversationId): Promise<void> {
      checks.get(conversationId)?.abort();
      told(await history.clear(conversationId));
      checkedAt.delete(conversationId);
    },
    completeness: completenessOf,
    /** Compares a conversation with the server, range by range, and fetches what is missing. */
    async check(conversationId: ConversationId): Promise<CheckResult> {
      if (!isOnline) throw new MagpieError('server-unreachable', 'not connected');
      if (!abilities.sync) throw new MagpieError('not-allowed', 'this server cannot tell');
      if (checks.has(conversationId)) throw new MagpieError('not-allowed', 'already being compared');
      const abort = new AbortController();
      checks.set(conversationId, abort);
      try {
        const outcome = await checkConversation(conversationId, {
          history,
          dialect,
          inTurn: (work) => sync.inTurn(work),
          reading,
          onChanges: tell,
          onProgress: (done, total) => events.checked({ conversationId, done, total }),
          signal: abort.signal,
        });
        if (!outcome.cancelled) checkedAt.set(conversationId, clock.now());
        return { ...outcome, completeness: await completenessOf(conversationId) };
      } finally {
        checks.delete(conversationId);
      }
    },
    /** `choose` asks the person for a place; null when they named none. */
    async export(
      input: { conversationId: ConversationId; format: ExportFormat; locale: Locale },
      choose: (fileName: string) => Promise<string | null>,
    ): Promise<{ path: string; count: number } | null> {
      const { conversationId, format, locale } = input;
      if (exports.has(conversationId)) throw new MagpieError('not-allowed', 'already being exported');
      const abort = new AbortController();
      exports.set(conversationId, abort);
      try {
        const conversation = await history.conversation(conversationId);
        if (conversation === null) throw new MagpieError('not-found', 'no such conversation');
        const path = await choose(suggestedFileName(conversation.name, clock.now(), format));
        if (path === null) return null;
        return await exportConversation({
          history,
          conversation,
          completeness: await completenessOf(conversationId),
          exportedAt: clock.now(),
          locale,
          format,
          path,
          onProgress: (done, total) => events.exported({ conversationId, done, total }),
          signal: abort.signal,
        });
      } finally {
        exports.delete(conversationId);
      }
    },
    cancelExport: (conversationId: ConversationId) => exports.get(conversationId)?.abort(),
    cancelCheck: (conversationId: ConversationId) => checks.get(conversationId)?.abort(),
    async markUnread(conversationId: ConversationId): Promise<void> {
      told(await history.markUnread(conversationId));
    },
    setTyping: (conversationId: ConversationId) => signals.iType(conversationId),
    get presence(): Presence {
      return signals.presence;
    },
    async page(input: PageInput): Promise<MessagePage> {
      if (input.before === undefined) paged = input.conversationId;
      await fillPage(input);
      const { messages, hasOlder } = await history.page(input);
      // Neither here nor to be had: an empty page would say that there is nothing.
      if (messages.length === 0 && hasOlder && input.before !== undefined)
        throw new MagpieError('server-unreachable', 'older messages are on the server only');
      return { messages: messages.map(present), hasOlder };
    },
    async sendText(conversationId: ConversationId, text: string): Promise<Message> {
      if (parseConversationId(conversationId).kind === 'service')
        throw new MagpieError('not-allowed', 'nobody reads a service conversation');
      const now = clock.now();
      const seconds = options.undoSeconds();
      const message = told(
        await history.enqueue({
          ...(seconds > 0 ? { heldUntil: now + seconds * 1_000 } : {}),
          clientMessageId: uuidv7(),
          conversationId,
          content: { kind: 'text', text },
          sender: { id: account.id, name: displayName(account), avatar: account.avatar },
          now,
        }),
      );
      outbox.added(conversationId);
      signals.iSent(conversationId);
      return message;
    },
    async undo(messageId: string): Promise<{ text: string }> {
      const { text, conversationId } = told(await history.undo({ messageId, now: clock.now() }));
      // What waited behind it need not wait any longer.
      outbox.added(conversationId);
      outbox.wake();
      return { text };
    },
    async retry(messageId: string): Promise<Message> {
      const message = told(await history.retry(messageId));
      outbox.added(message.conversationId);
      outbox.wake();
      return message;
    },
    async deleteMessage(messageId: string): Promise<void> {
      told(await history.deleteMessage(messageId));
    },

    /** Takes an own message back for everybody. */
    async recall(messageId: string): Promise<Message> {
      const target = await history.recallTarget(messageId);
      if (recallLimit === null) throw new MagpieError('not-allowed', 'this server takes nothing back');
      await dialect.recall(target);
      const { conversationId, serverId } = target;
      const recalls = [{ conversationId, serverId, tombstone: null }];
      told(await history.receive({ messages: [], recalls, reading: null }));
      const message = await history.message(messageId);
      if (message === null) throw new MagpieError('not-found', 'no such message');
      return message;
    },

    async listContacts(): Promise<Contact[]> {
      const contacts = await dialect.listContacts();
      for (const { accountId, name, avatar } of contacts) remember(accountId, name, avatar);
      return contacts;
    },
    async searchAccounts(keyword: string): Promise<FoundAccount[]> {
      const found = await dialect.searchAccounts(keyword);
      for (const person of found) {
        if (!people.has(person.accountId)) remember(person.accountId, displayName(person), person.avatar);
      }
      return found;
    },
    apply: (accountId: number, message: string) => dialect.apply(accountId, message),
    async listApplications(
      page: number,
    ): Promise<{ applications: FriendApplication[]; pendingCount: number }> {
      const list = await dialect.listApplications(page);
      for (const { applicant } of list.applications) {
        if (!people.has(applicant.accountId))
          remember(applicant.accountId, displayName(applicant), applicant.avatar);
      }
      return list;
    },
    async handleApplication(
      id: number,
      decision: 'agree' | 'refuse' | 'ignore',
      alias?: string,
    ): Promise<void> {
      await dialect.handleApplication(id, decision, alias);
      void countApplications();
    },
  };
}
