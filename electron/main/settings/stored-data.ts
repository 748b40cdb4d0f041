import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { BACKUP_HOURS, OFFICE_NAME } from '#protocol/model/office';
import { DEFAULT_PROXY, PROXY_KINDS, PROXY_MODES } from '#protocol/model/network';
import {
  CLOSE_BUTTONS,
  DEFAULT_SETTINGS,
  KEEP_DAYS,
  GLOBAL_SHORTCUTS,
  MEDIA_CACHE,
  LANGUAGES,
  LOCK_MINUTES,
  LIST_SCOPES,
  MUTED_MENTIONS,
  MUTED_UNREAD,
  NOTIFICATION_PRIVACY,
  NOTIFICATION_SOUNDS,
  SEND_KEYS,
  MOST_ORIGINALS,
  MOST_RECENT,
  SKIN_TONES,
  THEMES,
  UNDO_SECONDS,
  UPLOAD_KINDS,
  ZOOM,
  MAX_UPDATE_ADDRESS,
  VOICE_SPEEDS,
} from '#protocol/model/settings';
import { UPDATE_SOURCES } from '#protocol/model/update';

/** A secret as it is stored: sealed by the operating system's keychain, or plain where there is none. */
const secret = z.object({ sealed: z.boolean(), data: z.string() });
export type StoredSecret = z.infer<typeof secret>;

const server = z.object({
  origin: z.string(),
  dialect: z.literal('egg-im'),
  embedded: z.boolean(),
  extensions: z.boolean(),
});

const storedAccount = z.object({
  id: z.number(),
  uuid: z.string(),
  username: z.string(),
  nickname: z.string(),
  avatar: z.string(),
  role: z.enum(['user', 'visitor', 'admin']),
});

const bounds = z.object({
  x: z.number(),
  y: z.number(),
  width: z.number(),
  height: z.number(),
  maximized: z.boolean(),
});
export type WindowBounds = z.infer<typeof bounds>;

/** Of a conversation in a window of its own, by account and conversation; the one used last comes last. */
const chatWindow = bounds.extend({ open: z.boolean() });
export type StoredChatWindow = z.infer<typeof chatWindow>;

const settings = z.object({
  language: z.enum(LANGUAGES).catch(DEFAULT_SETTINGS.language),
  theme: z.enum(THEMES).catch(DEFAULT_SETTINGS.theme),
  sendKey: z.enum(SEND_KEYS).catch(DEFAULT_SETTINGS.sendKey),
  keepDays: z.literal(KEEP_DAYS).catch(DEFAULT_SETTINGS.keepDays),
  mediaCache: z.literal(MEDIA_CACHE).catch(DEFAULT_SETTINGS.mediaCache),
  voiceSpeed: z.literal(VOICE_SPEEDS).catch(DEFAULT_SETTINGS.voiceSpeed),
  undoSeconds: z.literal(UNDO_SECONDS).catch(DEFAULT_SETTINGS.undoSeconds),
  listWidth: z.number().min(264).max(360).catch(DEFAULT_SETTINGS.listWidth),
  listScope: z.enum(LIST_SCOPES).catch(DEFAULT_SETTINGS.listScope),
  notifications: z.boolean().catch(DEFAULT_SETTINGS.notifications),
  notificationPrivacy: z.enum(NOTIFICATION_PRIVACY).catch(DEFAULT_SETTINGS.notificationPrivacy),
  notificationSound: z.enum(NOTIFICATION_SOUNDS).catch(DEFAULT_SETTINGS.notificationSound),
  mutedUnread: z.enum(MUTED_UNREAD).catch(DEFAULT_SETTINGS.mutedUnread),
  mutedMentions: z.enum(MUTED_MENTIONS).catch(DEFAULT_SETTINGS.mutedMentions),
  closeButton: z.enum(CLOSE_BUTTONS).catch(DEFAULT_SETTINGS.closeButton),
  recentEmoji: z.array(z.string().max(40)).max(MOST_RECENT.emoji).catch([]),
  skinTone: z.literal(SKIN_TONES).catch(DEFAULT_SETTINGS.skinTone),
  recentStickers: z.array(z.string().max(60)).max(MOST_RECENT.stickers).catch([]),
  favouriteStickers: z.array(z.string().max(60)).max(MOST_RECENT.favourites).catch([]),
  startWithSystem: z.boolean().catch(DEFAULT_SETTINGS.startWithSystem),
  globalShortcut: z.enum(GLOBAL_SHORTCUTS).catch(DEFAULT_SETTINGS.globalShortcut),
  alwaysOnTop: z.boolean().catch(DEFAULT_SETTINGS.alwaysOnTop),
  zoom: z.number().min(ZOOM.least).max(ZOOM.most).catch(DEFAULT_SETTINGS.zoom),
  lockMinutes: z.literal(LOCK_MINUTES).catch(DEFAULT_SETTINGS.lockMinutes),
  linkPreviews: z.boolean().catch(DEFAULT_SETTINGS.linkPreviews),
  originalsOf: z.array(z.string().max(400)).max(MOST_ORIGINALS).catch([]),
  storageUploads: z.record(z.string(), z.array(z.enum(UPLOAD_KINDS))).catch({}),
  sendPicturesAtOnce: z.boolean().catch(DEFAULT_SETTINGS.sendPicturesAtOnce),
  spellCheck: z.boolean().catch(DEFAULT_SETTINGS.spellCheck),
  spellLanguages: z.array(z.string().max(20)).max(8).catch([]),
  updateSource: z.enum(UPDATE_SOURCES).catch(DEFAULT_SETTINGS.updateSource),
  updateAddress: z.string().max(MAX_UPDATE_ADDRESS).catch(''),
});

