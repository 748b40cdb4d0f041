import { MagpieError } from '#protocol/errors';
import type { HistoryChanges, MessagePage, Notice } from '#protocol/ipc';
import { displayName, type Account } from '#protocol/model/account';
import type { Contact, FoundAccount, FriendApplication } from '#protocol/model/contact';
import {
  conversationId as makeConversationId,
  parseConversationId,
  type Conversation,
  type ConversationId,
} from '#protocol/model/conversation';
import type { Message, MessagePosition } from '#protocol/model/message';
import type { ConnectionState } from '#protocol/model/session';
import { toWireError } from '#protocol/errors';
import { v7 as uuidv7 } from 'uuid';
import { createConnection } from '../connection/connection.ts';
import type { ChatDialect } from '../dialects/chat-dialect.ts';
import type { History, Written } from '../history/history.ts';
import { createInbox } from '../messaging/inbox.ts';
import { createOutbox } from '../messaging/outbox.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';

const STOP_PATIENCE = 1_000;

export interface RuntimeEvents {
  connection(state: ConnectionState): void;
  history(changes: HistoryChanges): void;
  contacts(change: { pendingCount: number }): void;
  notice(notice: Notice): void;
  ended(end: { kicked: boolean; error: MagpieError }): void;
}

export interface RuntimeOptions {
  account: Account;
  dialect: ChatDialect;
  history: History;
  clock: Clock;
  logger: Logger;
  events: RuntimeEvents;
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

  const tell = (changes: HistoryChanges) => {
    const messages = changes.messages.filter(
      ({ conversationId }) => conversationId === active || conversationId === paged,
    );
    events.history({ ...changes, messages });
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
    onTrouble: (thrown) => events.notice({ kind: 'error', error: toWireError(thrown) }),
  });
  const connection = createConnection({
    ...shared,
    onState(state) {
      events.connection(state);
      if (state.state !== 'online') return;
      outbox.wake();
      void countApplications();
    },
    onEvent({ event, effect }) {
      inbox.accept(event);
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
      return told(await history.ensureConversation({ facts, now: clock.now() }));
    },
    async setActive(next: { conversationId: ConversationId | null; focused: boolean }): Promise<void> {
      active = next.conversationId;
      focused = next.focused;
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
    page(input: {
      conversationId: ConversationId;
      before?: MessagePosition;
      limit: number;
    }): Promise<MessagePage> {
      if (input.before === undefined) paged = input.conversationId;
      return history.page(input);
    },
    async sendText(conversationId: ConversationId, text: string): Promise<Message> {
      if (parseConversationId(conversationId).kind === 'service')
        throw new MagpieError('not-allowed', 'nobody reads a service conversation');
      const message = told(
        await history.enqueue({
          clientMessageId: uuidv7(),
          conversationId,
          content: { kind: 'text', text },
          sender: { id: account.id, name: displayName(account), avatar: account.avatar },
          now: clock.now(),
        }),
      );
      outbox.added(conversationId);
      return message;
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
