import { spawn } from 'node:child_process';
import { constants } from 'node:os';

interface ChildOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

const forwardedSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a program in the foreground: it shares this process's terminal and receives the signals sent to this process.
 *
 * @returns its exit code; 128 plus the signal's number if a signal ended it, as a shell reports it
 * @throws when the program cannot be started
 */
export function runChild(
  command: string,
  args: readonly string[],
  options: ChildOptions = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    const forward = (signal: NodeJS.Signals) => child.kill(signal);
    for (const signal of forwardedSignals) process.on(signal, forward);
    const settle = (finish: () => void) => {
      for (const signal of forwardedSignals) process.off(signal, forward);
      finish();
    };
    child.once('error', (error) => settle(() => reject(error)));
    child.once('exit', (code, signal) =>
      settle(() => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL'])),
    );
  });
}

/** The command and leading arguments that run a package's own program with this Node, whatever the platform. */
export function nodeProgram(modulePath: string): [command: string, args: string[]] {
  return [process.execPath, [modulePath]];
}