const home = z.object({
  server,
  guestSalt: z.string().nullable(),
  /** The device that it signed in from; null for this installation's own. */
  deviceId: z.uuid().nullable(),
});
/** How an account signs in. */
export type AccountHome = z.infer<typeof home>;

const DEFAULT_OFFICE = {
  name: '',
  open: false,
  port: null,
  backupPlace: null,
  backupHours: 0,
  backupKeep: 7,
} as const;

/** What the server inside the app does for others. */
const office = z.object({
  /** What others read where they find it; empty for the name of the computer. */
  name: z.string().max(OFFICE_NAME).catch(''),
  /** Others on the network may join. */
  open: z.boolean().catch(false),
  /** The port of the last time, so that invitations stay right. */
  port: z.number().int().min(1).max(65_535).nullable().catch(null),
  backupPlace: z.string().nullable().catch(null),
  backupHours: z.literal(BACKUP_HOURS).catch(0),
  backupKeep: z.number().int().min(1).max(1000).catch(DEFAULT_OFFICE.backupKeep),
});
export type StoredOffice = z.infer<typeof office>;
/** What a passphrase is compared with: scrypt, base64. */
const lock = z.object({
  salt: z.string(),
  key: z.string(),
  cost: z.number().int().positive(),
  /** Wrong passphrases since the last right one. */ failures: z.number().int().min(0).catch(0),
});
export type StoredLock = z.infer<typeof lock>;
const proxy = z.object({
  mode: z.enum(PROXY_MODES),
  kind: z.enum(PROXY_KINDS),
  host: z.string(),
  port: z.number().int().min(1).max(65_535),
  exceptions: z.string(),
});

const certificate = z.object({
  subject: z.string(),
  issuer: z.string(),
  names: z.array(z.string()),
  validFrom: z.number(),
  validTo: z.number(),
  fingerprint: z.string(),
});

const network = z.object({
  proxy: proxy.catch(DEFAULT_PROXY),
  /** By proxy, `host:port`. */
  logins: z.record(z.string(), z.object({ username: z.string(), password: secret })).catch({}),
  /** By origin: what the person vouches for. */
  trusted: z.record(z.string(), z.object({ certificate, trustedAt: z.number() })).catch({}),
  /** By origin: fingerprint of the last certificate that an authority vouched for. */
  verified: z.record(z.string(), z.string()).catch({}),
});
export type StoredNetwork = z.infer<typeof network>;

export const FRESH_NETWORK: StoredNetwork = { proxy: DEFAULT_PROXY, logins: {}, trusted: {}, verified: {} };

