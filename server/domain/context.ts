/** What every rule may use. */
import type { Bus } from '../bus/bus.ts';
import type { ServerConfig } from '../config.ts';
import type { Storage } from '../storage/storage.ts';
import type { TokenSigner } from './tokens.ts';

/** The part of pino that we use. Never pass message text, tokens or passwords. */
export interface Logger {
  debug(details: object, text: string): void;
  info(details: object, text: string): void;
  warn(details: object, text: string): void;
  error(details: object, text: string): void;
}

export interface DomainContext {
  readonly storage: Storage;
  readonly bus: Bus;
  readonly tokens: TokenSigner;
  readonly config: ServerConfig;
  /** Milliseconds since 1970; replaceable in tests. */
  readonly now: () => number;
  readonly log: Logger;
}
