import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The repository's root folder. */
export const repositoryRoot = resolve(import.meta.dirname, '../..');

/**
 * Magpie's own cache folder. It lies outside `node_modules`, so that `npm ci` does not throw away a runtime that
 * took minutes to download.
 *
 * @param environment where `XDG_CACHE_HOME`, `LOCALAPPDATA` and `HOME` are looked up
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.XDG_CACHE_HOME) return join(environment.XDG_CACHE_HOME, 'magpie');
  if (process.platform === 'win32' && environment.LOCALAPPDATA) {
    return join(environment.LOCALAPPDATA, 'magpie', 'cache');
  }
  const home = environment.HOME ?? homedir();
  return process.platform === 'darwin' ? join(home, 'Library/Caches/magpie') : join(home, '.cache', 'magpie');
}
