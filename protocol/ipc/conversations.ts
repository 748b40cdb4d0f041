/** The list and what is in it: pages of messages, sending, and what changes in the history. */
import { z } from 'zod';
import { EXPORT_FORMATS, type CheckResult, type Completeness } from '../model/completeness.ts';
import { CONVERSATION_SWITCHES, type Conversation, type ConversationId } from '../model/conversation.ts';
import type { LinkCard, Message, MessagePosition } from '../model/message.ts';
import { LINK_CARD, wireLinkCard } from '../wire/link-card.ts';
import { invoke, conversation, message, accountId, nothing } from './call.ts';

/** Longest text of one message in UTF-16 units; the wire's body limit is 1 MiB. */
export const MAX_MESSAGE_LENGTH = 20_000;

/** Conversations that one message can be sent on to at once. */
export const MOST_FORWARDS = 50;

/** A row of the list, which shows those of all accounts: without the key, of the account on screen. */
const listRow = conversation.extend({ accountKey: z.string().min(1).max(64).optional() });
const position = z.object({ major: z.number(), minor: z.number(), ordinal: z.number() });

export interface MessagePage {
  messages: Message[];
  /** False when there is nothing older on this machine or the server. */
  hasOlder: boolean;
}

/** A message that has what was looked for. */
export interface SearchHit {
  messageId: string;
  position: MessagePosition;
  createdAt: number;
}

/** A page from somewhere in a conversation. */
export interface DatedPage extends MessagePage {
  /** There are messages after the last one. */
  hasNewer: boolean;
}

/** Pictures are images and films. */
export type MediaSort = 'pictures' | 'files';

/** Pictures or files of a conversation, ascending, and how many there are on either side of them. */
export interface MediaPage {
  messages: Message[];
  before: number;
  after: number;
}

/** What changed in history since the last event; at most one event per animation frame. */
export interface HistoryChanges {
  /** New or changed rows of the list, whole. */
  conversations: Conversation[];
  removedConversations: ConversationId[];
  /** New or changed messages, whole; only those of the active conversation are sent. */
  messages: Message[];
  removedMessages: { conversationId: ConversationId; messageId: string }[];
  /** Sum over all conversations that are not muted, and of messages that mean the person in those that are. */
  unreadTotal: number;
}

/** Whose history it was. Of accounts behind the one on screen only rows of the list are told, no messages. */
export interface AccountChanges extends HistoryChanges {
  accountKey: string;
}

/** What a page says of itself, before the window has made its picture small and harmless. */
export interface LinkPreview extends Pick<LinkCard, 'title' | 'description' | 'site'> {
  picture: { mime: string; bytes: Uint8Array } | null;
}

