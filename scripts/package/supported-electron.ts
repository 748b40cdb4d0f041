import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ProvidedElectron } from '../electron/provide-electron.ts';
import { ActionableError } from '../lib/fatal.ts';

/** The Electron project supports its newest three major versions (electronjs.org, "Electron Releases"). */
const SUPPORTED_MAJORS = 3;

/**
 * Refuses to release on an Electron that gets no security updates any more, or that is not the one package.json names.
 *
 * @throws {ActionableError} which says what to do
 */
export async function refuseOutOfSupport(electron: ProvidedElectron): Promise<void> {
  if (electron.source === 'npm-package')
    throw new ActionableError(
      `Electron ${electron.version} from npm is for development only: make releases where the official download is reachable`,
    );
  const newest = await newestVersion();
  if (!isSupported(electron.version, newest))
    throw new ActionableError(
      `Electron ${electron.version} is out of support (newest is ${newest}): update it in package.json before a release`,
    );
}

/** Whether `version` is among the newest majors. */
export function isSupported(version: string, newest: string): boolean {
  const major = Number.parseInt(version, 10);
  return Number.isInteger(major) && major > Number.parseInt(newest, 10) - SUPPORTED_MAJORS;
}

/** As the registry that npm is set up to use knows it. */
async function newestVersion(): Promise<string> {
  const { stdout } = await promisify(execFile)('npm', ['view', 'electron', 'version'], {
    shell: process.platform === 'win32',
  });
  return stdout.trim();
}
