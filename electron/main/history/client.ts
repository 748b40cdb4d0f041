import { Worker, type WorkerOptions } from 'node:worker_threads';
import { MagpieError, type WireError } from '#protocol/errors';
import type { Logger } from '../support/logger.ts';
import { HISTORY_METHODS, type History, type OpenInput } from './history.ts';
import type { WorkerRequest, WorkerResponse } from './worker-protocol.ts';

export interface HistoryClientOptions extends OpenInput {
  /** The built worker entry. */
  workerFile: string | URL;
  workerOptions?: WorkerOptions;
  logger: Logger;
  /** Milliseconds from opening to the check of the whole file; for tests. */
  verifyAfter?: number;
  /** The database was damaged; a new one has begun. */
  onReset: () => void;
}

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: MagpieError) => void;
}

/** A worker that dies more often than this within a minute is left alone for the rest of it. */
const RESTART_LIMIT = 5;
const RESTART_WINDOW = 60_000;

/** A start is for the person first; the file is read through when they have what they came for. */
const VERIFY_AFTER = 20_000;

/** `Omit` that keeps the members of the union apart. */
type WithoutId<Request> = Request extends unknown ? Omit<Request, 'id'> : never;

/**
 * Opens a history in a worker thread. When the worker dies, calls under way fail with `history-unavailable` and the
 * next call gets a new worker, a few times; the database itself recovers by its write-ahead log.
 */
export async function openHistory(options: HistoryClientOptions): Promise<History> {
  const log = options.logger.module('history');
  let current: { worker: Worker; waiting: Map<number, Waiting>; opened: Promise<void> } | null = null;
  let nextId = 1;
  let restarts: number[] = [];
  let closing = false;

  const start = () => {
    const worker = new Worker(options.workerFile, options.workerOptions);
    const waiting = new Map<number, Waiting>();
    const fail = (why: string) => {
      if (current?.worker === worker) current = null;
      for (const { reject } of waiting.values()) reject(new MagpieError('history-unavailable', why));
      waiting.clear();
    };
    worker.on('message', (response: WorkerResponse) => {
      if ('reset' in response) {
        log.error('damaged', toMagpieError(response.error));
        options.onReset();
        return;
      }
      const entry = waiting.get(response.id);
      waiting.delete(response.id);
      if (response.ok) entry?.resolve(response.value);
      else entry?.reject(toMagpieError(response.error));
    });
    worker.on('error', (thrown) => {
      log.error('worker-failed', thrown);
      fail('the history worker failed');
    });
    worker.on('exit', (code) => {
      if (!closing) log.warn('worker-ended', { code });
      fail('the history worker ended');
    });
    const started = { worker, waiting, opened: Promise.resolve() };
    current = started;
    started.opened = request(started, { type: 'open', input: { path: options.path, key: options.key } }).then(
      (value) => {
        if ((value as { reset: boolean }).reset) options.onReset();
      },
    );
    // What cannot be opened now may be later (a disk has room again): the next call tries with another worker.
    started.opened.catch(() => {
      if (current === started) current = null;
      void worker.terminate();
    });
    return started;
  };

  const request = (target: NonNullable<typeof current>, body: WithoutId<WorkerRequest>) =>
    new Promise<unknown>((resolve, reject) => {
      const id = nextId++;
      target.waiting.set(id, { resolve, reject });
      target.worker.postMessage({ id, ...body } as WorkerRequest);
    });

  const call = async (body: WithoutId<WorkerRequest>): Promise<unknown> => {
    if (closing) throw new MagpieError('history-unavailable', 'the history is closed');
    if (current === null) {
      restarts = restarts.filter((at) => performance.now() - at < RESTART_WINDOW);
      if (restarts.length >= RESTART_LIMIT)
        throw new MagpieError('history-unavailable', 'the history worker keeps failing');
      restarts.push(performance.now());
      start();
    }
    const target = current as unknown as NonNullable<typeof current>;
    await target.opened;
    return request(target, body);
  };

  await start().opened;

  /** Reads the file through in a thread of its own, so that nobody waits, and replaces it if a page is broken. */
  let verifier: Worker | null = null;
  const verify = () => {
    const worker = new Worker(options.workerFile, options.workerOptions);
    verifier = worker;
    const done = () => {
      verifier = null;
      void worker.terminate();
    };
    worker.once('error', (thrown) => {
      log.warn('not-verified', { why: String(thrown) });
      done();
    });
    worker.once('message', (response: WorkerResponse) => {
      done();
      if ('reset' in response || closing) return;
      if (!response.ok) log.warn('not-verified', { code: response.error.code });
      else if ((response.value as { sound: boolean }).sound) log.info('verified');
      else call({ type: 'replace' }).catch((thrown: unknown) => log.error('not-replaced', thrown));
    });
    const { path, key } = options;
    worker.postMessage({ id: 0, type: 'verify', input: { path, key } } satisfies WorkerRequest);
  };
  const verifying = setTimeout(verify, options.verifyAfter ?? VERIFY_AFTER);
  verifying.unref();

  const methods = Object.fromEntries(
    HISTORY_METHODS.map((method) => [method, (...input: unknown[]) => call({ type: 'call', method, input })]),
  ) as unknown as Omit<History, 'close'>;
  return {
    ...methods,
    async close() {
      if (closing) return;
      const last = current;
      closing = true;
      clearTimeout(verifying);
      // Listened to from here on: the thread may end by itself while the other one is waited for.
      const ended =
        last === null ? null : new Promise<void>((resolve) => last.worker.once('exit', () => resolve()));
      await verifier?.terminate();
      if (last === null) return;
      request(last, { type: 'close' }).catch(() => undefined);
      await ended;
    },
  };
}

function toMagpieError(error: WireError): MagpieError {
  return new MagpieError(error.code, error.message, error.details);
}
