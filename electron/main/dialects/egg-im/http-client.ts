import { MagpieError } from '#protocol/errors';
import { envelope, failureText, SERVER_TEXTS } from '#protocol/wire/envelope';

const BODY_LIMIT = 8 * 1024 * 1024;
const DEFAULT_TIMEOUT = 15_000;
/** A server may ask for patience, but not for ever; seconds. */
const LONGEST_RETRY_AFTER = 3_600;

/** Failures of the network after which no byte of the request can have reached the server. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** An exchange that gave no complete answer. */
export class ExchangeError extends Error {
  /** True when the server may have acted on the request all the same. */
  readonly mayHaveArrived: boolean;
  constructor(message: string, mayHaveArrived: boolean, cause: unknown) {
    super(message, { cause });
    this.name = 'ExchangeError';
    this.mayHaveArrived = mayHaveArrived;
  }
}

export interface Answer {
  status: number;
  /** Parsed JSON; undefined when the body was something else. */
  json: unknown;
  retryAfter: number | null;
}

export interface Request {
  method?: 'GET' | 'POST';
  body?: unknown;
  token?: string;
  headers?: Record<string, string>;
  timeoutMilliseconds?: number;
  /** Gives the exchange up. */
  signal?: AbortSignal;
}

/** One HTTP exchange; throws {@link ExchangeError} when there is no complete answer. */
export async function exchange(url: string, request: Request = {}): Promise<Answer> {
  const headers: Record<string, string> = { accept: 'application/json', ...request.headers };
  if (request.token !== undefined) headers['token'] = request.token;
  if (request.body !== undefined) headers['content-type'] = 'application/json';
  const timeout = AbortSignal.timeout(request.timeoutMilliseconds ?? DEFAULT_TIMEOUT);
  try {
    const response = await fetch(url, {
      method: request.method ?? 'GET',
      headers,
      redirect: 'error',
      signal: request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]),
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    const text = await readLimited(response);
    const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
    return {
      status: response.status,
      json: parseJson(text),
      retryAfter: retryAfter >= 0 ? Math.min(retryAfter, LONGEST_RETRY_AFTER) : null,
    };
  } catch (thrown) {
    throw new ExchangeError('no complete answer', !NEVER_SENT.has(causeCode(thrown)), thrown);
  }
}

/** The payload of a successful answer; anything else becomes the matching {@link MagpieError}. */
export function payloadOf(answer: Answer): unknown {
  const { status } = answer;
  const body = envelope.safeParse(answer.json);
  const text = body.success ? failureText(body.data.data) : null;
  const details = { status, ...(text === null ? {} : { serverText: text }) };
  if (status === 200) {
    if (!body.success) throw new MagpieError('bad-answer', 'the answer is not in the envelope', { status });
    if (body.data.msg !== 'fail') return body.data.data;
    throw new MagpieError('bad-answer', 'the server does not know this call', details);
  }
  if (status === 429 || text === SERVER_TEXTS.tooManyRequests) {
    const retryAfter = answer.retryAfter ?? (text === SERVER_TEXTS.tooManyRequests ? 3_600 : 30);
    throw new MagpieError('rate-limited', 'too many requests', { ...details, retryAfter });
  }
  if (status === 401 || isDeadToken(text))
    throw new MagpieError('session-ended', 'the token is no longer valid', details);
  if (text === SERVER_TEXTS.accountDisabled)
    throw new MagpieError('account-disabled', 'the account is disabled', details);
  if (status >= 500) throw new MagpieError('bad-answer', `the server failed with ${status}`, details);
  if (status >= 400) throw new MagpieError('refused', `refused with ${status}`, details);
  throw new MagpieError('bad-answer', `unexpected status ${status}`, details);
}

/** {@link exchange} and {@link payloadOf} in one, with network failures as `server-unreachable`. */
export async function call(url: string, request: Request = {}): Promise<unknown> {
  let answer: Answer;
  try {
    answer = await exchange(url, request);
  } catch (thrown) {
    throw new MagpieError('server-unreachable', 'the server gave no answer', undefined, { cause: thrown });
  }
  return payloadOf(answer);
}

function isDeadToken(text: string | null): boolean {
  return (
    text === SERVER_TEXTS.invalidToken || text === SERVER_TEXTS.expiredToken || text === SERVER_TEXTS.noToken
  );
}

async function readLimited(response: Response): Promise<string> {
  if (response.body === null) return '';
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const part = value as Uint8Array;
    size += part.byteLength;
    if (size > BODY_LIMIT) {
      await reader.cancel();
      throw new Error('the answer is too large');
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function causeCode(thrown: unknown): string {
  for (let error: unknown = thrown; error instanceof Error; error = error.cause) {
    if ('code' in error && typeof error.code === 'string') return error.code;
  }
  return '';
}
