import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../lib/paths.ts';

/** The folder of the installed `electron` package: the wrapper and, once downloaded, the program itself. */
export const electronPackageFolder = join(repositoryRoot, 'node_modules/electron');

/** The version of Electron that the project asks for. Throws when dependencies are not installed. */
export function wantedElectronVersion(): string {
  const manifest = JSON.parse(readFileSync(join(electronPackageFolder, 'package.json'), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}

/** Where the program lies inside an Electron distribution, relative to its root. */
export function executableName(platform: NodeJS.Platform = process.platform): string {
  if (platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return platform === 'win32' ? 'electron.exe' : 'electron';
}

/** An Electron distribution found on disk. */
export interface ElectronDistribution {
  executablePath: string;
  version: string;
}

/**
 * Looks at a folder that may hold an unpacked Electron.
 *
 * @returns undefined if there is no program in it; the version is `unknown` if the folder does not say
 */
export function readDistribution(folder: string): ElectronDistribution | undefined {
  const executablePath = join(folder, executableName());
  if (!existsSync(executablePath)) return undefined;
  const versionFile = join(folder, 'version');
  const version = existsSync(versionFile)
    ? readFileSync(versionFile, 'utf8').trim().replace(/^v/, '')
    : 'unknown';
  return { executablePath, version };
}
