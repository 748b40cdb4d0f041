import { MagpieError, toWireError } from '#protocol/errors';
import { uploadKind, type UploadKind, type UploadPlace } from '#protocol/model/settings';
import type { ChatDialect } from '../dialects/chat-dialect.ts';
import { fullJitterDelay } from '../support/backoff.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import { createSleepers } from '../support/sleepers.ts';
import type { Outgoing, OutgoingFile } from './outgoing.ts';

/** Uploads at the same time; more would only make each of them slower. */
const PARALLEL = 3;

/**
 * So many answers in a row that the server failed, while nothing more of the file got through: another try changes nothing until
 * somebody has looked. A line that is cut, a server that is away, and one that names a time to come back are waited for as long as it
 * takes: a virus scanner that starts anew, or a storage behind it that is away.
 */
const FAILED_ANSWERS = 8;
const UNAVAILABLE = 503;

/** Later the server is asked whether it still has the file: what is in no message goes from there after a day. Milliseconds. */
const TRUSTED = 12 * 60 * 60_000;

export interface TransferOptions {
  outgoing: Outgoing;
  dialect: Pick<ChatDialect, 'upload' | 'giveUpUpload'>;
  clock: Clock;
  logger: Logger;
  /** Where the person wants files of this kind, by their last word. */
  uploadPlace(kind: UploadKind): UploadPlace;
  isOnline(): boolean;
  onProgress(progress: { id: string; done: number; total: number }): void;
}

export interface Transfers {
  /** Begins without waiting for anybody to ask for the result. */
  start(id: string): void;
  /**
   * The address once the server has the file; waits for as long as the network needs.
   * @throws {MagpieError} `refused`, `file-gone`, `cancelled`, or the end of the session
   */
  done(id: string): Promise<string>;
  /** Stops it, and lets the server forget what it has as soon as it can hear that. Resolves when that is remembered. */
  cancel(id: string): Promise<void>;
  /** Goes on with what an earlier run could not tell the server. */
  resume(): Promise<void>;
  /** The network is back. */
  wake(): void;
  stop(): void;
}

interface Job {
  abort: AbortController;
  result: Promise<string>;
}

