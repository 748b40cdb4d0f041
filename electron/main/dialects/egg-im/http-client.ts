import { MagpieError } from '#protocol/errors';
import { envelope, failureText, SERVER_TEXTS } from '#protocol/wire/envelope';
import type { Network } from '../../network/network.ts';
import { UNHEARD, unreachable } from '../../network/problems.ts';
import { converse, LineError, type Lines } from './lines.ts';

const DEFAULT_TIMEOUT = 15_000;
/** A server may ask for patience, but not for ever; seconds. */
const LONGEST_RETRY_AFTER = 3_600;

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
  method?: 'GET' | 'POST' | 'DELETE';
  body?: unknown;
  token?: string;
  headers?: Record<string, string>;
  timeoutMilliseconds?: number;
  network: Pick<Network, 'agents'>;
  /** A page is an answer, too; see {@link converse}. */
  strange?: boolean;
  /** Kept connections to use; without them the exchange has a connection of its own. */
  lines?: Lines;
  /** Gives the exchange up. */
  signal?: AbortSignal;
  /** Hears of the server's clock with every answer: milliseconds since the epoch, and how long the answer took. */
  onServerTime?: ((milliseconds: number, took: number) => void) | undefined;
}

/** One HTTP exchange; throws {@link ExchangeError} when there is no complete answer. */
export async function exchange(url: string, request: Request): Promise<Answer> {
  const headers: Record<string, string> = { accept: 'application/json', ...request.headers };
  if (request.token !== undefined) headers['token'] = request.token;
  if (request.body !== undefined) headers['content-type'] = 'application/json';
  const begun = performance.now();
  try {
    const { status, text, retryAfter, date } = await converse(url, {
      method: request.method ?? 'GET',
      headers,
      body: request.body === undefined ? undefined : JSON.stringify(request.body),
      milliseconds: request.timeoutMilliseconds ?? DEFAULT_TIMEOUT,
      network: request.network,
      strange: request.strange ?? false,
      lines: request.lines,
      signal: request.signal,
    });
    if (date !== undefined) request.onServerTime?.(Date.parse(date), performance.now() - begun);
    const seconds = Number(retryAfter ?? Number.NaN);
    return {
      status,
      json: parseJson(text),
      retryAfter: seconds >= 0 ? Math.min(seconds, LONGEST_RETRY_AFTER) : null,
    };
  } catch (thrown) {
    throw new ExchangeError(
      'no complete answer',
      !(thrown instanceof LineError) || thrown.wasConnected,
      thrown,
    );
  }
}

/** The payload of a successful answer; anything else becomes the matching {@link MagpieError}. */
export function payloadOf(answer: Answer): unknown {
  const body = envelope.safeParse(answer.json);
  const status = (answer.status === 200 ? body.data?.code : undefined) ?? answer.status;
  const sentence = status >= 400 && body.data?.msg !== 'fail' ? body.data?.msg : null;
  const text = (body.success ? failureText(body.data.data) : null) ?? sentence ?? null;
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
  if (UNHEARD.has(status))
    throw new MagpieError('server-unreachable', `the request did not arrive: ${status}`, details);
  if (status >= 500) throw new MagpieError('bad-answer', `the server failed with ${status}`, details);
  if (status >= 400) throw new MagpieError('refused', `refused with ${status}`, details);
  throw new MagpieError('bad-answer', `unexpected status ${status}`, details);
}

/** {@link exchange} and {@link payloadOf} in one, with network failures as `server-unreachable`. */
export async function call(url: string, request: Request): Promise<unknown> {
  let answer: Answer;
  try {
    answer = await exchange(url, request);
  } catch (thrown) {
    throw unreachable('the server gave no answer', thrown);
  }
  return payloadOf(answer);
}

function isDeadToken(text: string | null): boolean {
  return (
    text === SERVER_TEXTS.invalidToken || text === SERVER_TEXTS.expiredToken || text === SERVER_TEXTS.noToken
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
