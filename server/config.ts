/** Settings of a server: flags, then environment, then defaults; checked before anything starts. */
import { resolve } from 'node:path';
import { IMAGES } from './domain/file-names.ts';
import type { SessionPolicy } from './domain/sessions.ts';
import { DEFAULT_GUEST_SALT } from '#protocol/wire/guest-signature';

/** `both`: on the disk, and in the storage what its sender wants there. */
export const STORAGE_PLANS = ['disk', 's3', 'both'] as const;
export type StoragePlan = (typeof STORAGE_PLANS)[number];

export interface ServerConfig {
  host: string;
  port: number;
  dataDirectory: string;
  guestSalt: string;
  logLevel: string;
  trustProxy: boolean;
  pingSeconds: number;
  deadAfterSeconds: number;
  stalledAfterSeconds: number;
  socketBufferKib: number;
  maxConnections: number;
  maxConnectionsPerAddress: number;
  maxConnectionsPerAccount: number;
  requestsPerSecond: number;
  sendsPerSecond: number;
  registrationsPerMinute: number;
  loginsPerMinute: number;
  guestCallsPerHour: number;
  freeLoginAttempts: number;
  recallSeconds: number;
  groupMembers: number;
  readReceiptsUpTo: number;
  sessions: SessionPolicy;
  /** `private`: a download needs a token; `links`: whoever knows the address may load it. */
  files: 'private' | 'links';
  fileLimitMib: number;
  quotaMib: number;
  imageMegapixels: number;
  /** Of where a photo was taken: does it stay in what comes as a form? */
  pictureLocations: 'remove' | 'keep';
  orphanHours: number;
  requestSeconds: number;
  uploadStallSeconds: number;
  uploadsPerAccount: number;
  ffmpeg: string;
  /** Where the content of files lies: in the data folder, in an S3-compatible storage, or where its sender wants it. */
  storage: StoragePlan;
  /** `aws` for the address of the region. */
  s3Endpoint: string;
  s3Region: string;
  s3Bucket: string;
  s3Prefix: string;
  s3PathStyle: boolean;
  /** Seconds for which downloads are left to the storage; 0: they go through us. */
  s3SignedSeconds: number;
  /** Address under which everybody can load what lies in the bucket under `images/`, without a trailing slash; or `off`. */
  s3Public: string;
  /** `off`, a socket path, or `host:port`. */
  clamd: string;
  /** `self`: with a certificate of its own, kept in the data folder. */
  tls: 'off' | 'self';
  /** PEM files, or `off`. */
  tlsCert: string;
  tlsKey: string;
  /** Folder that scheduled backups go to, or `off`. */
  backupTo: string;
  /** 0 for no schedule. */
  backupHours: number;
  /** 0 keeps all. */
  backupKeep: number;
}

interface Setting {
  key: keyof ServerConfig;
  flag: string;
  environment: string;
  help: string;
  fallback: string;
  kind:
    | 'text'
    | 'path'
    | 'file'
    /** A web address without a query, or `off`. */
    | 'web'
    | 'switch'
    | { minimum: number; maximum: number; whole: boolean }
    | { oneOf: string[] };
}

/** Says of a path that there is none. */
const OFF = 'off';

const whole = (minimum: number, maximum: number) => ({ minimum, maximum, whole: true });
const seconds = { minimum: 0.05, maximum: 86_400, whole: false };

