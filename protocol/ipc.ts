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
import { CONVERSATION_SWITCHES, type Conversation, type ConversationId } from './model/conversation.ts';
import { EXPORT_FORMATS, type CheckResult, type Completeness, type Progress } from './model/completeness.ts';
import {
  JOIN_POLICIES,
  type Group,
  type GroupId,
  type GroupMarks,
  type GroupProfile,
  type JoinRequest,
  type MessageReaders,
} from './model/group.ts';
import { BACKUP_HOURS, type FoundServer, type OfficeState } from './model/office.ts';
import type { Message, MessagePosition, Preparation } from './model/message.ts';
import { PROXY_KINDS, PROXY_MODES, type NetworkSettings, type ProxyTrial } from './model/network.ts';
import type { Diagnostics } from './model/diagnostics.ts';
import type { DoctorReport, DoctorResult } from './model/doctor.ts';
import type { OwnProfile, Person } from './model/person.ts';
import {
  MAX_ANSWER,
  MAX_COMPLAINT,
  MAX_COMPLAINT_EVIDENCE,
  MAX_COMPLAINT_PICTURES,
  MAX_QUESTION,
  type Complaint,
  type PreparedAnswer,
} from './model/service-desk.ts';
import type {
  AccountList,
  ConnectionState,
  EmbeddedServerState,
  SessionEndReason,
  SessionState,
  StorageState,
} from './model/session.ts';
import {
  CLOSE_BUTTONS,
  KEEP_DAYS,
  GLOBAL_SHORTCUTS,
  LANGUAGES,
  LOCK_MINUTES,
  MEDIA_CACHE,
  LIST_SCOPES,
  MUTED_UNREAD,
  NOTIFICATION_PRIVACY,
  NOTIFICATION_SOUNDS,
  SEND_KEYS,
  THEMES,
  UNDO_SECONDS,
  ZOOM,
  VOICE_SPEEDS,
  type Locale,
  type NotificationSound,
  MOST_RECENT,
  SKIN_TONES,
  MAX_UPDATE_ADDRESS,
  type Settings,
} from './model/settings.ts';
import { UPDATE_SOURCES, type InstallAnswer, type UpdateState } from './model/update.ts';
import type { WireError } from './errors.ts';

/** Longest text of one message in UTF-16 units; the wire's body limit is 1 MiB. */
export const MAX_MESSAGE_LENGTH = 20_000;

/** Conversations that one message can be sent on to at once. */
export const MOST_FORWARDS = 50;

/** An avatar of 500×500 as JPEG is a tenth of it. */
const MAX_AVATAR_BYTES = 2 * 1024 * 1024;
/** A picture of a complaint, 1600 pixels wide as JPEG. */
const MAX_PICTURE_BYTES = 8 * 1024 * 1024;

const complaintPictures = z
  .array(z.instanceof(Uint8Array).refine(({ byteLength }) => byteLength <= MAX_PICTURE_BYTES))
  .max(MAX_COMPLAINT_PICTURES);

const conversation = z.object({
  conversationId: z.string().regex(/^(single|group|service):.{1,200}$/su),
});
/** A row of the list, which shows those of all accounts: without the key, of the account on screen. */
const listRow = conversation.extend({ accountKey: z.string().min(1).max(64).optional() });
const position = z.object({ major: z.number(), minor: z.number(), ordinal: z.number() });
const message = z.object({ messageId: z.string().min(1).max(64) });
const account = z.object({ accountId: z.number().int().positive() });
const strangerLimit = z.enum(['none', 'one', 'any']);
const nothing = z.undefined();
const stage = z.uuid();
const picture = {
  width: z.number().int().min(0).max(100_000),
  height: z.number().int().min(0).max(100_000),
};
const preview = z
  .string()
  .max(4_000)
  .regex(/^(data:image\/(webp|jpeg|png);base64,[\w+/=]+)?$/u);

const preparation = z.enum(['compress', 'keep']);

