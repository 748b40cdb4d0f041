/** Files on their way from the server into the cache; what is here of them can be seen and heard meanwhile. */
import { Readable } from 'node:stream';
import type { Response } from 'undici';
import { MagpieError, toWireError } from '#protocol/errors';
import type { ByteRange } from '#protocol/wire/byte-range';
import type { ChatDialect } from '../dialects/chat-dialect.ts';
import { mayPass, unreachable } from '../network/problems.ts';
import { fullJitterDelay } from '../support/backoff.ts';
import type { Clock } from '../support/clock.ts';
import { createSleepers } from '../support/sleepers.ts';
import { SILENCE } from './patient-body.ts';
import { requestFile, type FileWish } from './file-request.ts';
import type { CachedFile, MediaCache } from './media-cache.ts';

/** Larger ones are played from the server piece by piece and not kept, unless the person saves them. Bytes. */
export const KEEP_LIMIT = 128 * 1024 * 1024;

/** The network is back: a line that has brought nothing for so long, milliseconds, is taken for one of before. */
const QUIET = 2_000;
/** How often the rest of a file is asked for while nothing comes: who saves one waits longer than who looks at it. */
const TRIES = { seen: 6, saved: 20 };

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

type Wish = FileWish & { signal?: AbortSignal; again?: boolean };

interface Asked {
  answer: Response;
  /** Aborted, it brings nothing more. */
  line: AbortController;
}

interface Trouble {
  /** Tries that brought nothing, and how many of them are too many. */
  failures: number;
  tries: number;
  signal: AbortSignal;
  cause: unknown;
}

/** Bytes from the first to the last one, of a file of so many; null where nobody says. */
interface Piece {
  start: number;
  end: number | null;
  size: number | null;
}

export type Downloads = ReturnType<typeof createDownloads>;

