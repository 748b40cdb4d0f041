/** Files on their way from the server into the cache; what is here of them can be seen and heard meanwhile. */
import { Readable } from 'node:stream';
import type { Response } from 'undici';
import { MagpieError, toWireError } from '#protocol/errors';
import type { ByteRange } from '#protocol/wire/byte-range';
import type { ChatDialect } from '../dialects/chat-dialect.ts';
import { mayPass, unreachable } from '../network/problems.ts';
import type { Clock } from '../support/clock.ts';
import { requestFile, type FileWish } from './file-request.ts';
import type { CachedFile, MediaCache } from './media-cache.ts';

/** Larger ones are played from the server piece by piece and not kept, unless the person saves them. Bytes. */
export const KEEP_LIMIT = 128 * 1024 * 1024;

/** The server said nothing for so long, milliseconds. */
const SILENCE = 30_000;

/** What begins no further behind the bytes that are here is waited for: they come sooner than an answer of their own. */
const SOON = 512 * 1024;

export interface Download {
  /** Bytes of the whole; null where the server does not say. */
  readonly size: number | null;
  readonly mime: string;
  /** Of what is here at once; what lies far ahead is asked for by itself. */
  read(range: ByteRange): Promise<Readable>;
  readonly kept: Promise<CachedFile>;
  /**
   * Calls back with how much is here, until the function that it gives is called. When the last one who watched has gone so, the
   * download ends, unless somebody sees or hears it meanwhile.
   */
  watch(tell: (done: number, total: number) => void): () => void;
  /** It goes on whoever gives up. */
  keepGoing(): void;
  cancel(): void;
}

export type Downloads = ReturnType<typeof createDownloads>;

