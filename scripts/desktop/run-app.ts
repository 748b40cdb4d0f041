import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../lib/paths.ts';
import { runChild } from '../lib/run-child.ts';
import { keepScreenshot } from './screenshot.ts';
import type { Desktop } from './with-desktop.ts';

/**
 * Runs the app on a desktop until it ends. On one that nobody sees it says where it keeps a picture of what the app
 * shows, and removes that picture at the end.
 *
 * @returns the exit code, as `runChild` does
 */
export async function runApp(
  { env, virtual }: Desktop,
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<number> {
  const childOptions = { ...options, env: { ...env, ...options.env } };
  if (!virtual) return runChild(command, args, childOptions);

  const picture = join(cacheFolder(), `screenshot-${process.pid}.png`);
  console.log(`There is no screen here, so it runs on a virtual one; what it shows is kept in ${picture}`);
  const screenshot = keepScreenshot(env, picture);
  try {
    return await runChild(command, args, childOptions);
  } finally {
    await screenshot.stop();
    rmSync(picture, { force: true });
  }
}
