/** Programs whose fuses forbid what Playwright's launcher needs are driven through their debugging port. */
import type { ChildProcess } from 'node:child_process';

/** Where a program that was started with `--remote-debugging-port=0` listens; its stderr must be a pipe. */
export function debuggerAddress(child: ChildProcess, patience: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const limit = setTimeout(() => reject(new Error(`no window came; output:\n${output}`)), patience);
    child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const address = /DevTools listening on (ws:\S+)/.exec(output)?.[1];
      if (address === undefined) return;
      clearTimeout(limit);
      resolve(address);
    });
    child.once('exit', (code) => {
      clearTimeout(limit);
      reject(new Error(`it ended with ${code}; output:\n${output}`));
    });
  });
}
