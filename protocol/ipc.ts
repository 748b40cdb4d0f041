/**
 * The bridge, in ONE map: every call the window can make (input schema and result type) and every event it can
 * receive. Main, preload and window derive their types from here; channel names follow `area:verb-noun`.
 *
 * Importing this file brings the schema library along. The sandboxed preload must not, so it takes the bare channel
 * names from `ipc-channels.ts`, which the types below keep equal to this map.
 */
import { z } from 'zod';
import type { AccountId, Presence } from './model/account.ts';
import type { Contact, FoundAccount, FriendApplication } from './model/contact.ts';
import type { Conversation, ConversationId } from './model/conversation.ts';
import { EXPORT_FORMATS, type CheckResult, type Completeness, type Progress } from './model/completeness.ts';
import type { Message, MessagePosition } from './model/message.ts';
import type { ConnectionState, EmbeddedServerState, SessionState } from './model/session.ts';
import { LANGUAGES, SEND_KEYS, THEMES, UNDO_SECONDS, type Locale, type Settings } from './model/settings.ts';
import type { WireError } from './errors.ts';

/** Longest text of one message in UTF-16 units; the wire's body limit is 1 MiB. */
export const MAX_MESSAGE_LENGTH = 20_000;

const conversation = z.object({
  conversationId: z.string().regex(/^(single|group|service):.{1,200}$/su),
});
const position = z.object({ major: z.number(), minor: z.number(), ordinal: z.number() });
const message = z.object({ messageId: z.string().min(1).max(64) });
const nothing = z.undefined();

// Limits that the server also checks are repeated here only as upper bounds: its answer is the one a person sees.
const credentials = z.object({ username: z.string().min(1).max(200), password: z.string().min(1).max(200) });

/** Everything the window needs to draw its first frame. */
export interface AppSnapshot {
  version: string;
  platform: 'linux' | 'darwin' | 'win32';
  /** The system's language, used while the setting is `system`. */
  systemLocale: Locale;
  settings: Settings;
  session: SessionState;
  connection: ConnectionState;
  embeddedServer: EmbeddedServerState;
  /** False where the OS keeps no secrets; the window then warns that history is protected by file access only. */
  secureStorage: boolean;
  presence: Presence;
}

export interface MessagePage {
  messages: Message[];
  /** False when there is nothing older on this machine or the server. */
  hasOlder: boolean;
}

/** What changed in history since the last event; at most one event per animation frame. */
export interface HistoryChanges {
  /** New or changed rows of the list, whole. */
  conversations: Conversation[];
  removedConversations: ConversationId[];
  /** New or changed messages, whole; only those of the active conversation are sent. */
  messages: Message[];
  removedMessages: { conversationId: ConversationId; messageId: string }[];
  /** Sum over all conversations that are not muted. */
  unreadTotal: number;
}

/** A fact that concerns the person and belongs to no screen; drawn as a toast. */
export type Notice =
  | { kind: 'application-received' }
  | { kind: 'history-reset' }
  | { kind: 'embedded-server-restarted' }
  | { kind: 'error'; error: WireError };

interface Invoke<Input extends z.ZodType, Result> {
  input: Input;
  /** Exists in the types only. */
  readonly result?: Result;
}

function invoke<Result>() {
  return <Input extends z.ZodType>(input: Input): Invoke<Input, Result> => ({ input });
}

