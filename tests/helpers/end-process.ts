import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether the process is gone. */
export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/**
 * Waits until a process is gone.
 *
 * @param limitMs milliseconds after which it gives up
 * @returns whether it went in time
 */
export async function waitForEnd(child: ChildProcess, limitMs: number): Promise<boolean> {
  if (hasEnded(child)) return true;
  const timer = new AbortController();
  const gone = new Promise<boolean>((resolve) => child.once('exit', () => resolve(true)));
  const late = sleep(limitMs, false, { signal: timer.signal }).catch(() => false);
  const ended = await Promise.race([gone, late]);
  timer.abort();
  return ended;
}

/** Ends a process with a signal; one that does not heed it within the limit (milliseconds) is killed. */
export async function endProcess(
  child: ChildProcess,
  signal: NodeJS.Signals = 'SIGTERM',
  limitMs = 30_000,
): Promise<void> {
  if (hasEnded(child)) return;
  child.kill(signal);
  if (await waitForEnd(child, limitMs)) return;
  child.kill('SIGKILL');
  await waitForEnd(child, limitMs);
}
