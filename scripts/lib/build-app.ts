import { closeSync, openSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { ActionableError } from './fatal.ts';
import { isOutdated } from './newer-than.ts';
import { repositoryRoot } from './paths.ts';
import { runChild } from './run-child.ts';

const sources = [
  'electron',
  'src',
  'protocol',
  'server',
  'resources',
  'electron.vite.config.ts',
  'package.json',
  'package-lock.json',
];
/** Touched after a successful build; a build that was stopped half-way does not have a newer one. */
const stamp = join(repositoryRoot, 'out/.built');

/** The program of electron-vite, to be run by Node. */
export const electronViteProgram = join(repositoryRoot, 'node_modules/electron-vite/bin/electron-vite.js');

/**
 * Builds the app into `out/` if its sources have changed since the last build.
 *
 * @throws {ActionableError} when the build fails; its own output says why
 */
export async function buildIfNeeded(): Promise<void> {
  const products = ['out/main/index.js', 'out/preload/index.cjs', 'out/renderer/index.html', 'out/.built'];
  const inputs = sources.map((path) => join(repositoryRoot, path));
  if (
    !products.some((product) => isOutdated(join(repositoryRoot, product), [])) &&
    !isOutdated(stamp, inputs)
  )
    return;
  const startedAt = new Date();
  console.log('Building Magpie ...');
  const code = await runChild(process.execPath, [electronViteProgram, 'build', '--logLevel', 'warn'], {
    cwd: repositoryRoot,
  });
  if (code !== 0) throw new ActionableError('the build failed; see above');
  closeSync(openSync(stamp, 'w'));
  // The time of the start: what was changed during the build is built again the next time.
  utimesSync(stamp, startedAt, startedAt);
}
