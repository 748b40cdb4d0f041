import type { UpdateSource } from './update.ts';

export const LANGUAGES = ['system', 'zh-CN', 'en'] as const;
export type LanguageSetting = (typeof LANGUAGES)[number];
export type Locale = 'zh-CN' | 'en';

export const THEMES = ['system', 'light', 'dark'] as const;
export type ThemeSetting = (typeof THEMES)[number];

export const SEND_KEYS = ['enter', 'mod-enter'] as const;
export type SendKey = (typeof SEND_KEYS)[number];

/** Seconds in which a message can still be taken out of the outbox; 0 sends at once. */
export const UNDO_SECONDS = [0, 3, 5, 10] as const;
export type UndoSeconds = (typeof UNDO_SECONDS)[number];

/** Days for which messages stay on this computer; 0 keeps them for good. */
export const KEEP_DAYS = [0, 30, 90, 180, 365] as const;
export type KeepDays = (typeof KEEP_DAYS)[number];

/** Bytes that loaded pictures and files of one account may take on this computer. */
export const MEDIA_CACHE = [500_000_000, 2_000_000_000, 10_000_000_000, 50_000_000_000] as const;
export type MediaCache = (typeof MEDIA_CACHE)[number];

/** Where files that are sent go: the server of the account, or the object storage behind it. */
export const UPLOAD_PLACES = ['server', 'object-storage'] as const;
export type UploadPlace = (typeof UPLOAD_PLACES)[number];

/** Of each the person says where it goes. */
export const UPLOAD_KINDS = ['image', 'video', 'audio', 'file'] as const;
export type UploadKind = (typeof UPLOAD_KINDS)[number];

/** @param mime type of the file */
export function uploadKind(mime: string): UploadKind {
  const [kind] = mime.split('/', 1);
  return UPLOAD_KINDS.find((one) => one === kind) ?? 'file';
}

/** How fast voice messages are heard. */
export const VOICE_SPEEDS = [1, 1.5, 2, 0.75] as const;
export type VoiceSpeed = (typeof VOICE_SPEEDS)[number];

/** How much a notification says: name and text, the name alone, or only that something came. */
export const NOTIFICATION_PRIVACY = ['full', 'name', 'none'] as const;
export type NotificationPrivacy = (typeof NOTIFICATION_PRIVACY)[number];

export const NOTIFICATION_SOUNDS = ['none', 'chime', 'drop', 'knock', 'pluck'] as const;
export type NotificationSound = (typeof NOTIFICATION_SOUNDS)[number];

/** What unread messages in muted conversations add to tray, launcher and title: nothing, a dot, or their number. */
export const MUTED_UNREAD = ['exclude', 'dot', 'include'] as const;
export type MutedUnread = (typeof MUTED_UNREAD)[number];

/** What happens when somebody means the person (@name, @all) in a group that is muted. */
export const MUTED_MENTIONS = ['notify', 'silent'] as const;
export type MutedMentions = (typeof MUTED_MENTIONS)[number];

/** What closing the window does. */
export const CLOSE_BUTTONS = ['keep-running', 'quit'] as const;
export type CloseButton = (typeof CLOSE_BUTTONS)[number];

export const SKIN_TONES = [0, 1, 2, 3, 4, 5] as const;
export type SkinTone = (typeof SKIN_TONES)[number];

/** Whose conversations the list shows where several accounts run: those of all, or of the one on screen. */
export const LIST_SCOPES = ['all', 'shown'] as const;
export type ListScope = (typeof LIST_SCOPES)[number];

/** So many accounts can have a choice of their own for their files. */
export const MOST_ORIGINALS = 50;

/** How many of what was used last are remembered. */
export const MOST_RECENT = { emoji: 32, stickers: 24, favourites: 100 } as const;

/** Minutes without keyboard and mouse after which the app locks itself; 0 never. */
export const LOCK_MINUTES = [0, 1, 5, 15, 60] as const;
export type LockMinutes = (typeof LOCK_MINUTES)[number];

/** Keys that show the window from everywhere, as Electron writes them; empty for none. */
export const GLOBAL_SHORTCUTS = ['', 'CommandOrControl+Alt+M', 'CommandOrControl+Shift+Space'] as const;
export type GlobalShortcut = (typeof GLOBAL_SHORTCUTS)[number];

export const ZOOM = { least: 0.5, most: 2, step: 0.1 } as const;
/** Longest address of a feed of one's own. */
export const MAX_UPDATE_ADDRESS = 500;

/** Preferences of the person, kept for all accounts on this machine. */
export interface Settings {
  language: LanguageSetting;
  theme: ThemeSetting;
  /** Which key sends; the other combination breaks the line. */
  sendKey: SendKey;
  undoSeconds: UndoSeconds;
  keepDays: KeepDays;
  mediaCache: MediaCache;
  voiceSpeed: VoiceSpeed;
  /** Width of the list column in CSS pixels, 264–360. */
  listWidth: number;
  listScope: ListScope;
  notifications: boolean;
  notificationPrivacy: NotificationPrivacy;
  notificationSound: NotificationSound;
  mutedUnread: MutedUnread;
  mutedMentions: MutedMentions;
  closeButton: CloseButton;
  /** Emoji that were used last, newest first, as they were written. */
  recentEmoji: string[];
  /** 0 for none, then from light to dark. */
  skinTone: SkinTone;
  /** Stickers by their keys (`magpie:wave`, `own:<id>`): those used last, newest first, and those marked. */
  recentStickers: string[];
  favouriteStickers: string[];
  /** Starts hidden with the system. */
  startWithSystem: boolean;
  globalShortcut: GlobalShortcut;
  alwaysOnTop: boolean;
  /** 1 is the actual size. */
  zoom: number;
  lockMinutes: LockMinutes;
  /** Looks at pages before links to them are sent, for a card beneath the message. */
  linkPreviews: boolean;
  /** Pictures do not wait in the tray. */
  sendPicturesAtOnce: boolean;
  /** Keys of the accounts whose pictures go as they are, unless the person says otherwise for one of them. */
  originalsOf: string[];
  /** By key of the account: what of it goes to the object storage. */
  storageUploads: Record<string, UploadKind[]>;
  spellCheck: boolean;
  /** Codes such as `en-US`; macOS has its own setting for them. */
  spellLanguages: string[];
  updateSource: UpdateSource;
  /** The feed of the person's own: a web address without name or password, or empty. */
  updateAddress: string;
}

export const DEFAULT_SETTINGS: Settings = {
  language: 'system',
  theme: 'system',
  sendKey: 'enter',
  undoSeconds: 0,
  keepDays: 0,
  mediaCache: 2_000_000_000,
  voiceSpeed: 1,
  listWidth: 312,
  listScope: 'all',
  notifications: true,
  notificationPrivacy: 'full',
  notificationSound: 'chime',
  mutedUnread: 'exclude',
  mutedMentions: 'notify',
  closeButton: 'keep-running',
  recentEmoji: [],
  skinTone: 0,
  recentStickers: [],
  favouriteStickers: [],
  startWithSystem: false,
  globalShortcut: '',
  alwaysOnTop: false,
  zoom: 1,
  lockMinutes: 5,
  linkPreviews: false,
  sendPicturesAtOnce: false,
  originalsOf: [],
  storageUploads: {},
  spellCheck: true,
  spellLanguages: [],
  updateSource: 'server',
  updateAddress: '',
};