/** What the window says about a message of staged files; names, sizes and types are those of the files. */
export const mediaDraft = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('image'),
    file: stage,
    thumb: stage.optional(),
    preview,
    unprepared: preparation.optional(),
    ...picture,
  }),
  z.object({ kind: z.literal('sticker'), file: stage, name: z.string().max(50), ...picture }),
  z.object({
    kind: z.literal('video'),
    file: stage,
    poster: stage.optional(),
    preview,
    duration: z.number().min(0).max(86_400_000),
    unprepared: preparation.optional(),
    ...picture,
  }),
  z.object({
    kind: z.literal('voice'),
    file: stage,
    duration: z.number().min(0).max(86_400_000),
    waveform: z.array(z.number().int().min(0).max(100)).max(200),
  }),
  z.object({ kind: z.literal('file'), file: stage }),
]);
export type MediaDraft = z.infer<typeof mediaDraft>;

/** Bytes of a file that has no place on a disk: something pasted, recorded or drawn. */
const LARGEST_PASTE = 256 * 1024 * 1024;
const bytes = z.instanceof(Uint8Array).refine(({ byteLength }) => byteLength <= LARGEST_PASTE);
const drawn = z.object({ name: z.string().max(1000), mime: z.string().max(200), bytes });

/** What the window made of a picture or film before it is sent. */
export const preparedMedia = z.object({
  /** Takes the place of the file; without it the file goes as it is. */
  file: drawn.optional(),
  /** A smaller version, or a picture out of a film. */
  small: drawn.optional(),
  preview,
  duration: z.number().min(0).max(86_400_000).optional(),
  ...picture,
});
export type PreparedMedia = z.infer<typeof preparedMedia>;

/** A file of a message that waits to be made ready. */
export interface Preparable {
  messageId: string;
  kind: 'image' | 'video';
  preparation: Preparation;
  name: string;
  mime: string;
  /** Bytes. */
  size: number;
}
const accountId = z.number().int().positive();
const accountKey = z.object({ key: z.string().min(1).max(64) });
const fingerprint = z.string().regex(/^([\dA-Fa-f]{2}:){31}[\dA-Fa-f]{2}$/u);
/** Colons are where HTTP divides the two. */
const login = z.object({
  username: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^:]*$/u),
  password: z.string().max(200),
});
const group = z.object({ groupId: z.number().int().positive() });

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
  storage: StorageState;
  embeddedServer: EmbeddedServerState;
  /** False where the OS keeps no secrets; the window then warns that history is protected by file access only. */
  secureStorage: boolean;
  presence: Presence;
  accounts: AccountList;
  lock: LockState;
  /** Conversations that have a window of their own. */
  chatWindows: ConversationId[];
}

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
  /** Sum over all conversations that are not muted. */
  unreadTotal: number;
}

/** Whose history it was. Of accounts behind the one on screen only rows of the list are told, no messages. */
export interface AccountChanges extends HistoryChanges {
  accountKey: string;
}

/** How far a file is on its way. `id` is that of the staged file upwards and of the message downwards. */
export interface TransferProgress {
  id: string;
  direction: 'up' | 'down';
  /** Bytes. */
  done: number;
  /** 0 when nobody knows. */
  total: number;
}

/** A file that main keeps for sending. */
export interface StagedFile {
  id: string;
  name: string;
  size: number;
}

/** A sticker of the person's own. */
export interface OwnSticker {
  id: string;
  name: string;
  /** For the window. */
  url: string;
  /** Pixels. */
  width: number;
  height: number;
}

/** Why a file of a message cannot be shown now, or that it can. */
export type MediaState = 'here' | 'on-server' | 'gone' | 'refused' | 'unreachable';

/** A fact that concerns the person and belongs to no screen; drawn as a toast. The key is there for accounts behind. */
export type Notice = NoticeFact & { accountKey?: string };

