import { spawn, type ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { endProcess, waitForEnd } from './end-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

const repositoryRoot = resolve(import.meta.dirname, '../..');
const startLimitMs = 60_000;

/** Names the built server, where a run has made one: it starts in a tenth of the time that the sources take. */
export const serverProgramVariable = 'MAGPIE_TEST_SERVER';

function serverProgram(): readonly string[] {
  const built = process.env[serverProgramVariable];
  return built ? [built] : ['--import', 'tsx', join(repositoryRoot, 'server/main.ts')];
}

/** A real Magpie server in a process of its own, with data of its own. */
export class ServerProcess {
  readonly dataFolder: string;
  readonly #settings: readonly string[];
  readonly #node: readonly string[];
  #child: ChildProcess | undefined;
  #port = 0;
  #output = '';

  private constructor(dataFolder: string, settings: readonly string[], node: readonly string[]) {
    this.dataFolder = dataFolder;
    this.#settings = settings;
    this.#node = node;
  }

  /**
   * Starts a server on a free port of the loopback address. Throws when it does not come up within a minute.
   *
   * @param settings further arguments, such as `--sends-per-second`, `0`
   * @param node arguments of Node, up to the program
   */
  static async start(
    settings: readonly string[] = [],
    node: readonly string[] = serverProgram(),
  ): Promise<ServerProcess> {
    const server = new ServerProcess(temporaryFolder('server'), settings, node);
    try {
      await server.#start();
      return server;
    } catch (error) {
      await server.dispose();
      throw error;
    }
  }

  /** Of the process that runs now. */
  get processId(): number {
    return this.#child?.pid ?? 0;
  }

  /** Its address, without a slash at the end. It stays the same over restarts. */
  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The last of what all its processes have written. */
  output(): string {
    return this.#output;
  }

  /** Resolves when it has ended by itself. */
  async ended(): Promise<void> {
    if (this.#child && !(await waitForEnd(this.#child, 30_000))) throw new Error('the server still runs');
  }

  /** Ends it as an administrator would. */
  async stop(): Promise<void> {
    if (this.#child) await endProcess(this.#child);
  }

  /** Ends it as a power cut would, unless another signal is given. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#child?.kill(signal);
    if (this.#child && !(await waitForEnd(this.#child, 30_000)))
      throw new Error(`the server survived ${signal}`);
  }

  /** Sends it a signal, and kills it if it still runs after that many milliseconds. */
  async killAfter(signal: NodeJS.Signals, milliseconds: number): Promise<void> {
    this.#child?.kill(signal);
    if (this.#child && !(await waitForEnd(this.#child, milliseconds))) await this.kill();
  }

  /** Starts it again, on the same port and with the same data. One that still runs is stopped first. */
  async restart(): Promise<void> {
    await this.stop();
    await this.#start();
  }

  /** Ends it and deletes its data. */
  async dispose(): Promise<void> {
    await this.stop();
    await rm(this.dataFolder, { recursive: true, force: true, maxRetries: 3 });
  }

  async #start(): Promise<void> {
    // Node itself and not a wrapper: a signal must reach the server, and its end must be its end.
    const options = ['--host', '127.0.0.1', '--port', String(this.#port), '--data', this.dataFolder];
    const child = spawn(process.execPath, [...this.#node, ...options, ...this.#settings], {
      cwd: repositoryRoot,
      env: { ...process.env, MAGPIE_TEST_DATA: this.dataFolder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#port = await new Promise<number>((resolvePort, reject) => {
      const timer = setTimeout(() => fail('did not listen in time'), startLimitMs);
      const fail = (what: string) => {
        clearTimeout(timer);
        reject(new Error(`the server ${what}; its output:\n${this.#output}`));
      };
      let started = '';
      const read = (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-100_000);
        started = started.length > 100_000 ? started : started + chunk.toString();
        const port = /listening on http:\/\/127\.0\.0\.1:(\d+)/i.exec(started)?.[1];
        if (!port) return;
        clearTimeout(timer);
        resolvePort(Number(port));
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('error', (error) => fail(`could not be started: ${error.message}`));
      child.once('exit', (code, signal) => fail(`ended with ${signal ?? code}`));
    });
  }
}