export function createDownloads(options: {
  dialect: Pick<ChatDialect, 'accessTo' | 'network'>;
  clock: Clock;
  cache: MediaCache;
  /** The account ends. */
  signal: AbortSignal;
  /** Tests have smaller files. */
  keepLimit?: number;
}) {
  const { dialect, clock, cache, keepLimit = KEEP_LIMIT } = options;
  /** By address: two pictures in view ask once. */
  const underWay = new Map<string, Promise<Download | null>>();
  /** Addresses of what is too large to be kept, once that is known. */
  const large = new Set<string>();

  /** What waits for the server and can be asked for again, since when. */
  const waiting = new Map<AbortController, number>();
  const { sleep, wake } = createSleepers(clock);
  let wakes = 0;

  /** Gives the line up when nothing comes for too long. */
  const heard = async <Result>(work: Promise<Result>, line: AbortController, again: boolean) => {
    const cancel = clock.after(SILENCE, () => line.abort());
    if (again) waiting.set(line, clock.uptime());
    try {
      return await work;
    } finally {
      cancel();
      waiting.delete(line);
    }
  };
  /** @param again whether another try follows one that fails */
  const ask = async (url: string, { signal, again = false, ...wish }: Wish = {}): Promise<Asked> => {
    const allowed = dialect.accessTo(url);
    if (allowed === null) throw new MagpieError('not-allowed', 'not a file of the server');
    const line = new AbortController();
    const signals = [options.signal, line.signal, ...(signal === undefined ? [] : [signal])];
    const asking = requestFile(dialect.network, allowed, { ...wish, signal: AbortSignal.any(signals) });
    try {
      return { answer: await heard(asking, line, again), line };
    } catch (thrown) {
      if (thrown instanceof MagpieError) throw thrown;
      throw unreachable('no answer', thrown);
    }
  };
  /** @throws {MagpieError} `file-gone`, `not-allowed` or `server-unreachable` */
  const request = async (url: string, wish?: Wish): Promise<Asked> => {
    const asked = await ask(url, wish);
    if (isFile(asked.answer)) return asked;
    await asked.answer.body?.cancel();
    throw failureOf(asked.answer);
  };
  /** A body; whoever reads it slowly keeps nobody waiting. */
  async function* bytesOf({ answer, line }: Asked, again: boolean): AsyncGenerator<Uint8Array> {
    if (answer.body === null) return;
    const body = answer.body[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await heard(body.next(), line, again);
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      // Of one that failed there is nothing left to end.
      await body.return?.().catch(() => undefined);
    }
  }

  /** The rest of a file, asked for again and again while the network is away. */
  const rest = async (
    url: string,
    wish: Wish,
    { failures, tries, signal, cause }: Trouble,
  ): Promise<Asked> => {
    for (;;) {
      if (signal.aborted || failures > tries) throw unreachable('the download was cut', cause);
      if (failures > 0)
        await sleep(
          fullJitterDelay(failures, () => clock.random()),
          signal,
        );
      const known = wakes;
      try {
        return await request(url, { ...wish, signal, again: true });
      } catch (thrown) {
        if (toWireError(thrown).code !== 'server-unreachable') throw thrown;
        cause = thrown;
        // Of a network that came back meanwhile nothing is held against the server.
        if (wakes === known) failures += 1;
      }
    }
  };

  /** The bytes to their end: a line that is cut, or falls silent, costs what was under way on it. */
  async function* whole(url: string, first: Asked, piece: Piece, given: AbortSignal, tries: number) {
    const { start, end, size } = piece;
    const signal = AbortSignal.any([given, options.signal]);
    const { headers } = first.answer;
    const tag = headers.get('etag') ?? '';
    const knowsParts = end !== null && headers.get('accept-ranges') === 'bytes';
    let asked = first;
    let at = start;
    let failures = 0;
    for (;;) {
      const before = at;
      const bytes = bytesOf(asked, knowsParts);
      let cause: unknown;
      try {
        for (;;) {
          // What its reader throws in is no trouble of the line.
          const next = await bytes.next().catch((thrown: unknown) => void (cause = thrown));
          if (next === undefined || next.done === true) break;
          at += next.value.byteLength;
          yield next.value;
        }
      } finally {
        await bytes.return(undefined);
      }
      if (cause === undefined && (end === null || at === end + 1)) return;
      if (end === null || size === null || at > end + 1) throw unreachable('the download was cut', cause);
      failures = at > before ? 0 : failures + 1;
      const wish = {
        range: `bytes=${at}-${end === size - 1 ? '' : end}`,
        ...(tag.startsWith('"') ? { ifRange: tag } : {}),
      };
      asked = await rest(url, wish, { failures, tries, signal, cause });
      if (!isPart(asked.answer, at, size)) {
        await asked.answer.body?.cancel();
        throw new MagpieError('server-unreachable', 'it became another file');
      }
    }
  }

  const start = async (url: string): Promise<Download | null> => {
    const abort = new AbortController();
    const asked = await request(url, { signal: abort.signal });
    const { answer } = asked;
    const piece = allOf(answer);
    const { size } = piece;
    if (size !== null && size > keepLimit) {
      large.add(url);
      await answer.body?.cancel();
      return null;
    }
    const mime = typeOf(answer);
    const watchers = new Set<(done: number, total: number) => void>();
    let goesOn = false;
    let done = 0;
    const bytes = whole(url, asked, piece, abort.signal, TRIES.seen);
    const source = Readable.from(bytes, { objectMode: false });
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
        if (part !== null && isPart(part.answer, range.start, size)) {
          const ahead = whole(url, part, { ...range, size }, options.signal, TRIES.seen);
          return Readable.from(ahead, { objectMode: false });
        }
        // It knows no ranges: what was asked for comes in its turn.
        await part?.answer.body?.cancel();
        return arriving.read(range);
      },
    };
  };

  return {
    /** All of it for somebody who keeps it, whatever its size: nothing stays here. */
    async stream(
      url: string,
      signal: AbortSignal,
    ): Promise<{ size: number | null; bytes: AsyncGenerator<Uint8Array> }> {
      const asked = await request(url, { signal });
      const piece = allOf(asked.answer);
      return { size: piece.size, bytes: whole(url, asked, piece, signal, TRIES.saved) };
    },
    /** The network is back: what came over it before is asked for anew, without waiting for its silence to be long enough. */
    wake() {
      wakes += 1;
      const now = clock.uptime();
      for (const [line, since] of waiting) if (now - since >= QUIET) line.abort();
      wake();
    },
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
      const asked = await ask(url, { method: 'HEAD' }).catch(() => null);
      if (asked === null) return 'unreachable';
      const { answer } = asked;
      return isFile(answer) ? 'on-server' : troubleOf(failureOf(answer));
    },
  };
}

/** Plain servers answer 200 and JSON for what they do not have (quirk Q34). */
function isFile(answer: Response): boolean {
  return answer.ok && typeOf(answer) !== 'application/json';
}

/** Why there are no bytes, from the error of a {@link Downloads.begin}. */
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

function allOf(answer: Response): Piece {
  const size = sizeOf(answer);
  return { start: 0, end: size === null ? null : size - 1, size };
}

function typeOf({ headers }: Response): string {
  return (headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