/** One line per setting; `docs/operations.md` explains them and a test compares the two. */
export const SETTINGS: readonly Setting[] = [
  setting('host', 'host', 'MAGPIE_HOST', '127.0.0.1', 'text', 'address to listen on'),
  setting('port', 'port', 'MAGPIE_PORT', '7001', whole(0, 65_535), 'port; 0 picks a free one'),
  setting('dataDirectory', 'data', 'MAGPIE_DATA', 'magpie-data', 'path', 'folder of the database and files'),
  setting(
    'guestSalt',
    'guest-salt',
    'MAGPIE_GUEST_SALT',
    DEFAULT_GUEST_SALT,
    'text',
    'salt of guest signatures',
  ),
  setting(
    'logLevel',
    'log-level',
    'MAGPIE_LOG_LEVEL',
    'info',
    {
      oneOf: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    },
    'least important log line that is written',
  ),
  setting('trustProxy', 'trust-proxy', 'MAGPIE_TRUST_PROXY', 'false', 'switch', 'believe X-Forwarded-For'),
  setting('pingSeconds', 'ping-seconds', 'MAGPIE_PING_SECONDS', '30', seconds, 'pause between pings'),
  setting(
    'deadAfterSeconds',
    'dead-after-seconds',
    'MAGPIE_DEAD_AFTER_SECONDS',
    '75',
    seconds,
    'a socket this long without a sign of life is ended',
  ),
  setting(
    'stalledAfterSeconds',
    'stalled-after-seconds',
    'MAGPIE_STALLED_AFTER_SECONDS',
    '20',
    seconds,
    'a socket whose send buffer stays full this long is ended',
  ),
  setting(
    'socketBufferKib',
    'socket-buffer-kib',
    'MAGPIE_SOCKET_BUFFER_KIB',
    '1024',
    whole(1, 1_048_576),
    'send buffer of a socket above which its queue pauses',
  ),
  setting(
    'maxConnections',
    'max-connections',
    'MAGPIE_MAX_CONNECTIONS',
    '10000',
    whole(1, 1_000_000),
    'sockets in all',
  ),
  setting(
    'maxConnectionsPerAddress',
    'max-connections-per-address',
    'MAGPIE_MAX_CONNECTIONS_PER_ADDRESS',
    '1000',
    whole(1, 1_000_000),
    'sockets of one address',
  ),
  setting(
    'maxConnectionsPerAccount',
    'max-connections-per-account',
    'MAGPIE_MAX_CONNECTIONS_PER_ACCOUNT',
    '8',
    whole(1, 1000),
    'open sockets of one account',
  ),
  setting(
    'requestsPerSecond',
    'requests-per-second',
    'MAGPIE_REQUESTS_PER_SECOND',
    '500',
    whole(0, 1_000_000),
    'requests of one address; 0 is no limit',
  ),
  setting(
    'sendsPerSecond',
    'sends-per-second',
    'MAGPIE_SENDS_PER_SECOND',
    '50',
    whole(0, 1_000_000),
    'messages of one account; 0 is no limit',
  ),
  setting(
    'registrationsPerMinute',
    'registrations-per-minute',
    'MAGPIE_REGISTRATIONS_PER_MINUTE',
    '60',
    whole(0, 1_000_000),
    'new accounts from one address; 0 is no limit',
  ),
  setting(
    'loginsPerMinute',
    'logins-per-minute',
    'MAGPIE_LOGINS_PER_MINUTE',
    '300',
    whole(0, 1_000_000),
    'tries to sign in from one address; 0 is no limit',
  ),
  setting(
    'guestCallsPerHour',
    'guest-calls-per-hour',
    'MAGPIE_GUEST_CALLS_PER_HOUR',
    '5',
    whole(0, 1_000_000),
    'guest calls of one device; 0 is no limit',
  ),
  setting(
    'freeLoginAttempts',
    'free-login-attempts',
    'MAGPIE_FREE_LOGIN_ATTEMPTS',
    '5',
    whole(0, 1_000_000),
    'wrong passwords before the pauses begin; 0 is no limit',
  ),
  setting(
    'recallSeconds',
    'recall-seconds',
    'MAGPIE_RECALL_SECONDS',
    '300',
    whole(0, 31_536_000),
    'how long a message can be taken back',
  ),
  setting(
    'groupMembers',
    'group-members',
    'MAGPIE_GROUP_MEMBERS',
    '500',
    whole(2, 2000),
    'members of a group, waiting ones included',
  ),
  setting(
    'readReceiptsUpTo',
    'read-receipts-up-to',
    'MAGPIE_READ_RECEIPTS_UP_TO',
    '200',
    whole(0, 2000),
    'members up to which a group shows who has read what',
  ),
  setting(
    'sessions',
    'sessions',
    'MAGPIE_SESSIONS',
    'per-kind',
    { oneOf: ['single', 'per-kind', 'many'] },
    'sessions of one account',
  ),
  setting(
    'files',
    'files',
    'MAGPIE_FILES',
    'private',
    { oneOf: ['private', 'links'] },
    'who may load files: accounts they were sent to, or whoever knows the address',
  ),
  setting(
    'fileLimitMib',
    'file-limit-mib',
    'MAGPIE_FILE_LIMIT_MIB',
    '4096',
    whole(1, 1_048_576),
    'largest file that comes in pieces',
  ),
  setting(
    'quotaMib',
    'quota-mib',
    'MAGPIE_QUOTA_MIB',
    '20480',
    whole(0, 1_073_741_824),
    'files of one account together; 0 is no limit',
  ),
  setting(
    'imageMegapixels',
    'image-megapixels',
    'MAGPIE_IMAGE_MEGAPIXELS',
    '120',
    whole(1, 10_000),
    'pictures with more pixels are refused',
  ),
  setting(
    'pictureLocations',
    'picture-locations',
    'MAGPIE_PICTURE_LOCATIONS',
    'remove',
    { oneOf: ['remove', 'keep'] },
    'where a photo was taken: `remove` it from pictures of plain clients, or `keep` it',
  ),
  setting(
    'orphanHours',
    'orphan-hours',
    'MAGPIE_ORPHAN_HOURS',
    '24',
    whole(1, 8760),
    'a file that is in no message goes after this time',
  ),
  setting(
    'requestSeconds',
    'request-seconds',
    'MAGPIE_REQUEST_SECONDS',
    '30',
    seconds,
    'time for the body of a request that is no file',
  ),
  setting(
    'uploadStallSeconds',
    'upload-stall-seconds',
    'MAGPIE_UPLOAD_STALL_SECONDS',
    '20',
    seconds,
    'an upload that pauses this long ends',
  ),
  setting(
    'uploadsPerAccount',
    'uploads-per-account',
    'MAGPIE_UPLOADS_PER_ACCOUNT',
    '16',
    whole(1, 10_000),
    'uploads of one account at once',
  ),
  setting('ffmpeg', 'ffmpeg', 'MAGPIE_FFMPEG', 'ffmpeg', 'text', 'program that makes covers of videos'),
  setting(
    'storage',
    'storage',
    'MAGPIE_STORAGE',
    'disk',
    { oneOf: [...STORAGE_PLANS] },
    'where files lie: the data folder, an S3-compatible storage, or both, as their senders choose',
  ),
  setting('s3Endpoint', 's3-endpoint', 'MAGPIE_S3_ENDPOINT', 'aws', 'text', 'address of the storage'),
  setting('s3Region', 's3-region', 'MAGPIE_S3_REGION', 'us-east-1', 'text', 'region of the storage'),
  setting('s3Bucket', 's3-bucket', 'MAGPIE_S3_BUCKET', 'magpie', 'text', 'bucket of the files'),
  setting(
    's3Prefix',
    's3-prefix',
    'MAGPIE_S3_PREFIX',
    'files/',
    'text',
    'begins the name of every private object',
  ),
  setting(
    's3PathStyle',
    's3-path-style',
    'MAGPIE_S3_PATH_STYLE',
    'false',
    'switch',
    'the bucket stands in the path, as MinIO wants it',
  ),
  setting(
    's3SignedSeconds',
    's3-signed-seconds',
    'MAGPIE_S3_SIGNED_SECONDS',
    '0',
    whole(0, 604_800),
    'downloads are led to the storage, by addresses that are good for so long; 0: they go through the server',
  ),
  setting(
    's3Public',
    's3-public',
    'MAGPIE_S3_PUBLIC',
    'off',
    'web',
    'address of the bucket for everybody: what is sent to the storage is answered with an address there',
  ),
  setting(
    'clamd',
    'clamd',
    'MAGPIE_CLAMD',
    'off',
    'text',
    'virus scanner that looks at every upload: a socket path or host:port',
  ),
  setting(
    'tls',
    'tls',
    'MAGPIE_TLS',
    'off',
    { oneOf: ['off', 'self'] },
    'self: HTTPS with a certificate of its own, kept in the data folder',
  ),
  setting(
    'tlsCert',
    'tls-cert',
    'MAGPIE_TLS_CERT',
    'off',
    'file',
    'HTTPS with this certificate (PEM, chain)',
  ),
  setting('tlsKey', 'tls-key', 'MAGPIE_TLS_KEY', 'off', 'file', 'private key of the certificate (PEM)'),
  setting('backupTo', 'backup-to', 'MAGPIE_BACKUP_TO', 'off', 'file', 'folder that scheduled backups go to'),
  setting(
    'backupHours',
    'backup-hours',
    'MAGPIE_BACKUP_HOURS',
    '24',
    { minimum: 0, maximum: 8760, whole: false },
    'hours between two backups; 0 is no schedule',
  ),
  setting(
    'backupKeep',
    'backup-keep',
    'MAGPIE_BACKUP_KEEP',
    '7',
    whole(0, 10_000),
    'backups that stay; 0 keeps all',
  ),
];