export const conversationCalls = {
  'conversations:list': invoke<{ conversations: Conversation[]; unreadTotal: number }>()(nothing),
  /** Opens (and where needed creates) the conversation with a person. */
  'conversations:open-single': invoke<Conversation>()(z.object({ accountId: z.number().int().positive() })),
  /** Which conversation is on screen and whether the person looks at it; null for none. Reading follows from this. */
  'conversations:set-active': invoke<void>()(
    z.object({ conversationId: conversation.shape.conversationId.nullable(), focused: z.boolean() }),
  ),
  'conversations:save-draft': invoke<void>()(conversation.extend({ text: z.string().max(200_000) })),
  'conversations:set-switch': invoke<Conversation>()(
    listRow.extend({ name: z.enum(CONVERSATION_SWITCHES), value: z.boolean() }),
  ),
  /** Removes the row from the list; messages stay and come back with it. */
  'conversations:hide': invoke<void>()(listRow),
  /** Takes the removal back. */
  'conversations:unhide': invoke<void>()(listRow.extend({ pinned: z.boolean(), unread: z.boolean() })),
  /** Forgets all messages on this machine, for good; the row comes back with the next one. */
  'conversations:clear': invoke<void>()(conversation),
  /** How much of it is here. */
  'conversations:completeness': invoke<Completeness>()(conversation),
  /** Compares with the server and fetches what is missing; answers at the end, `check:progressed` tells of the way. */
  'conversations:check': invoke<CheckResult>()(conversation),
  'conversations:cancel-check': invoke<void>()(conversation),
  /** Asks where to, then writes. Null: the person named no file. `export:progressed` tells of the way. */
  'conversations:export': invoke<{ path: string; count: number; missing: number } | null>()(
    conversation.extend({ format: z.enum(EXPORT_FORMATS) }),
  ),
  'conversations:cancel-export': invoke<void>()(conversation),
  /** All of it, without looking at it. */
  'conversations:mark-read': invoke<void>()(listRow),
  /** On this machine only, until it is looked at again. */
  'conversations:mark-unread': invoke<void>()(listRow),
  /** The person is typing there right now; may be called with every key. */
  'conversations:set-typing': invoke<void>()(conversation),

  /** Newest page without `before`, else the page older than it; messages in ascending order. */
  'messages:page': invoke<MessagePage>()(
    conversation.extend({ before: position.optional(), limit: z.number().int().min(1).max(200) }),
  ),
  /** The page that begins at a time, by the server's clock, of what is on this machine; the last one after the end. */
  'messages:page-at-date': invoke<DatedPage>()(
    conversation.extend({ at: z.number().int().nonnegative(), limit: z.number().int().min(1).max(200) }),
  ),
  /** The page with a message somewhere in its middle; of what is here and, where the server answers in time, there. */
  'messages:page-around': invoke<DatedPage>()(
    conversation.extend({ position, limit: z.number().int().min(2).max(200) }),
  ),
  /** The page behind a message; ascending. */
  'messages:page-after': invoke<{ messages: Message[]; hasNewer: boolean }>()(
    conversation.extend({ after: position, limit: z.number().int().min(1).max(200) }),
  ),
  /**
   * Looks for a text in the newest messages of a conversation, or in those older than `before`: a bounded number of them, so
   * that whoever asks can tell how far it is and stop. `next` is where to go on; null when all that are here were read.
   */
  'messages:search': invoke<{ hits: SearchHit[]; scanned: number; next: MessagePosition | null }>()(
    conversation.extend({ text: z.string().min(1).max(200), before: position.optional() }),
  ),
  /** The newest of all that is on this machine, or those older, newer, or on both sides of a position. */
  'messages:media': invoke<MediaPage>()(
    conversation.extend({
      sort: z.enum(['pictures', 'files']),
      before: position.optional(),
      after: position.optional(),
      around: position.optional(),
      limit: z.number().int().min(1).max(500),
    }),
  ),
  /** Sends what a message says on to other conversations; its files are not uploaded again. */
  'messages:forward': invoke<Message[]>()(
    message.extend({ to: z.array(conversation.shape.conversationId).min(1).max(MOST_FORWARDS) }),
  ),
  /** Durable in history when this answers; clears the draft in the same transaction. */
  'messages:send-text': invoke<Message>()(
    conversation.extend({
      text: z.string().min(1).max(MAX_MESSAGE_LENGTH),
      /** Members whom it means, in groups; servers without the extension do not tell them. */
      mentions: z.union([z.array(accountId).max(100), z.literal('all')]).optional(),
      card: wireLinkCard.optional(),
    }),
  ),
  /** What a page says of itself; null for nothing, also where the person wants no previews. */
  'links:preview': invoke<LinkPreview | null>()(
    z.object({ url: z.url({ protocol: /^https?$/ }).max(LINK_CARD.url) }),
  ),
  /** Takes a held message out of the outbox; its text is a draft again. `not-allowed` when it is on its way. */
  'messages:undo': invoke<{ text: string }>()(message),
  'messages:retry': invoke<Message>()(message),
  /** A message that cannot be sent right now lets those behind it go first; it can be sent again later. */
  'messages:set-aside': invoke<Message>()(message),
  /** The person knows that an unconfirmed message arrived. */
  'messages:keep': invoke<Message>()(message),
  /** Deletes on this machine only; also takes an unsent message out of the outbox. */
  'messages:delete': invoke<void>()(message),
  /** Takes a message back for everybody; `refused` carries the server's words. */
  'messages:recall': invoke<Message>()(message),
} as const;