export type NoticeFact =
  | { kind: 'application-received' }
  | { kind: 'history-reset' }
  | { kind: 'embedded-server-restarted' }
  /** The window failed twice, so the app runs without the graphics card until it is started again. */
  | { kind: 'safe-mode' }
  /** The server has no dictionary for this language, or did not give it. */
  | { kind: 'dictionary-missing'; language: string }
  /** This computer's clock differs from the server's by so many milliseconds; it is ahead when positive. */
  | { kind: 'clock-off'; by: number }
  /** Somebody else decided about my membership of a group. */
  | { kind: 'membership'; event: 'approved' | 'refused' | 'removed' | 'dissolved'; groupName: string }
  /** A new version did not start, and the one before is back. */
  | { kind: 'update-taken-back'; version: string }
  /** Of an account behind; of the one on screen a dialog tells. */
  | { kind: 'session-ended'; reason: SessionEndReason; serverText?: string }
  | { kind: 'error'; error: WireError };

/** What the person chose outside of the page (tray, menu, notification) and the page has to do. */
export type AppCommand =
  | { kind: 'open-conversation'; conversationId: ConversationId; messageId: string | null }
  | { kind: 'open-chats' }
  | { kind: 'open-contacts' }
  | { kind: 'open-groups' }
  | { kind: 'create-group' }
  | { kind: 'add-contact' }
  | { kind: 'scan-code' }
  /** A `magpie://` link, as it was opened. */
  | { kind: 'open-link'; link: string }
  | { kind: 'open-settings' }
  /** A page by its address in the window. */
  | { kind: 'open-path'; path: string }
  | { kind: 'find-conversation' }
  | { kind: 'next-conversation' }
  | { kind: 'previous-conversation' }
  | { kind: 'toggle-details' }
  | { kind: 'own-window' }
  | { kind: 'show-shortcuts' }
  /** These two need nobody who is signed in: a way in that fails is what they are for. */
  | { kind: 'open-doctor' }
  | { kind: 'open-diagnostics' };

/** What spelling can be checked with. */
export interface SpellingOffer {
  /** The system does it, in the languages that are set there. */
  bySystem: boolean;
  /** Codes such as `en-US`. */
  languages: string[];
}

