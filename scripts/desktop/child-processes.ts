import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** A helper process that was asked to end is killed after this long (milliseconds). */
const endLimitMs = 2_000;

/** The helper processes of one desktop, which live and die together. */
export class ChildProcesses {
  readonly #children: ChildProcess[] = [];

  /** Starts a program; an error in starting it goes to stderr, and shows as the thing it should provide missing. */
  start(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    // In a process group of their own, or Ctrl+C in the terminal would end the display before the app that is on it.
    const child = spawn(command, args, { stdio: 'ignore', detached: true, ...options });
    child.on('error', (error) => console.error(`${command}: ${error.message}`));
    this.#children.push(child);
    return child;
  }

  /** Ends all, the last started first, and waits until they are gone. */
  async stop(): Promise<void> {
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
    for (const child of this.#children) child.kill('SIGKILL');
  }
}