const account = z.object({
  account: storedAccount,
  /** Null after signing out. */
  token: secret.nullable(),
  historyKey: secret,
  /** Keys that could not be unsealed once and were replaced; their histories were set aside, not deleted. */
  retiredKeys: z.array(secret).catch([]),
  /** Where it signs in; null for those of before several accounts could be signed in. */
  home: home.nullable().catch(null),
  /** It stands in the list of accounts. Histories of those that do not stay all the same. */
  listed: z.boolean().catch(false),
  colour: z.number().int().min(0).catch(0),
});
export type StoredAccount = z.infer<typeof account>;

const chosen = z.object({
  server,
  guestSalt: z.string().nullable(),
  /** Null for this installation's own. */
  deviceId: z.uuid().nullable().catch(null),
  /** Key of the account that is signed in here, if any. */
  accountKey: z.string().nullable(),
  lastUsername: z.string().catch(''),
});
export type ChosenServer = z.infer<typeof chosen>;

/** Everything that is kept in the settings file. Single damaged parts fall back to their defaults. */
export const storedData = z.object({
  version: z.literal(1),
  deviceId: z.uuid().catch(() => randomUUID()),
  settings: settings.catch(DEFAULT_SETTINGS),
  window: bounds.nullable().catch(null),
  /** Milliseconds since the epoch; null while notifications are not paused. */
  notificationsPausedUntil: z.number().nullable().catch(null),
  /** The person was told once what happens to a closed window. */
  closeExplained: z.boolean().catch(false),
  lock: lock.nullable().catch(null),
  chatWindows: z.record(z.string(), chatWindow).catch({}),
  /** Where the page was when the app had to be started anew; null otherwise. */
  resumePath: z.string().nullable().catch(null),
  chosen: chosen.nullable().catch(null),
  embeddedPort: z.number().int().min(1).max(65_535).nullable().catch(null),
  office: office.catch(DEFAULT_OFFICE),
  network: network.catch(FRESH_NETWORK),
  accounts: z
    .record(z.string(), z.unknown())
    .catch({})
    // One damaged entry must not take the keys of all other histories with it.
    .transform((entries) => {
      const sound: Record<string, StoredAccount> = {};
      for (const [key, entry] of Object.entries(entries)) {
        const parsed = account.safeParse(entry);
        if (parsed.success) sound[key] = parsed.data;
      }
      return sound;
    }),
});
export type StoredData = z.infer<typeof storedData>;

export function freshData(): StoredData {
  return {
    version: 1,
    deviceId: randomUUID(),
    settings: DEFAULT_SETTINGS,
    window: null,
    notificationsPausedUntil: null,
    closeExplained: false,
    lock: null,
    chatWindows: {},
    resumePath: null,
    chosen: null,
    embeddedPort: null,
    office: DEFAULT_OFFICE,
    network: FRESH_NETWORK,
    accounts: {},
  };
}

/**
 * Steps from version n (the index) to n + 1; never edited once released. There is one version so far; files from
 * before versions were written begin at 0.
 */
const MIGRATIONS: readonly ((data: Record<string, unknown>) => Record<string, unknown>)[] = [
  (data) => ({ ...freshData(), ...data, version: 1 }),
];

export interface ReadData {
  data: StoredData;
  /** An account of the file could not be understood and is missing in the data. */
  incomplete: boolean;
}

/** Reads what the file held; null when it cannot be understood at all. */
export function readStoredData(raw: unknown): ReadData | null {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return null;
  let data = raw as Record<string, unknown>;
  const version = typeof data['version'] === 'number' ? data['version'] : 0;
  if (version > MIGRATIONS.length) return null;
  for (const step of MIGRATIONS.slice(version)) data = step(data);
  const parsed = storedData.safeParse(data);
  if (!parsed.success) return null;
  const accounts: unknown = data['accounts'];
  const isRecord = typeof accounts === 'object' && accounts !== null && !Array.isArray(accounts);
  const before = isRecord ? Object.keys(accounts).length : accounts === undefined ? 0 : 1;
  return { data: parsed.data, incomplete: Object.keys(parsed.data.accounts).length < before };
}
