import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** A helper process that was asked to end is killed after this long (milliseconds). */
const endLimitMs = 2_000;

/** From the end of a program to its next start (milliseconds). */
const restartDelayMs = 100;

/** The helper processes of one desktop, which live and die together. */
export class ChildProcesses {
  readonly #children: ChildProcess[] = [];
  #ending = false;

  /** Starts a program; an error in starting it goes to stderr, and shows as the thing it should provide missing. */
  start(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    // In a process group of their own, or Ctrl+C in the terminal would end the display before the app that is on it.
    const child = spawn(command, args, { stdio: 'ignore', detached: true, ...options });
    child.on('error', (error) => console.error(`${command}: ${error.message}`));
    this.#children.push(child);
    return child;
  }

  /** Starts a program that the others cannot do without, and starts it again when it ends by itself: a crash of it is not theirs. */
  keep(command: string, args: readonly string[], options: SpawnOptions = {}): void {
    const child = this.start(command, args, options);
    child.once('exit', (code, signal) => {
      if (this.#ending) return;
      console.error(`${command} ended by itself (${signal ?? code}) and is started again`);
      // What is not there to be started ends at once, too.
      setTimeout(() => {
        if (!this.#ending) this.keep(command, args, options);
      }, restartDelayMs).unref();
    });
  }

  /** Ends all, the last started first, and waits until they are gone. */
  async stop(): Promise<void> {
    this.#ending = true;
    for (const child of this.#children.splice(0).reverse()) {
      if (!child.pid || child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const timer = new AbortController();
      const late = sleep(endLimitMs, 'late', { signal: timer.signal }).catch(() => undefined);
      if ((await Promise.race([gone, late])) === 'late') child.kill('SIGKILL');
      timer.abort();
    }
  }

  /** Ends all at once; for a process that is exiting and cannot wait. */
  kill(): void {
    this.#ending = true;
    for (const child of this.#children) child.kill('SIGKILL');
  }
}