/** Uploads of staged files: a few side by side, paused while offline, tried again until the server has them or says no. */
export function createTransfers(options: TransferOptions): Transfers {
  const { outgoing, dialect, clock } = options;
  const log = options.logger.module('transfers');
  const jobs = new Map<string, Job>();
  const queue: (() => void)[] = [];
  const { sleep, wake } = createSleepers(clock);
  let free = PARALLEL;
  /** Uploads that the server is being told to forget. */
  const withdrawing = new Set<string>();
  const ending = new AbortController();

  const place = async (signal: AbortSignal) => {
    if (signal.aborted) throw new MagpieError('cancelled', 'given up');
    if (free > 0) {
      free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const giveUp = () => {
        queue.splice(queue.indexOf(enter), 1);
        reject(new MagpieError('cancelled', 'given up'));
      };
      const enter = () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      queue.push(enter);
      signal.addEventListener('abort', giveUp);
    });
  };
  const leave = () => {
    const next = queue.shift();
    if (next === undefined) free += 1;
    else next();
  };
  /** Null where it has to be uploaded, or asked for. */
  const addressOf = ({ url, uploadedAt }: OutgoingFile): string | null =>
    uploadedAt !== null && Math.abs(clock.now() - uploadedAt) < TRUSTED ? url : null;

  const run = async (id: string, signal: AbortSignal): Promise<string> => {
    const kept = await outgoing.get(id);
    const there = kept === null ? null : addressOf(kept);
    if (there !== null) return there;
    await place(signal);
    /** Bytes that got through in any of the tries: what is sent once more is no progress. */
    let furthest = 0;
    let answers = 0;
    try {
      for (let failures = 1; ; failures += 1) {
        if (signal.aborted) throw new MagpieError('cancelled', 'given up');
        // Offline nothing is tried: the wake-up at the next connection ends this pause.
        if (!options.isOnline()) {
          await sleep(60_000, signal);
          failures = 0;
          continue;
        }
        const file = await outgoing.get(id);
        if (file === null) throw new MagpieError('file-gone', 'it was never kept');
        const sha256 = await outgoing.sha256(id, signal);
        try {
          const url = await dialect.upload({
            id,
            name: file.name,
            mime: file.mime,
            size: file.size,
            sha256,
            place: options.uploadPlace(uploadKind(file.mime)),
            earlier: file.url,
            read: (start) => outgoing.read(id, { start, end: Math.max(start, file.size - 1) }),
            signal,
            onProgress: (done) => {
              // Progress is success: the pauses begin anew.
              if (done > furthest) failures = answers = 0;
              furthest = Math.max(furthest, done);
              options.onProgress({ id, done, total: file.size });
            },
          });
          await outgoing.uploaded(id, url, clock.now());
          return url;
        } catch (thrown) {
          if (signal.aborted) throw new MagpieError('cancelled', 'given up');
          if (isFinal(thrown)) throw thrown;
          const { code, details } = toWireError(thrown);
          const isPassing = details?.retryAfter !== undefined || details?.status === UNAVAILABLE;
          if (code === 'bad-answer' && !isPassing) answers += 1;
          if (answers >= FAILED_ANSWERS) throw thrown;
          const delay = Math.max(
            fullJitterDelay(Math.max(1, failures), () => clock.random()),
            (details?.retryAfter ?? 0) * 1000,
          );
          log.info('upload-waits', { failures, delay, code });
          await sleep(delay, signal);
        }
      }
    } finally {
      leave();
    }
  };

  const start = (id: string): Job => {
    const known = jobs.get(id);
    if (known !== undefined) return known;
    const abort = new AbortController();
    if (ending.signal.aborted) abort.abort();
    const result = run(id, abort.signal);
    const job = { abort, result };
    jobs.set(id, job);
    // Forgotten when it ends: a person's "again" begins anew, and what was uploaded long ago is asked for.
    const forget = () => jobs.get(id) === job && jobs.delete(id);
    result.then(forget, forget);
    return job;
  };

  /** Until it heard, the server keeps room for all of the file. */
  const withdraw = async (id: string): Promise<void> => {
    if (withdrawing.has(id)) return;
    withdrawing.add(id);
    try {
      for (let failures = 1; !ending.signal.aborted; failures += 1) {
        if (!options.isOnline()) {
          await sleep(60_000, ending.signal);
          failures = 0;
          continue;
        }
        try {
          await dialect.giveUpUpload(id);
          await outgoing.withdrawn(id);
          return;
        } catch (thrown) {
          log.info('upload-not-withdrawn', { failures, code: toWireError(thrown).code });
          // The next run tries again.
          if (isFinal(thrown)) return;
        }
        await sleep(
          fullJitterDelay(failures, () => clock.random()),
          ending.signal,
        );
      }
    } finally {
      withdrawing.delete(id);
    }
  };

  return {
    start: (id) => void start(id),
    done: (id) => start(id).result,
    async cancel(id) {
      const job = jobs.get(id);
      jobs.delete(id);
      job?.abort.abort();
      // An archive that is still being packed, say.
      if (job === undefined && (await outgoing.get(id)) === null) return;
      // Not before its end: a beginning that is under way would arrive after the withdrawal.
      const ended = job?.result.catch(() => undefined) ?? Promise.resolve();
      const remembered = outgoing
        .withdraw(id)
        .catch((thrown: unknown) => log.error('withdrawal-not-kept', thrown));
      void Promise.all([remembered, ended]).then(() => withdraw(id));
      await remembered;
    },
    async resume() {
      for (const id of await outgoing.withdrawals()) void withdraw(id);
    },
    wake,
    stop() {
      ending.abort();
      for (const { abort } of jobs.values()) abort.abort();
      wake();
    },
  };
}

/** Trying again would change nothing. */
function isFinal(thrown: unknown): boolean {
  if (!(thrown instanceof MagpieError)) return false;
  return [
    'refused',
    'storage-refused',
    'file-gone',
    'file-unreadable',
    'session-ended',
    'account-disabled',
    'cancelled',
  ].includes(thrown.code);
}