/** Whether a passphrase guards the app, and whether it is asked for now. */
export interface LockState {
  enabled: boolean;
  locked: boolean;
}

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
  /** The first screen is drawn: this version of the app works. */
  'app:drawn': invoke<void>()(nothing),
  'app:open-external': invoke<void>()(z.object({ url: z.url({ protocol: /^https?$/ }) })),
  'app:copy-text': invoke<void>()(z.object({ text: z.string().max(1_000_000) })),
  'settings:update': invoke<Settings>()(
    z
      .object({
        language: z.enum(LANGUAGES),
        theme: z.enum(THEMES),
        sendKey: z.enum(SEND_KEYS),
        undoSeconds: z.literal(UNDO_SECONDS),
        keepDays: z.literal(KEEP_DAYS),
        mediaCache: z.literal(MEDIA_CACHE),
        voiceSpeed: z.literal(VOICE_SPEEDS),
        listWidth: z.number().min(264).max(360),
        listScope: z.enum(LIST_SCOPES),
        notifications: z.boolean(),
        notificationPrivacy: z.enum(NOTIFICATION_PRIVACY),
        notificationSound: z.enum(NOTIFICATION_SOUNDS),
        mutedUnread: z.enum(MUTED_UNREAD),
        closeButton: z.enum(CLOSE_BUTTONS),
        recentEmoji: z.array(z.string().max(40)).max(MOST_RECENT.emoji),
        skinTone: z.literal(SKIN_TONES),
        recentStickers: z.array(z.string().max(60)).max(MOST_RECENT.stickers),
        favouriteStickers: z.array(z.string().max(60)).max(MOST_RECENT.favourites),
        startWithSystem: z.boolean(),
        globalShortcut: z.enum(GLOBAL_SHORTCUTS),
        alwaysOnTop: z.boolean(),
        zoom: z.number().min(ZOOM.least).max(ZOOM.most),
        lockMinutes: z.literal(LOCK_MINUTES),
        spellCheck: z.boolean(),
        spellLanguages: z.array(z.string().regex(/^[a-z]{2,3}(-[A-Z]{2})?$/u)).max(8),
        updateSource: z.enum(UPDATE_SOURCES),
        updateAddress: z.union([z.literal(''), z.url({ protocol: /^https?$/ }).max(MAX_UPDATE_ADDRESS)]),
      })
      .partial(),
  ),

  /** With which languages spelling can be checked: those of the server's dictionaries and of those that are here. */
  'spelling:offer': invoke<SpellingOffer>()(nothing),

  /** Hides everything until the passphrase is named; nothing happens where there is none. */
  'lock:lock': invoke<void>()(nothing),
  /** `wrong-passphrase`, or `rate-limited` after some of them. */
  'lock:unlock': invoke<void>()(z.object({ passphrase: z.string().max(200) })),
  /** For somebody who does not know it any more: signs everybody out, and there is no lock any longer. */
  'lock:forget': invoke<SessionState>()(nothing),
  /** Null: no lock any longer. `current` is empty where there was none. */
  'lock:set-passphrase': invoke<LockState>()(
    z.object({ current: z.string().max(200), next: z.string().min(4).max(200).nullable() }),
  ),
  /** Newer versions of the app: what is known now. */
  'updates:get': invoke<UpdateState>()(nothing),
  /** Asks the source, and fetches what needs no question; answers when that is done. */
  'updates:check': invoke<UpdateState>()(nothing),
  /** Fetches what is offered. */
  'updates:download': invoke<UpdateState>()(nothing),
  /** Ends the app, and the new version starts; `anyway` also while something is being sent. */
  'updates:install': invoke<InstallAnswer>()(z.object({ anyway: z.boolean() })),

  /** Starts the server inside the app and makes it the chosen one. */
  'server:use-this-computer': invoke<SessionState>()(nothing),
  /** Asks the address whether a chat server lives there and makes it the chosen one. */
  'server:connect': invoke<SessionState>()(
    z.object({
      address: z.string().min(1).max(500),
      guestSalt: z.string().max(200).optional(),
      /** `detect` asks the server; a named one is believed where the server does not say what it speaks. */
      dialect: z.enum(['detect', 'egg-im']).default('detect'),
      /** Of the certificate, as an invitation names it: it is trusted then, and no other one. */
      fingerprint: fingerprint.optional(),
    }),
  ),
  /** Back to the welcome screen; histories stay on this machine. */
  'server:leave': invoke<SessionState>()(nothing),

  /** What the server inside the app does for others; also while it does not run. */
  'office:get': invoke<OfficeState>()(nothing),
  /** Lets others on the network join, or no longer. Off closes their connections before it answers. */
  'office:set-open': invoke<OfficeState>()(z.object({ open: z.boolean() })),
  /** Answers when it is done; why it failed is in the state. */
  'office:back-up': invoke<OfficeState>()(nothing),
  /** Asks where backups go; unchanged when the person names no place. */
  'office:choose-backup-place': invoke<OfficeState>()(nothing),
  'office:plan-backups': invoke<OfficeState>()(z.object({ everyHours: z.literal(BACKUP_HOURS) })),
  /** Begins or ends looking for servers on the network; `discovery:changed` tells what is found. */
  'discovery:look': invoke<FoundServer[]>()(z.object({ look: z.boolean() })),

  'session:sign-in': invoke<SessionState>()(credentials),
  'session:register': invoke<SessionState>()(credentials),
  'session:enter-as-guest': invoke<SessionState>()(nothing),
  'session:sign-out': invoke<SessionState>()(nothing),
  /** Signs out and goes on as the guest of this device; refused when the server lets none in, and then signed out. */
  'session:sign-out-to-guest': invoke<SessionState>()(nothing),
  /** The person has read why the session ended. */
  'session:acknowledge-end': invoke<SessionState>()(nothing),

  /** The answer to `session:ending`: what was being typed is stored. */
  'session:ready-to-end': invoke<void>()(nothing),

  'accounts:list': invoke<AccountList>()(nothing),
  /** The list of an account that is signed in, on screen or behind; what changes in it is told by `history:changed`. */
  'accounts:conversations': invoke<{ conversations: Conversation[]; unreadTotal: number }>()(accountKey),
  /** Shows another account; the one on screen so far stays signed in. */
  'accounts:switch': invoke<SessionState>()(accountKey),
  /** To the choice of a server; whoever is on screen stays signed in. */
  'accounts:add': invoke<SessionState>()(nothing),
  /** Signs out and takes off the list; the history stays on this machine. */
  'accounts:remove': invoke<SessionState>()(accountKey),

  'network:settings': invoke<NetworkSettings>()(nothing),
  /** Without a login the known one of that proxy stays; null forgets it. */
  'network:set-proxy': invoke<NetworkSettings>()(
    z.object({
      setting: z.object({
        mode: z.enum(PROXY_MODES),
        kind: z.enum(PROXY_KINDS),
        host: z
          .string()
          .trim()
          .max(253)
          .regex(/^[^\s/@]*$/u),
        port: z.number().int().min(1).max(65_535),
        exceptions: z.string().max(2_000),
      }),
      login: login.nullable().optional(),
    }),
  ),
  /** Name and password for a proxy, `host:port`; null forgets them. */
  'network:set-login': invoke<NetworkSettings>()(
    z.object({ proxy: z.string().min(1).max(300), login: login.nullable() }),
  ),
  /** Opens a line to the chosen server as everything else would. */
  'network:try-proxy': invoke<ProxyTrial>()(z.object({ origin: z.string().max(500) })),
  /** Vouches for the certificate that this server presented last. */
  'network:trust': invoke<NetworkSettings>()(z.object({ origin: z.string().max(500), fingerprint })),
  'network:revoke': invoke<NetworkSettings>()(z.object({ origin: z.string().max(500) })),

  /** Looks at each step to a server, the chosen one without an address; `doctor:progressed` tells of each. */
  'doctor:examine': invoke<DoctorReport>()(z.object({ address: z.string().min(1).max(500).optional() })),

  /** Takes a second: it measures. */
  'diagnostics:gather': invoke<Diagnostics>()(nothing),
  'diagnostics:open-logs': invoke<void>()(nothing),

  'connection:reconnect': invoke<void>()(nothing),
  /** The network came or went: find out at once whether the connection still lives. */
  'connection:check': invoke<void>()(nothing),

  /** There may be room on the disk again: looks at once. */
  'storage:retry': invoke<void>()(nothing),

  /** Shows a conversation in a window of its own, or brings that window to the front. */
  'windows:open-chat': invoke<void>()(conversation),
  /** Back into the main window: its own window closes. */
  'windows:close-chat': invoke<void>()(conversation),
  /** From a conversation's own window to another page: that one belongs in the main window. */
  'windows:show-in-main': invoke<void>()(
    z.object({
      path: z
        .string()
        .max(1_000)
        .regex(/^\/(chats|contacts|groups|settings)\b/u),
    }),
  ),

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
    }),
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

  /**
   * Keeps a file for sending. Not for the page: the preload calls it with a file that the person chose, so that a page that
   * went wrong cannot name files by itself.
   */
  'media:stage': invoke<StagedFile>()(
    z.object({
      id: stage,
      mime: z.string().max(200),
      source: z.union([
        z.object({ path: z.string().min(1).max(10_000) }),
        z.object({
          name: z.string().max(1000),
          bytes,
        }),
      ]),
    }),
  ),
  /** Staged files that will not be sent after all. */
  'media:discard': invoke<void>()(z.object({ files: z.array(stage).max(1000) })),
  /** Durable in history, in its place among the others, when this answers; the files follow by themselves. */
  'messages:send-media': invoke<Message>()(conversation.extend({ content: mediaDraft })),
  /**
   * Files of messages that wait in an outbox, of whichever account, for being made ready: the window has the decoders, so
   * it does that, also for what an earlier run left.
   */
  'preparations:list': invoke<Preparable[]>()(nothing),
  /** `not-found` when nobody waits for it any more. */
  'preparations:read': invoke<Uint8Array>()(message),
  /** What became of one, null when it can be neither drawn nor played and so goes as a file; null when nobody waited for it. */
  'preparations:finish': invoke<Message | null>()(message.extend({ made: preparedMedia.nullable() })),
  /** Largest file that the server takes, bytes. */
  'media:limit': invoke<number>()(nothing),
  'media:state': invoke<MediaState>()(message),
  /** Writes the file into the person's downloads; `media:progressed` tells of the way. */
  'media:save': invoke<{ path: string }>()(message),
  /** Asks where to; null when the person named no place. */
  'media:save-as': invoke<{ path: string } | null>()(message),
  'media:cancel-save': invoke<void>()(message),
  /** With the program the system has for it; saves it first where needed. `not-allowed` for programs without `anyway`. */
  'media:open': invoke<void>()(message.extend({ anyway: z.boolean() })),
  'media:show-in-folder': invoke<void>()(message),
  'media:copy-image': invoke<void>()(message),
  /** Bytes that loaded files take now. */
  'media:cache-size': invoke<number>()(nothing),
  /** Forgets loaded files; those that are to stay do. */
  'media:clear-cache': invoke<void>()(nothing),
  /** A file stays on this computer, whatever else needs room, or may go again; says which of the two now. */
  'media:toggle-kept': invoke<{ kept: boolean }>()(message),
  /** Puts the file where another program can take it from; answers when `media:drag` can begin. */
  'media:prepare-drag': invoke<void>()(message),
  /** The mouse drags it out of the window, under its own name; ends when it is let go. */
  'media:drag': invoke<void>()(message),

  /** The person's own, newest first. */
  'stickers:list': invoke<OwnSticker[]>()(nothing),
  /** Makes one of a staged picture. `invalid-input` with the field `size` or `count` when there is no room for it. */
  'stickers:add': invoke<OwnSticker[]>()(z.object({ file: stage, name: z.string().max(50), ...picture })),
  /** Keeps the picture of a message as a sticker. */
  'stickers:keep': invoke<OwnSticker[]>()(message),
  'stickers:remove': invoke<OwnSticker[]>()(z.object({ id: stage })),
  /** Stages one for sending, under a UUID of the caller. */
  'stickers:stage': invoke<StagedFile>()(z.object({ id: stage, file: stage })),

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

  /** All groups I am in, newest first. */
  'groups:list': invoke<Group[]>()(nothing),
  /** What is known of a group without asking the server; null when nothing is. */
  'groups:known': invoke<Group | null>()(group),
  /** With its members; also for a group I am not in. */
  'groups:profile': invoke<GroupProfile>()(group),
  /** Founds a group with some of my contacts, by their account ids, and shows it. */
  'groups:create': invoke<Conversation>()(z.object({ accountIds: z.array(accountId).min(1).max(2_000) })),
  /** Shows the conversation of a group. */
  'groups:open': invoke<Conversation>()(group),
  'groups:rename': invoke<void>()(group.extend({ name: z.string().min(1).max(40) })),
  'groups:announce': invoke<void>()(group.extend({ text: z.string().min(1).max(1_000) })),
  'groups:set-nickname': invoke<void>()(group.extend({ nickname: z.string().min(1).max(40) })),
  'groups:set-policy': invoke<void>()(group.extend({ policy: z.enum(JOIN_POLICIES) })),
  'groups:set-read-receipts': invoke<void>()(group.extend({ enabled: z.boolean() })),
  /** Dissolves my own group, leaves another one's; messages stay on this machine. */
  'groups:quit': invoke<void>()(group),
  'groups:remove-member': invoke<void>()(group.extend({ accountId })),
  /** `waiting`: the owner has to agree first. */
  'groups:invite': invoke<'joined' | 'waiting'>()(group.extend({ accountId })),
  'groups:join': invoke<'joined' | 'waiting'>()(group.extend({ reason: z.string().max(500) })),
  /** Who waits for my approval; null on servers that do not tell (there the notices do). */
  'groups:requests': invoke<JoinRequest[] | null>()(group),
  /** Lets somebody in or not; the notice that asked goes from the list, even if it was decided elsewhere. */
  'groups:decide': invoke<void>()(group.extend({ accountId, agree: z.boolean() })),
  /** How far everybody has read; from then on `groups:marks-changed` tells. */
  'groups:marks': invoke<GroupMarks>()(group),
  /** Who has read a message of a group, by name. */
  'groups:readers': invoke<MessageReaders>()(message),
  /** A person's card; with the public id also people whom the server tells about under that alone. */
  'contacts:person': invoke<Person>()(account.extend({ uuid: z.string().max(64).optional() })),
  'contacts:set-starred': invoke<void>()(account.extend({ value: z.boolean() })),
  /** Puts a friend on the blacklist, or takes them off. */
  'contacts:set-blocked': invoke<void>()(account.extend({ value: z.boolean() })),
  'contacts:set-visibility': invoke<void>()(
    account.extend({ showsMine: z.boolean(), showsTheirs: z.boolean() }),
  ),
  'contacts:set-alias': invoke<void>()(account.extend({ alias: z.string().max(50) })),
  /** Ends the friendship on both sides; `withHistory` also forgets the conversation on this machine. */
  'contacts:remove': invoke<void>()(account.extend({ withHistory: z.boolean() })),

  /** A picture (PNG) or a text that somebody copied, for a code or a link in it; asked for by the person. */
  'codes:read-clipboard': invoke<{ picture: Uint8Array | null; text: string }>()(nothing),
  /** Pictures (PNG) of the screens without our window; none where the system gives none. */
  'codes:capture-screens': invoke<Uint8Array[]>()(nothing),

  'profile:get': invoke<OwnProfile>()(nothing),
  'profile:set-nickname': invoke<void>()(z.object({ nickname: z.string().trim().min(1).max(30) })),
  /** A square picture, cut out already. */
  'profile:set-avatar': invoke<void>()(
    z.object({ bytes: z.instanceof(Uint8Array).refine(({ byteLength }) => byteLength <= MAX_AVATAR_BYTES) }),
  ),
  'profile:set-confirmation': invoke<void>()(z.object({ confirmsFriends: z.boolean() })),
  'profile:set-limits': invoke<void>()(z.object({ strangers: strangerLimit, guests: strangerLimit })),
  'profile:change-password': invoke<void>()(
    z.object({ current: z.string().min(1).max(200), next: z.string().min(6).max(20) }),
  ),

  /** What is answered while the account is away. */
  'desk:answers': invoke<PreparedAnswer[]>()(nothing),
  /** Without an id a new one. */
  'desk:save-answer': invoke<void>()(
    z.object({
      id: z.number().nullable(),
      question: z.string().min(1).max(MAX_QUESTION),
      answer: z.string().min(1).max(MAX_ANSWER),
    }),
  ),
  'desk:remove-answer': invoke<void>()(z.object({ id: z.number() })),
  /** What would be answered to such words; null for nothing. */
  'desk:try-answer': invoke<PreparedAnswer | null>()(
    z.object({ question: z.string().min(1).max(MAX_QUESTION) }),
  ),
  'desk:complaints': invoke<Complaint[]>()(nothing),
  /** Evidence are messages of the history; pictures are JPEG. */
  'desk:complain': invoke<void>()(
    z.object({
      subject: z.object({
        kind: z.enum(['single', 'group']),
        id: z.number().int().positive(),
        name: z.string().max(200),
      }),
      reason: z.string().min(1).max(500),
      text: z.string().max(MAX_COMPLAINT),
      pictures: complaintPictures,
      evidence: z.array(z.string().min(1).max(64)).max(MAX_COMPLAINT_EVIDENCE),
    }),
  ),
  /** Words and pictures of one that is pending; `kept` are addresses of {@link Complaint.pictures}. */
  'desk:change-complaint': invoke<void>()(
    z.object({
      id: z.number().int().positive(),
      text: z.string().max(MAX_COMPLAINT),
      kept: z.array(z.string().max(4_000)).max(MAX_COMPLAINT_PICTURES),
      added: complaintPictures,
    }),
  ),
  'desk:withdraw-complaint': invoke<void>()(z.object({ id: z.number().int().positive() })),
} as const;

