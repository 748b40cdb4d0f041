import { execFile } from 'node:child_process';
import { mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Saves what a display shows as a PNG. The file is replaced at once, so that a reader never sees half a picture. */
export async function saveScreenshot(env: NodeJS.ProcessEnv, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const unfinished = `${file}.unfinished`;
  // The prefix names the format, since the file's ending does not.
  await run('import', ['-silent', '-window', 'root', `png:${unfinished}`], { env });
  await rename(unfinished, file);
}

/**
 * Keeps a file showing what is on a display, until it is stopped; after that the file is not written again.
 *
 * @param everyMs milliseconds from the end of one picture to the start of the next
 */
export function keepScreenshot(
  env: NodeJS.ProcessEnv,
  file: string,
  everyMs = 3_000,
): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let current: Promise<void> = Promise.resolve();
  const take = async () => {
    // A picture that fails is not worth more than the next try: the app must not suffer from it.
    await saveScreenshot(env, file).catch(() => undefined);
    if (!stopped) plan(everyMs);
  };
  const plan = (afterMs: number) => {
    timer = setTimeout(() => (current = take()), afterMs);
  };
  plan(everyMs / 3);
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await current;
    },
  };
}