export function createDownloads(options: {
  dialect: Pick<ChatDialect, 'accessTo' | 'network'>;
  clock: Clock;
  cache: MediaCache;
  /** The account ends. */
  signal: AbortSignal;
}) {
  const { dialect, clock, cache } = options;
  /** By address: two pictures in view ask once. */
  const underWay = new Map<string, Promise<Download | null>>();
  /** Addresses of what is too large to be kept, once that is known. */
  const large = new Set<string>();

  const ask = async (url: string, wish: FileWish & { signal?: AbortSignal } = {}): Promise<Response> => {
    const allowed = dialect.accessTo(url);
    if (allowed === null) throw new MagpieError('not-allowed', 'not a file of the server');
    const silence = new AbortController();
    const cancel = clock.after(SILENCE, () => silence.abort());
    const signals = [options.signal, silence.signal, ...(wish.signal === undefined ? [] : [wish.signal])];
    try {
      return await requestFile(dialect.network, allowed, { ...wish, signal: AbortSignal.any(signals) });
    } catch (thrown) {
      if (thrown instanceof MagpieError) throw thrown;
      throw unreachable('no answer', thrown);
    } finally {
      cancel();
    }
  };
  /** @throws {MagpieError} `file-gone`, `not-allowed` or `server-unreachable` */
  const request = async (url: string, wish: FileWish & { signal?: AbortSignal } = {}): Promise<Response> => {
    const answer = await ask(url, wish);
    if (isFile(answer)) return answer;
    await answer.body?.cancel();
    throw failureOf(answer);
  };

  /** The bytes to their end: a line that is cut in the middle costs what was under way on it. */
  async function* whole(url: string, first: Response, size: number | null, signal: AbortSignal) {
    const tag = first.headers.get('etag') ?? '';
    let answer = first;
    let done = 0;
    for (;;) {
      const before = done;
      let cause: unknown;
      try {
        for await (const chunk of answer.body ?? []) {
          done += chunk.byteLength;
          yield chunk;
        }
      } catch (thrown) {
        cause = thrown;
      }
      if (cause === undefined && (size === null || done === size)) return;
      if (size === null || done === before || done > size || signal.aborted)
        throw unreachable('the download was cut', cause);
      answer = await request(url, {
        range: `bytes=${done}-`,
        ...(tag.startsWith('"') ? { ifRange: tag } : {}),
        signal,
      });
      if (!isPart(answer, done, size)) throw new MagpieError('server-unreachable', 'it became another file');
    }
  }

  const start = async (url: string): Promise<Download | null> => {
    const abort = new AbortController();
    const answer = await request(url, { signal: abort.signal });
    const size = sizeOf(answer);
    if (size !== null && size > KEEP_LIMIT) {
      large.add(url);
      await answer.body?.cancel();
      return null;
    }
    const mime = typeOf(answer);
    const watchers = new Set<(done: number, total: number) => void>();
    let goesOn = false;
    let done = 0;
    const source = Readable.from(whole(url, answer, size, abort.signal), { objectMode: false });
    const arriving = await cache.begin(url, mime, source, (chunk) => {
      done += chunk.length;
      for (const tell of watchers) tell(done, size ?? 0);
    });
    return {
      size,
      mime,
      kept: arriving.kept,
      watch(tell) {
        watchers.add(tell);
        return () => {
          watchers.delete(tell);
          if (watchers.size > 0 || goesOn) return;
          // Whoever asks for it from now on begins anew.
          underWay.delete(url);
          abort.abort();
        };
      },
      keepGoing: () => void (goesOn = true),
      cancel: () => abort.abort(),
      async read(range) {
        if (size === null || range.start <= arriving.grown() + SOON) return arriving.read(range);
        const part = await request(url, { range: `bytes=${range.start}-${range.end}` }).catch(() => null);
        if (part !== null && isPart(part, range.start, size)) return bodyOf(part);
        // It knows no ranges: what was asked for comes in its turn.
        await part?.body?.cancel();
        return arriving.read(range);
      },
    };
  };

  return {
    request,
    bodyOf,
    isLarge: (url: string) => large.has(url),
    isUnderWay: (url: string) => underWay.has(url),
    /** Begins to load it, or finds it being loaded; null for what is too large to be kept. */
    begin(url: string): Promise<Download | null> {
      const known = underWay.get(url);
      if (known !== undefined) return known;
      const started = start(url);
      underWay.set(url, started);
      started
        .then((download) => download?.kept)
        .catch(() => undefined)
        .finally(() => {
          if (underWay.get(url) === started) underWay.delete(url);
        });
      return started;
    },
    /** Could it be loaded? Asks for none of it. */
    async isThere(url: string): Promise<'on-server' | 'gone' | 'refused' | 'unreachable'> {
      const answer = await ask(url, { method: 'HEAD' }).catch(() => null);
      if (answer === null) return 'unreachable';
      return isFile(answer) ? 'on-server' : troubleOf(failureOf(answer));
    },
  };
}

/** Plain servers answer 200 and JSON for what they do not have (quirk Q34). */
function isFile(answer: Response): boolean {
  return answer.ok && typeOf(answer) !== 'application/json';
}

/** Why there are no bytes, from the error of a {@link Downloads.request}. */
export function troubleOf(thrown: unknown): 'gone' | 'refused' | 'unreachable' {
  const { code } = toWireError(thrown);
  if (code === 'file-gone') return 'gone';
  return code === 'not-allowed' ? 'refused' : 'unreachable';
}

function failureOf({ status }: Response): MagpieError {
  if (status === 401 || status === 403) return new MagpieError('not-allowed', `answered with ${status}`);
  return mayPass(status)
    ? new MagpieError('server-unreachable', `the server failed with ${status}`)
    : new MagpieError('file-gone', `answered with ${status}`);
}

function isPart(answer: Response, start: number, size: number): boolean {
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+)$/u.exec(answer.headers.get('content-range') ?? '') ?? [];
  return answer.status === 206 && Number(first) === start && Number(total) === size;
}

function sizeOf({ headers }: Response): number | null {
  // Of what is packed on its way, the length is another one.
  const size = headers.has('content-encoding') ? 0 : Number(headers.get('content-length') ?? 0);
  return Number.isSafeInteger(size) && size > 0 ? size : null;
}

function typeOf({ headers }: Response): string {
  return (headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function bodyOf(answer: Response): Readable {
  return answer.body === null ? Readable.from([]) : Readable.fromWeb(answer.body);
}