export const invokes = {
  'app:get-snapshot': invoke<AppSnapshot>()(nothing),
  'app:open-external': invoke<void>()(z.object({ url: z.url({ protocol: /^https?$/ }) })),
  'app:copy-text': invoke<void>()(z.object({ text: z.string().max(1_000_000) })),
  'settings:update': invoke<Settings>()(
    z
      .object({
        language: z.enum(LANGUAGES),
        theme: z.enum(THEMES),
        sendKey: z.enum(SEND_KEYS),
        undoSeconds: z.literal(UNDO_SECONDS),
        listWidth: z.number().min(264).max(360),
      })
      .partial(),
  ),

  /** Starts the server inside the app and makes it the chosen one. */
  'server:use-this-computer': invoke<SessionState>()(nothing),
  /** Asks the address whether a chat server lives there and makes it the chosen one. */
  'server:connect': invoke<SessionState>()(
    z.object({ address: z.string().min(1).max(500), guestSalt: z.string().max(200).optional() }),
  ),
  /** Back to the welcome screen; histories stay on this machine. */
  'server:leave': invoke<SessionState>()(nothing),

  'session:sign-in': invoke<SessionState>()(credentials),
  'session:register': invoke<SessionState>()(credentials),
  'session:enter-as-guest': invoke<SessionState>()(nothing),
  'session:sign-out': invoke<SessionState>()(nothing),
  /** The person has read why the session ended. */
  'session:acknowledge-end': invoke<SessionState>()(nothing),

  'connection:reconnect': invoke<void>()(nothing),

  'conversations:list': invoke<{ conversations: Conversation[]; unreadTotal: number }>()(nothing),
  /** Opens (and where needed creates) the conversation with a person. */
  'conversations:open-single': invoke<Conversation>()(z.object({ accountId: z.number().int().positive() })),
  /** Which conversation is on screen and whether the person looks at it; null for none. Reading follows from this. */
  'conversations:set-active': invoke<void>()(
    z.object({ conversationId: conversation.shape.conversationId.nullable(), focused: z.boolean() }),
  ),
  'conversations:save-draft': invoke<void>()(conversation.extend({ text: z.string().max(200_000) })),
  'conversations:set-switch': invoke<Conversation>()(
    conversation.extend({ name: z.enum(['pinned', 'muted']), value: z.boolean() }),
  ),
  /** Removes the row from the list; messages stay and come back with it. */
  'conversations:hide': invoke<void>()(conversation),
  /** Forgets all messages on this machine, for good; the row comes back with the next one. */
  'conversations:clear': invoke<void>()(conversation),
  /** How much of it is here. */
  'conversations:completeness': invoke<Completeness>()(conversation),
  /** Compares with the server and fetches what is missing; answers at the end, `check:progressed` tells of the way. */
  'conversations:check': invoke<CheckResult>()(conversation),
  'conversations:cancel-check': invoke<void>()(conversation),
  /** Asks where to, then writes. Null: the person named no file. `export:progressed` tells of the way. */
  'conversations:export': invoke<{ path: string; count: number } | null>()(
    conversation.extend({ format: z.enum(EXPORT_FORMATS) }),
  ),
  'conversations:cancel-export': invoke<void>()(conversation),
  /** On this machine only, until it is looked at again. */
  'conversations:mark-unread': invoke<void>()(conversation),
  /** The person is typing there right now; may be called with every key. */
  'conversations:set-typing': invoke<void>()(conversation),

  /** Newest page without `before`, else the page older than it; messages in ascending order. */
  'messages:page': invoke<MessagePage>()(
    conversation.extend({ before: position.optional(), limit: z.number().int().min(1).max(200) }),
  ),
  /** Durable in history when this answers; clears the draft in the same transaction. */
  'messages:send-text': invoke<Message>()(
    conversation.extend({ text: z.string().min(1).max(MAX_MESSAGE_LENGTH) }),
  ),
  /** Takes a held message out of the outbox; its text is a draft again. `not-allowed` when it is on its way. */
  'messages:undo': invoke<{ text: string }>()(message),
  'messages:retry': invoke<Message>()(message),
  /** Deletes on this machine only; also takes an unsent message out of the outbox. */
  'messages:delete': invoke<void>()(message),
  /** Takes a message back for everybody; `refused` carries the server's words. */
  'messages:recall': invoke<Message>()(message),

  'contacts:list': invoke<Contact[]>()(nothing),
  'contacts:search': invoke<FoundAccount[]>()(z.object({ keyword: z.string().min(1).max(50) })),
  /** `applied`: they must accept first. `friends`: they want no confirmation, so it is done. */
  'contacts:apply': invoke<{ outcome: 'applied' | 'friends' }>()(
    z.object({ accountId: z.number().int().positive(), message: z.string().max(50) }),
  ),
  'contacts:list-applications': invoke<{ applications: FriendApplication[]; pendingCount: number }>()(
    z.object({ page: z.number().int().min(1) }),
  ),
  'contacts:handle-application': invoke<void>()(
    z.object({
      applicationId: z.number().int().positive(),
      decision: z.enum(['agree', 'refuse', 'ignore']),
      alias: z.string().max(50).optional(),
    }),
  ),
} as const;

/** Payload of every event, by channel. */
export interface Events {
  'session:changed': SessionState;
  'connection:changed': ConnectionState;
  'server:changed': EmbeddedServerState;
  'settings:changed': Settings;
  'history:changed': HistoryChanges;
  /** The contact list or the applications changed on the server; fetch again. */
  'contacts:changed': { pendingCount: number };
  /** Who types there now, beside the person; empty when it ended. */
  'typing:changed': { conversationId: ConversationId; accountIds: AccountId[] };
  'presence:changed': Presence;
  'check:progressed': Progress;
  'export:progressed': Progress;
  'notice:posted': Notice;
}

export type InvokeMap = typeof invokes;
export type InvokeChannel = keyof InvokeMap;
export type EventChannel = keyof Events;
export type InvokeInput<Channel extends InvokeChannel> = z.input<InvokeMap[Channel]['input']>;
export type InvokeResult<Channel extends InvokeChannel> =
  InvokeMap[Channel] extends Invoke<z.ZodType, infer Result> ? Result : never;

/** What comes back over the wire: errors are values, because Electron flattens thrown ones to a string. */
export type InvokeOutcome<Result> = { ok: true; value: Result } | { ok: false; error: WireError };

/** The object that the preload exposes as `window.magpie`. */
export interface MagpieBridge {
  invoke<Channel extends InvokeChannel>(
    channel: Channel,
    ...input: InvokeInput<Channel> extends undefined ? [] : [InvokeInput<Channel>]
  ): Promise<InvokeOutcome<InvokeResult<Channel>>>;
  /** Gives the function that ends the subscription. */
  on<Channel extends EventChannel>(
    channel: Channel,
    listener: (payload: Events[Channel]) => void,
  ): () => void;
}

export type { MessagePosition };
