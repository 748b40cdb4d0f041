import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { DEFAULT_SETTINGS, LANGUAGES, SEND_KEYS, THEMES, UNDO_SECONDS } from '#protocol/model/settings';

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

const settings = z.object({
  language: z.enum(LANGUAGES).catch(DEFAULT_SETTINGS.language),
  theme: z.enum(THEMES).catch(DEFAULT_SETTINGS.theme),
  sendKey: z.enum(SEND_KEYS).catch(DEFAULT_SETTINGS.sendKey),
  undoSeconds: z.literal(UNDO_SECONDS).catch(DEFAULT_SETTINGS.undoSeconds),
  listWidth: z.number().min(264).max(360).catch(DEFAULT_SETTINGS.listWidth),
});

const account = z.object({
  account: storedAccount,
  /** Null after signing out. */
  token: secret.nullable(),
  historyKey: secret,
  /** Keys that could not be unsealed once and were replaced; their histories were set aside, not deleted. */
  retiredKeys: z.array(secret).catch([]),
});
export type StoredAccount = z.infer<typeof account>;

const chosen = z.object({
  server,
  guestSalt: z.string().nullable(),
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
  chosen: chosen.nullable().catch(null),
  embeddedPort: z.number().int().min(1).max(65_535).nullable().catch(null),
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
    chosen: null,
    embeddedPort: null,
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
