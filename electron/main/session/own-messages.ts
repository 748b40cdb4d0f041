import { MagpieError } from '#protocol/errors';
import { displayName, type Account } from '#protocol/model/account';
import { parseConversationId, type ConversationId } from '#protocol/model/conversation';
import type { Mentions } from '#protocol/model/group';
import { isMedia, type LinkCard, type MediaContent, type Message } from '#protocol/model/message';
import { v7 as uuidv7 } from 'uuid';
import type { ChatDialect } from '../dialects/chat-dialect.ts';
import type { History, Sender } from '../history/history.ts';
import type { AccountMedia } from '../media/account-media.ts';
import type { Outbox } from '../messaging/outbox.ts';
import type { Signals } from '../messaging/signals.ts';
import type { Clock } from '../support/clock.ts';
import type { ServerReach } from './server-reach.ts';
import type { WindowView } from './window-view.ts';

export interface OwnMessagesOptions {
  account(): Account;
  history: Pick<
    History,
    | 'enqueue'
    | 'undo'
    | 'retry'
    | 'setAside'
    | 'keep'
    | 'unsentCount'
    | 'message'
    | 'deleteMessage'
    | 'recallTarget'
    | 'receive'
  >;
  dialect: Pick<ChatDialect, 'recall'>;
  clock: Clock;
  outbox: Pick<Outbox, 'added' | 'wake'>;
  media: Pick<AccountMedia, 'begin' | 'forget'>;
  signals: Pick<Signals, 'iSent'>;
  reach: Pick<ServerReach, 'recallLimit'>;
  view: Pick<WindowView, 'told'>;
  /** Seconds in which what is sent can be undone; 0 for none. */
  undoSeconds(): number;
}

/** Writing, and what a person does with what they wrote: undo, retry, take back, delete. */
export function createOwnMessages(options: OwnMessagesOptions) {
  const { history, dialect, clock, outbox, media, signals, reach, view } = options;

  const sender = (): Sender => {
    const account = options.account();
    return { id: account.id, name: displayName(account), avatar: account.avatar };
  };
  const kindToWriteTo = (conversationId: ConversationId) => {
    const { kind } = parseConversationId(conversationId);
    if (kind === 'service') throw new MagpieError('not-allowed', 'nobody reads a service conversation');
    return kind;
  };
  /** It has another place or state in the outbox now; what waits behind it need not wait any longer. */
  const moved = (conversationId: ConversationId) => {
    outbox.added(conversationId);
    outbox.wake();
  };

  return {
    async sendText(
      conversationId: ConversationId,
      text: string,
      { mentions = null, card }: { mentions?: Mentions | null; card?: LinkCard } = {},
    ): Promise<Message> {
      const kind = kindToWriteTo(conversationId);
      const now = clock.now();
      const seconds = options.undoSeconds();
      const message = view.told(
        await history.enqueue({
          ...(seconds > 0 ? { heldUntil: now + seconds * 1_000 } : {}),
          clientMessageId: uuidv7(),
          conversationId,
          content: { kind: 'text', text, ...(card && { card }) },
          mentions: kind === 'group' ? mentions : null,
          sender: sender(),
          now,
        }),
      );
      outbox.added(conversationId);
      signals.iSent(conversationId);
      return message;
    },
    /** A message of staged files: durable with its place in the outbox when this answers. */
    async sendMedia(conversationId: ConversationId, content: MediaContent): Promise<Message> {
      kindToWriteTo(conversationId);
      const message = view.told(
        await history.enqueue({
          clientMessageId: uuidv7(),
          conversationId,
          content,
          sender: sender(),
          now: clock.now(),
        }),
      );
      media.begin(content);
      outbox.added(conversationId);
      return message;
    },
    /** The same words, or the same file without uploading it again, for other conversations. */
    async forward(messageId: string, to: readonly ConversationId[]): Promise<Message[]> {
      const message = await history.message(messageId);
      const content = message?.content;
      const sayable = content?.kind === 'text' || (content !== undefined && isMedia(content));
      // What is not on the server yet cannot be named to anybody else.
      if (message === null || message.recalled || !sayable || message.serverId === null)
        throw new MagpieError('not-allowed', 'not a message that can be sent on');
      const sent: Message[] = [];
      for (const conversationId of new Set(to)) {
        sent.push(
          content.kind === 'text'
            ? await this.sendText(conversationId, content.text, content.card && { card: content.card })
            : await this.sendMedia(conversationId, content),
        );
      }
      return sent;
    },
    async undo(messageId: string): Promise<{ text: string }> {
      const { text, conversationId } = view.told(await history.undo({ messageId, now: clock.now() }));
      moved(conversationId);
      return { text };
    },
    async retry(messageId: string): Promise<Message> {
      const message = view.told(await history.retry(messageId));
      moved(message.conversationId);
      return message;
    },
    async setAside(messageId: string): Promise<Message> {
      const message = view.told(await history.setAside(messageId));
      moved(message.conversationId);
      return message;
    },
    /** Messages that the server does not have yet. */
    unsentCount: () => history.unsentCount(),
    async keep(messageId: string): Promise<Message> {
      return view.told(await history.keep(messageId));
    },
    async deleteMessage(messageId: string): Promise<void> {
      const message = await history.message(messageId);
      view.told(await history.deleteMessage(messageId));
      // First out of the outbox, then its files: the other way round it would look refused for a moment.
      if (message !== null && isMedia(message.content)) await media.forget(message.content);
    },
    /** Takes an own message back for everybody. */
    async recall(messageId: string): Promise<Message> {
      const target = await history.recallTarget(messageId);
      if (reach.recallLimit === null) throw new MagpieError('not-allowed', 'this server takes nothing back');
      await dialect.recall(target);
      const { conversationId, serverId } = target;
      const recalls = [{ conversationId, serverId, tombstone: null }];
      view.told(await history.receive({ messages: [], recalls, reading: null }));
      const message = await history.message(messageId);
      if (message === null) throw new MagpieError('not-found', 'no such message');
      return message;
    },
  };
}
