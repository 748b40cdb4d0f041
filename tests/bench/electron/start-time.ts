import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { electronFlags } from '../../../scripts/lib/electron-flags.ts';
import { waitForEnd } from '../../helpers/end-process.ts';

const probe = join(import.meta.dirname, 'first-paint.cjs');
const PATIENCE = 60_000;

export interface StartOptions {
  electron: string;
  desktop: { env: NodeJS.ProcessEnv; virtual: boolean };
  /** The folder of the program. */
  program: string;
  profile: string;
  /** What must be on the screen. */
  selector: string;
}

/** Milliseconds from the start of the process to the frame that shows what matters. The process is killed then. */
export async function startTime(options: StartOptions): Promise<number> {
  const { electron, desktop, program, profile, selector } = options;
  const args = ['-r', probe, ...electronFlags(desktop.virtual), `--user-data-dir=${profile}`, program];
  const start = Date.now();
  const child = spawn(electron, args, {
    env: { ...desktop.env, MAGPIE_BENCH_SELECTOR: selector },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    return await new Promise<number>((resolve, reject) => {
      let output = '';
      const timer = setTimeout(() => reject(new Error(`nothing was painted: ${output}`)), PATIENCE);
      child.stderr.on('data', (part: Buffer) => (output += part.toString()));
      child.stdout.on('data', (part: Buffer) => {
        output += part.toString();
        const painted = /painted ([\d.]+)/u.exec(output);
        if (painted === null) return;
        clearTimeout(timer);
        resolve(Number(painted[1]) - start);
      });
      child.once('exit', () => {
        clearTimeout(timer);
        reject(new Error(`it ended before anything was painted: ${output}`));
      });
    });
  } finally {
    child.kill('SIGKILL');
    await waitForEnd(child, 10_000);
  }
}
