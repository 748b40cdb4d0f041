import type { NetworkProblem } from './model/network.ts';

/**
 * Errors as they cross a boundary (worker → main → window): always this shape, never a class instance.
 * `message` is for logs; what a person reads is made in the window from `code` and `details`.
 */
export interface WireError {
  code: ErrorCode;
  message: string;
  details?: ErrorDetails;
}

export interface ErrorDetails {
  /** What on the way to the server is the matter, for `server-unreachable`. */
  network?: NetworkProblem;
  /** The server's own sentence (usually Chinese), shown to the person as it is. */
  serverText?: string;
  /** HTTP status of the refusal, when there was an answer at all. */
  status?: number;
  /** Seconds to wait before another try makes sense. */
  retryAfter?: number;
  /** Name of the offending field, for errors of input. */
  field?: string;
}

/** Every expected failure. A code outside of this list is a bug and is reported as `internal`. */
export const ERROR_CODES = [
  'invalid-input', // the call did not match its schema
  'not-allowed', // wrong sender, or an action the state forbids
  'runs-program', // the file could run something when it is opened: the person is to be asked first
  'not-signed-in',
  'server-unreachable', // no answer: refused, no route, name unknown, timed out
  'not-a-chat-server', // something answered, but not one of our dialects
  'refused', // the server answered and said no; details.serverText says why
  'storage-refused', // the object storage behind the server did not take a file; details.serverText says why
  'rate-limited', // details.retryAfter
  'session-ended', // the token is no longer the live one
  'account-disabled',
  'bad-answer', // the server's answer did not match the protocol
  'history-unavailable', // the local database cannot be opened or written
  'disk-full',
  'disk-read-only',
  'file-not-writable', // a file that the person named
  'file-gone', // a file to be sent, or to be loaded, is no longer where it was
  'secure-storage-unavailable',
  'embedded-server-failed',
  'locked', // the person locked the app; only unlocking is possible
  'wrong-passphrase',
  'shortcut-taken', // another program has this key
  'shortcut-unsupported', // this desktop gives no program a key that works everywhere
  'not-found',
  'cancelled',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** An expected failure inside one process; becomes a {@link WireError} at the boundary. */
export class MagpieError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails | undefined;

  constructor(code: ErrorCode, message: string, details?: ErrorDetails, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'MagpieError';
    this.code = code;
    this.details = details;
  }
}

/** Makes the boundary shape of anything thrown. Unexpected errors keep their text for the log only. */
export function toWireError(thrown: unknown): WireError {
  if (thrown instanceof MagpieError) {
    return {
      code: thrown.code,
      message: thrown.message,
      ...(thrown.details === undefined ? {} : { details: thrown.details }),
    };
  }
  if (isWireError(thrown)) return thrown;
  return { code: 'internal', message: thrown instanceof Error ? thrown.message : String(thrown) };
}

export function isWireError(value: unknown): value is WireError {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    'message' in value &&
    (ERROR_CODES as readonly unknown[]).includes(value.code)
  );
}

/** Ends a `switch` over a union: a new member that nobody handles is a type error here. */
export function assertNever(value: never, what = 'value'): never {
  throw new Error(`Unexpected ${what}: ${JSON.stringify(value)}`);
}
