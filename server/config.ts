/** Settings of a server: flags, then environment, then defaults; checked before anything starts. */
import { resolve } from 'node:path';
import type { SessionPolicy } from './domain/sessions.ts';
import { DEFAULT_GUEST_SALT } from '#protocol/wire/guest-signature';

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
  sessions: SessionPolicy;
}

interface Setting {
  key: keyof ServerConfig;
  flag: string;
  environment: string;
  help: string;
  fallback: string;
  kind:
    'text' | 'path' | 'switch' | { minimum: number; maximum: number; whole: boolean } | { oneOf: string[] };
}

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
  setting('logLevel', 'log-level', 'MAGPIE_LOG_LEVEL', 'info', {
    oneOf: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
  }),
  setting('trustProxy', 'trust-proxy', 'MAGPIE_TRUST_PROXY', 'false', 'switch', 'believe X-Forwarded-For'),
  setting('pingSeconds', 'ping-seconds', 'MAGPIE_PING_SECONDS', '30', seconds, 'pause between pings'),
  setting('deadAfterSeconds', 'dead-after-seconds', 'MAGPIE_DEAD_AFTER_SECONDS', '75', seconds),
  setting('stalledAfterSeconds', 'stalled-after-seconds', 'MAGPIE_STALLED_AFTER_SECONDS', '20', seconds),
  setting('socketBufferKib', 'socket-buffer-kib', 'MAGPIE_SOCKET_BUFFER_KIB', '1024', whole(1, 1_048_576)),
  setting('maxConnections', 'max-connections', 'MAGPIE_MAX_CONNECTIONS', '10000', whole(1, 1_000_000)),
  setting(
    'maxConnectionsPerAddress',
    'max-connections-per-address',
    'MAGPIE_MAX_CONNECTIONS_PER_ADDRESS',
    '1000',
    whole(1, 1_000_000),
  ),
  setting(
    'maxConnectionsPerAccount',
    'max-connections-per-account',
    'MAGPIE_MAX_CONNECTIONS_PER_ACCOUNT',
    '8',
    whole(1, 1000),
  ),
  setting(
    'requestsPerSecond',
    'requests-per-second',
    'MAGPIE_REQUESTS_PER_SECOND',
    '500',
    whole(0, 1_000_000),
  ),
  setting('sendsPerSecond', 'sends-per-second', 'MAGPIE_SENDS_PER_SECOND', '50', whole(0, 1_000_000)),
  setting(
    'registrationsPerMinute',
    'registrations-per-minute',
    'MAGPIE_REGISTRATIONS_PER_MINUTE',
    '60',
    whole(0, 1_000_000),
  ),
  setting('loginsPerMinute', 'logins-per-minute', 'MAGPIE_LOGINS_PER_MINUTE', '300', whole(0, 1_000_000)),
  setting(
    'guestCallsPerHour',
    'guest-calls-per-hour',
    'MAGPIE_GUEST_CALLS_PER_HOUR',
    '5',
    whole(0, 1_000_000),
  ),
  setting('freeLoginAttempts', 'free-login-attempts', 'MAGPIE_FREE_LOGIN_ATTEMPTS', '5', whole(0, 1_000_000)),
  setting('recallSeconds', 'recall-seconds', 'MAGPIE_RECALL_SECONDS', '300', whole(0, 31_536_000)),
  setting('sessions', 'sessions', 'MAGPIE_SESSIONS', 'per-kind', { oneOf: ['single', 'per-kind', 'many'] }),
];

function setting(
  key: keyof ServerConfig,
  flag: string,
  environment: string,
  fallback: string,
  kind: Setting['kind'],
  help = '',
): Setting {
  return { key, flag, environment, fallback, kind, help };
}

/** A value that cannot be used; `message` is one line for the operator. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
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
  return values as unknown as ServerConfig;
}

/** Defaults with some values replaced: for embedding and tests. */
export function defaultConfig(overrides: Partial<ServerConfig> = {}): ServerConfig {
  return { ...loadConfig([], {}), ...overrides };
}

function readFlags(argv: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>();
  for (let index = 0; index < argv.length; index++) {
    const match = /^--([a-z-]+)(?:=(.*))?$/s.exec(argv[index] ?? '');
    const entry = SETTINGS.find(({ flag }) => flag === match?.[1]);
    if (match === null || entry === undefined) {
      throw new ConfigError(`unknown argument "${argv[index] ?? ''}"`);
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
  if (kind === 'text' || kind === 'path') {
    if (text === '') throw new ConfigError(`${source} must not be empty`);
    return kind === 'path' ? resolve(text) : text;
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