function setting(
  key: keyof ServerConfig,
  flag: string,
  environment: string,
  fallback: string,
  kind: Setting['kind'],
  help: string,
): Setting {
  return { key, flag, environment, fallback, kind, help };
}

/** A value that cannot be used; `message` is one line for the operator. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Every setting with its flag, variable, values and default: what `--help` prints. */
export function usage(): string {
  const blocks = SETTINGS.map(({ flag, environment, fallback, kind, help }) => {
    const value = kind === 'switch' ? '' : ` ${valuesOf(kind)}`;
    return `  --${flag}${value}\n      ${help} (${environment}; default ${fallback})\n`;
  });
  return (
    'Usage: npm run server -- [--flag value ...]\n' +
    '       npm run server -- backup --to FOLDER [--keep N] [--data FOLDER]\n' +
    '       npm run server -- verify FOLDER\n' +
    '       npm run server -- restore FOLDER [--data FOLDER] [--replace]\n' +
    '       npm run server -- fingerprint [--data FOLDER] --tls self\n' +
    '       npm run server -- health [--data FOLDER]\n' +
    '       npm run server -- admin COMMAND [--data FOLDER]\n\n' +
    'Runs the Magpie server. Flags win over the environment variables in brackets, these over the defaults.\n\n' +
    `${blocks.join('')}  --help\n      print this and end\n`
  );
}

