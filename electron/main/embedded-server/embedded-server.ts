import { join } from 'node:path';
import { utilityProcess, type UtilityProcess } from 'electron';
import {
  wordFromServer,
  type QuestionInput,
  type ServerAnswers,
  type ServerQuestion,
  type ServerTask,
  type TaskResults,
} from '#protocol/embedded-server';
import { MagpieError } from '#protocol/errors';
import type { EmbeddedServerState } from '#protocol/model/session';
import { backoffDelay } from '../support/backoff.ts';
import type { Clock } from '../support/clock.ts';
import { openLogFile } from '../support/log-file.ts';
import type { Logger } from '../support/logger.ts';

const START_TIMEOUT = 20_000;
const STOP_PATIENCE = 2_000;
/** A run this short counts as a failed start: after a few of them a person has to look. */
const HEALTHY_AFTER = 30_000;
const FAILURES_UNTIL_GIVING_UP = 5;

/** Another program listens where it was to. */
class PortTaken extends Error {
  override readonly name = 'PortTaken';
}

export interface EmbeddedServerOptions {
  /** The built entry of the server. */
  serverFile: string;
  userData: string;
  clock: Clock;
  logger: Logger;
  /** The port of the last run, so that its address stays the same; null at the first start. */
  port: { read(): number | null; save(port: number): void };
  guestSalt: string;
  onState(state: EmbeddedServerState): void;
  /** It died and runs again. */
  onRestarted(): void;
  /** A backup began or ended. */
  onBackupChanged(): void;
}

export interface EmbeddedServer {
  readonly state: EmbeddedServerState;
  /** Resolves with the origin once it listens; tells the origin at once while it runs. */
  start(): Promise<string>;
  stop(): Promise<void>;
  /** `embedded-server-failed` with the server's words, also while it does not run or when it ends meanwhile. */
  ask<Name extends ServerQuestion>(question: Name, input: QuestionInput<Name>): Promise<ServerAnswers[Name]>;
  /** Reads every byte of a backup, whether the server runs or not. */
  verify(folder: string): Promise<TaskResults['verify']>;
  /**
   * Puts a backup in the place of the data, which are set aside; the server ends for it and runs again when this answers.
   * @throws {MagpieError} `embedded-server-failed` when the backup was refused; nothing has changed then
   */
  restore(folder: string): Promise<TaskResults['restore']>;
}