/** Payload of every event, by channel. */
export interface Events {
  'session:changed': SessionState;
  /** The accounts of this app; other events are of the one on screen, unless they name their account. */
  'accounts:changed': AccountList;
  /** The history is about to close: what is being typed must be stored now, and `session:ready-to-end` called. */
  'session:ending': null;
  'connection:changed': ConnectionState;
  'storage:changed': StorageState;
  'server:changed': EmbeddedServerState;
  'office:changed': OfficeState;
  /** All servers that announce themselves on the network now. */
  'discovery:changed': FoundServer[];
  'settings:changed': Settings;
  'network:changed': NetworkSettings;
  'doctor:progressed': DoctorResult;
  'history:changed': AccountChanges;
  /** The contact list or the applications changed on the server; fetch again. */
  'contacts:changed': { pendingCount: number };
  /** Who types there now, beside the person; empty when it ended. */
  'typing:changed': { conversationId: ConversationId; accountIds: AccountId[] };
  'presence:changed': Presence;
  /** These groups, or what I have to do with them, are not as they were: ask again. */
  'groups:changed': { groupIds: GroupId[] };
  'groups:marks-changed': { groupId: GroupId; marks: GroupMarks };
  'check:progressed': Progress;
  'export:progressed': Progress;
  'media:progressed': TransferProgress;
  'notice:posted': Notice;
  'app:commanded': AppCommand;
  'lock:changed': LockState;
  /** Conversations of the account on screen that have a window of their own. */
  'windows:changed': { conversationIds: ConversationId[] };
  'updates:changed': UpdateState;
  /** The sound of a notification; sent to one window. */
  'sound:requested': { sound: NotificationSound };
}