function valuesOf(kind: Exclude<Setting['kind'], 'switch'>): string {
  if (kind === 'text') return 'TEXT';
  if (kind === 'path') return 'FOLDER';
  if (kind === 'file') return 'PATH';
  if (kind === 'web') return 'ADDRESS';
  return 'oneOf' in kind ? kind.oneOf.join('|') : `${kind.minimum}..${kind.maximum}`;
}

/**
 * @param argv arguments after the script: `--port 7001`, `--port=7001`, switches also without a value
 * @throws {ConfigError} for an unknown flag or a value out of range
 */
export function loadConfig(argv: readonly string[], environment: NodeJS.ProcessEnv): ServerConfig {
  const flags = readFlags(argv);
  const values: Record<string, unknown> = {};
  for (const entry of SETTINGS) {
    const flag = flags.get(entry.flag);
    const variable = environment[entry.environment];
    const [text, source] =
      flag !== undefined
        ? [flag, `--${entry.flag}`]
        : variable !== undefined && variable !== ''
          ? [variable, entry.environment]
          : [entry.fallback, `--${entry.flag}`];
    values[entry.key] = checked(entry, text, source);
  }
  // Every key of ServerConfig is in SETTINGS: a test compares them.
  return fitting(values as unknown as ServerConfig);
}

/** @throws {ConfigError} for values that do not go together */
function fitting(config: ServerConfig): ServerConfig {
  // There, private content would lie in the folder that is open to all.
  const isOpen = config.storage === 'both' || config.s3Public !== OFF;
  if (isOpen && config.s3Prefix.startsWith(`${IMAGES}/`)) {
    throw new ConfigError(
      `--s3-prefix must not begin with ${IMAGES}/, where files for everybody lie, not "${config.s3Prefix}"`,
    );
  }
  return config;
}

/** Defaults with some values replaced: for embedding and tests. */
export function defaultConfig(overrides: Partial<ServerConfig> = {}): ServerConfig {
  return { ...loadConfig([], {}), ...overrides };
}

function readFlags(argv: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>();
  for (let index = 0; index < argv.length; index++) {
    const match = /^--([a-z0-9-]+)(?:=(.*))?$/s.exec(argv[index] ?? '');
    const entry = SETTINGS.find(({ flag }) => flag === match?.[1]);
    if (match === null || entry === undefined) {
      throw new ConfigError(`unknown argument "${argv[index] ?? ''}"; --help lists them all`);
    }
    let value = match[2];
    if (value === undefined) {
      const next = argv[index + 1];
      if (entry.kind === 'switch' && (next === undefined || next.startsWith('--'))) value = 'true';
      else if (next === undefined) throw new ConfigError(`--${entry.flag} needs a value`);
      else {
        value = next;
        index++;
      }
    }
    flags.set(entry.flag, value);
  }
  return flags;
}

function checked({ kind }: Setting, text: string, source: string): string | number | boolean {
  if (kind === 'text' || kind === 'path' || kind === 'file') {
    if (text === '') throw new ConfigError(`${source} must not be empty`);
    if (kind === 'text' || (kind === 'file' && text === OFF)) return text;
    return resolve(text);
  }
  if (kind === 'web') {
    if (text === OFF) return text;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
    if (!isWeb || url.search !== '' || url.hash !== '' || url.username !== '') {
      throw new ConfigError(`${source} must be a web address or ${OFF}, not "${text}"`);
    }
    return url.href.replace(/\/+$/, '');
  }
  if (kind === 'switch') {
    if (text !== 'true' && text !== 'false') {
      throw new ConfigError(`${source} must be true or false, not "${text}"`);
    }
    return text === 'true';
  }
  if ('oneOf' in kind) {
    if (!kind.oneOf.includes(text)) {
      throw new ConfigError(`${source} must be one of ${kind.oneOf.join(', ')}, not "${text}"`);
    }
    return text;
  }
  const value = Number(text);
  const fits = value >= kind.minimum && value <= kind.maximum && (!kind.whole || Number.isInteger(value));
  if (text.trim() === '' || !fits) {
    const sort = kind.whole ? 'a whole number' : 'a number';
    throw new ConfigError(`${source} must be ${sort} from ${kind.minimum} to ${kind.maximum}, not "${text}"`);
  }
  return value;
}