/** Runs our own server in a process of its own, so that its load and its crashes stay out of the window's way. */
export function createEmbeddedServer(options: EmbeddedServerOptions): EmbeddedServer {
  const { clock } = options;
  const log = options.logger.module('embedded-server');
  const output = openLogFile(join(options.userData, 'logs', 'server.log'));
  let state: EmbeddedServerState = { state: 'stopped' };
  let child: UtilityProcess | null = null;
  let starting: Promise<string> | null = null;
  let cancelRestart: (() => void) | null = null;
  let wanted = false;
  let failures = 0;
  let lastQuestion = 0;
  /** Processes that do one thing on a folder. */
  const working = new Set<UtilityProcess>();
  /** The app ends: nothing is started any more. */
  let ended = false;
  const asked = new Map<number, { resolve(value: unknown): void; reject(thrown: Error): void }>();

  const become = (next: EmbeddedServerState) => {
    state = next;
    log.info(next.state);
    options.onState(next);
  };

  /** Whoever asked, once. */
  const takeQuestion = (id: number) => {
    const question = asked.get(id);
    asked.delete(id);
    return question;
  };
  const forgetQuestions = () => {
    for (const { reject } of asked.values())
      reject(new MagpieError('embedded-server-failed', 'the server ended'));
    asked.clear();
  };

  const launch = (args: string[], port: number) => {
    const process_ = utilityProcess.fork(options.serverFile, args, {
      serviceName: 'magpie-server',
      stdio: 'pipe',
      env: {
        ...process.env,
        MAGPIE_HOST: '127.0.0.1',
        MAGPIE_PORT: String(port),
        MAGPIE_DATA: join(options.userData, 'server'),
        MAGPIE_GUEST_SALT: options.guestSalt,
      },
    });
    process_.stdout?.on('data', (chunk: Buffer) => output.write(chunk.toString('utf8')));
    process_.stderr?.on('data', (chunk: Buffer) => output.write(chunk.toString('utf8')));
    return process_;
  };

  /** A process that does one thing on a folder and ends. */
  const runTask = <Name extends ServerTask>(task: Name, folder: string) =>
    new Promise<TaskResults[Name]>((resolve, reject) => {
      const worker = launch([task, folder], 0);
      working.add(worker);
      let failure = 'the process ended';
      worker.on('message', (message: unknown) => {
        const word = wordFromServer.safeParse(message).data;
        // The result's shape is the server's promise: both ends are of one build.
        if (word?.type === 'done') resolve(word.value as TaskResults[Name]);
        else if (word?.type === 'failed') failure = word.message;
      });
      worker.on('exit', () => {
        working.delete(worker);
        reject(new MagpieError('embedded-server-failed', failure));
      });
    });

  const fork = (port: number) =>
    new Promise<string>((resolve, reject) => {
      const process_ = launch([], port);
      child = process_;
      const startedAt = clock.uptime();
      let origin: string | null = null;
      let reason: Error | null = null;
      const cancelTimeout = clock.after(START_TIMEOUT, () => process_.kill());
      process_.on('message', (message: unknown) => {
        const word = wordFromServer.safeParse(message).data;
        if (word === undefined) log.warn('strange-word');
        else if (word.type === 'failed')
          reason ??= word.portTaken === true ? new PortTaken(word.message) : new Error(word.message);
        else if (word.type === 'answer') takeQuestion(word.id)?.resolve(word.value);
        else if (word.type === 'refusal')
          takeQuestion(word.id)?.reject(new MagpieError('embedded-server-failed', word.message));
        else if (word.type === 'backup-changed') options.onBackupChanged();
        else if (word.type === 'listening' && origin === null) {
          origin = word.origin;
          cancelTimeout();
          resolve(origin);
        }
      });
      process_.on('exit', (code) => {
        cancelTimeout();
        if (child === process_) {
          child = null;
          forgetQuestions();
        }
        if (origin === null) reject(reason ?? new Error(`the server ended with ${code} before it listened`));
        else if (wanted) died(code, clock.uptime() - startedAt);
      });
    });

  const begin = async (): Promise<string> => {
    become({ state: 'starting' });
    const remembered = options.port.read();
    try {
      // The remembered port may be taken by now: any free one is better than no server. After any other failure it stays,
      // because others know the server by it.
      const origin =
        remembered === null
          ? await fork(0)
          : await fork(remembered).catch((thrown: unknown) => {
              if (!wanted || !(thrown instanceof PortTaken)) throw thrown;
              log.warn('port-taken', { port: remembered });
              return fork(0);
            });
      options.port.save(Number(new URL(origin).port));
      become({ state: 'running', origin });
      return origin;
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      become(wanted ? { state: 'failed', message } : { state: 'stopped' });
      if (wanted) startLater();
      throw new MagpieError('embedded-server-failed', message, undefined, { cause: thrown });
    }
  };

  const died = (code: number, lived: number) => {
    failures = lived >= HEALTHY_AFTER ? 1 : failures + 1;
    log.warn('died', { code, failures });
    if (failures > FAILURES_UNTIL_GIVING_UP) {
      become({ state: 'failed', message: 'it keeps ending' });
      return;
    }
    become({ state: 'starting' });
    restartAfter(failures === 1 ? 0 : backoffDelay(failures, () => clock.random()));
  };

  /**
   * What kept it from starting may pass: the server of an app that was killed holds the data for a moment, a disk is full until
   * somebody makes room.
   */
  const startLater = () => {
    failures += 1;
    if (failures <= FAILURES_UNTIL_GIVING_UP) restartAfter(backoffDelay(failures, () => clock.random()));
  };
  const restartAfter = (delay: number) => {
    cancelRestart?.();
    cancelRestart = clock.after(delay, () => {
      cancelRestart = null;
      start().then(options.onRestarted, (thrown: unknown) => {
        log.error('restart-failed', thrown);
      });
    });
  };

  const start = (): Promise<string> => {
    wanted = true;
    if (state.state === 'running') return Promise.resolve(state.origin);
    cancelRestart?.();
    cancelRestart = null;
    starting ??= begin().finally(() => {
      starting = null;
    });
    return starting;
  };

  const end = async (): Promise<void> => {
    wanted = false;
    cancelRestart?.();
    cancelRestart = null;
    const running = child;
    if (running === null) return;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(STOP_PATIENCE, () => {
        // The polite signal would only ask again what it has not done yet.
        if (running.pid !== undefined) process.kill(running.pid, 'SIGKILL');
      });
      running.once('exit', () => {
        cancel();
        resolve();
      });
      running.postMessage({ type: 'stop' });
    });
  };

  return {
    get state() {
      return state;
    },
    start() {
      failures = 0;
      return start();
    },
    ask<Name extends ServerQuestion>(question: Name, input: QuestionInput<Name>) {
      return new Promise<ServerAnswers[Name]>((resolve, reject) => {
        if (child === null || state.state !== 'running') {
          reject(new MagpieError('embedded-server-failed', 'the server does not run'));
          return;
        }
        lastQuestion += 1;
        // The answer's shape is the server's promise: both ends are of one build.
        asked.set(lastQuestion, { resolve: (value) => resolve(value as ServerAnswers[Name]), reject });
        child.postMessage({ type: 'ask', id: lastQuestion, question, input });
      });
    },
    verify: (folder) => runTask('verify', folder),
    async restore(folder) {
      await starting?.catch(() => undefined);
      const work = Promise.resolve().then(async () => {
        become({ state: 'starting' });
        await end();
        return runTask('restore', folder);
      });
      const runAgain = async () => {
        await work.catch(() => undefined);
        if (ended) throw new MagpieError('embedded-server-failed', 'the app ends');
        wanted = true;
        failures = 0;
        return begin();
      };
      // Whoever asks for the server meanwhile waits for it.
      starting = runAgain().finally(() => {
        starting = null;
      });
      const [restored] = await Promise.allSettled([work, starting]);
      if (restored.status === 'rejected') throw restored.reason;
      return restored.value;
    },
    async stop() {
      ended = true;
      // One that is killed while it restores left a note: the next start of the server ends it.
      for (const worker of working) worker.kill();
      await end();
      await output.flush();
      if (state.state !== 'stopped') become({ state: 'stopped' });
    },
  };
}