export type InvokeMap = typeof invokes;
export type InvokeChannel = keyof InvokeMap;
export type EventChannel = keyof Events;
export type InvokeInput<Channel extends InvokeChannel> = z.input<InvokeMap[Channel]['input']>;
export type InvokeResult<Channel extends InvokeChannel> =
  InvokeMap[Channel] extends Invoke<z.ZodType, infer Result> ? Result : never;

/** What comes back over the wire: errors are values, because Electron flattens thrown ones to a string. */
export type InvokeOutcome<Result> = { ok: true; value: Result } | { ok: false; error: WireError };

/** Areas of calls about the account on screen. */
const ACCOUNT_AREAS: ReadonlySet<string> = new Set([
  'conversations',
  'messages',
  'contacts',
  'groups',
  'profile',
  'media',
  'windows',
  'stickers',
  'desk',
]);

/** True for calls that must not reach another account than the one that the window showed when it made them. */
export function isOfAccount(channel: InvokeChannel): boolean {
  return ACCOUNT_AREAS.has(channel.slice(0, channel.indexOf(':')));
}

/** The object that the preload exposes as `window.magpie`. */
export interface MagpieBridge {
  /** `account` is the key of the account that the window shows: main refuses what is meant for another one. */
  invoke<Channel extends InvokeChannel>(
    channel: Channel,
    input?: InvokeInput<Channel>,
    account?: string | null,
  ): Promise<InvokeOutcome<InvokeResult<Channel>>>;
  /** Keeps a file that the person dropped, pasted or chose (a `File` of the page) for sending; `id` is a UUID of the caller. */
  stage(file: unknown, id: string, account?: string | null): Promise<InvokeOutcome<StagedFile>>;
  /** Gives the function that ends the subscription. */
  on<Channel extends EventChannel>(
    channel: Channel,
    listener: (payload: Events[Channel]) => void,
  ): () => void;
}

export type { MessagePosition };
