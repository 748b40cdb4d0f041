/** The app itself: its windows, settings, lock and newer versions, and what it tells the person. */
import { z } from 'zod';
import type { WireError } from '../errors.ts';
import type { Presence } from '../model/account.ts';
import type { ExportFormat } from '../model/completeness.ts';
import type { ConversationId } from '../model/conversation.ts';
import type { Diagnostics } from '../model/diagnostics.ts';
import type {
  AccountList,
  ConnectionState,
  EmbeddedServerState,
  SessionEndReason,
  SessionState,
  StorageState,
} from '../model/session.ts';
import {
  CLOSE_BUTTONS,
  KEEP_DAYS,
  GLOBAL_SHORTCUTS,
  LANGUAGES,
  LOCK_MINUTES,
  MEDIA_CACHE,
  LIST_SCOPES,
  MUTED_MENTIONS,
  MUTED_UNREAD,
  NOTIFICATION_PRIVACY,
  NOTIFICATION_SOUNDS,
  SEND_KEYS,
  THEMES,
  UNDO_SECONDS,
  UPLOAD_KINDS,
  ZOOM,
  VOICE_SPEEDS,
  type Locale,
  MOST_ORIGINALS,
  MOST_RECENT,
  SKIN_TONES,
  MAX_UPDATE_ADDRESS,
  type Settings,
} from '../model/settings.ts';
import { UPDATE_SOURCES, type InstallAnswer, type UpdateState } from '../model/update.ts';
import { invoke, conversation, nothing } from './call.ts';

/** What a system asks about before it lets an app use it. */
export const DEVICES = ['camera', 'microphone'] as const;
export type Device = (typeof DEVICES)[number];

/** A window of another program. */
export interface CapturableWindow {
  id: string;
  /** As its title bar has it; may be empty. */
  name: string;
  /** PNG, small. */
  picture: Uint8Array;
}

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
  | { kind: 'search-in-chat' }
  | { kind: 'toggle-pinned' }
  | { kind: 'toggle-muted' }
  | { kind: 'toggle-unread' }
  | { kind: 'export-chat'; format: ExportFormat }
  | { kind: 'check-updates' }
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

const openChat = z.object({
  kind: z.enum(['single', 'group', 'service']),
  pinned: z.boolean(),
  muted: z.boolean(),
  unread: z.boolean(),
});
/** What the menu bar shows of the chat that is open in a window. */
export type OpenChat = z.infer<typeof openChat>;

const capturable = z.object({ id: z.string().min(1).max(200) });
const side = z.number().int().min(1).max(20_000);
const pixels = z.object({ width: side, height: side });

export const appCalls = {
  'app:get-snapshot': invoke<AppSnapshot>()(nothing),
  /** The first screen is drawn: this version of the app works. */
  'app:drawn': invoke<void>()(nothing),
  'app:open-external': invoke<void>()(z.object({ url: z.url({ protocol: /^https?$/ }) })),
  /** Where the system allows a device to be used; `not-found` where it has no place for that. */
  'app:open-privacy-settings': invoke<void>()(z.object({ device: z.enum(DEVICES) })),
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
        mutedMentions: z.enum(MUTED_MENTIONS),
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
        linkPreviews: z.boolean(),
        sendPicturesAtOnce: z.boolean(),
        originalsOf: z.array(z.string().max(400)).max(MOST_ORIGINALS),
        storageUploads: z
          .record(z.string().max(400), z.array(z.enum(UPLOAD_KINDS)).max(UPLOAD_KINDS.length))
          .refine((accounts) => Object.keys(accounts).length <= MOST_ORIGINALS),
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

  /** Takes a second: it measures. */
  'diagnostics:gather': invoke<Diagnostics>()(nothing),
  'diagnostics:open-logs': invoke<void>()(nothing),

  /** Shows a conversation in a window of its own, or brings that window to the front. */
  'windows:open-chat': invoke<void>()(conversation),
  /** Back into the main window: its own window closes. */
  'windows:close-chat': invoke<void>()(conversation),
  /** Which chat this window has open, as far as the menu bar shows it; null for none. */
  'windows:tell-chat': invoke<void>()(z.object({ chat: openChat.nullable() })),
  /** From a conversation's own window to another page: that one belongs in the main window. */
  'windows:show-in-main': invoke<void>()(
    z.object({
      path: z
        .string()
        .max(1_000)
        .regex(/^\/(chats|contacts|groups|settings)\b/u),
    }),
  ),

  /** A picture (PNG) or a text that somebody copied, for a code or a link in it; asked for by the person. */
  'codes:read-clipboard': invoke<{ picture: Uint8Array | null; text: string }>()(nothing),
  /** Pictures (PNG) of the screens without our window; none where the system gives none. */
  'codes:capture-screens': invoke<Uint8Array[]>()(nothing),
  /** Windows of other programs, with small pictures of them; none where the system tells of none. */
  'capture:list-windows': invoke<CapturableWindow[]>()(nothing),
  /** The next capture of a window that the page asks for is this one: so it sees how large it is. */
  'capture:show-window': invoke<void>()(capturable),
  /** A picture (PNG) of one, as large as it was seen to be; else as large as a screen. `not-found` when it was closed. */
  'capture:take-window': invoke<Uint8Array>()(capturable.extend({ size: pixels.optional() })),
} as const;
