import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { electronPackageFolder, readDistribution, type ElectronDistribution } from './electron-package.ts';

/** A host that has not even answered the first request after this long (milliseconds) is taken as unreachable. */
const connectionLimitMs = 10_000;
/** The whole download (about 120 MB) gets this long, so that a stalled connection ends in a message. */
const downloadLimitMs = 15 * 60_000;

const defaultMirror = 'https://github.com/electron/electron/releases/download/';

/**
 * The address Electron's own installer downloads from, chosen by the same variables that the installer reads.
 */
export function downloadMirror(environment: NodeJS.ProcessEnv = process.env): string {
  return (
    environment.npm_config_electron_mirror ??
    environment.NPM_CONFIG_ELECTRON_MIRROR ??
    environment.npm_package_config_electron_mirror ??
    environment.ELECTRON_MIRROR ??
    defaultMirror
  );
}

/**
 * Runs the installer of the `electron` package, which verifies its download and unpacks it into the package's folder.
 *
 * @throws with a one-line reason when the host cannot be reached within ten seconds or the download fails
 */
export async function downloadOfficialElectron(): Promise<ElectronDistribution> {
  await assertReachable(downloadMirror());
  await runInstaller();
  const distribution = readDistribution(join(electronPackageFolder, 'dist'));
  if (!distribution) throw new Error('the installer left no program behind');
  return distribution;
}

/** The installer itself has no time limit for connecting, and behind some firewalls it would hang for minutes. */
async function assertReachable(mirror: string): Promise<void> {
  // Through a proxy only the installer knows how to connect.
  if (process.env.ELECTRON_GET_USE_PROXY) return;
  try {
    await fetch(mirror, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(connectionLimitMs),
    });
  } catch (error) {
    throw new Error(`${hostOf(mirror)} cannot be reached (${shortReason(error)})`, { cause: error });
  }
}

function hostOf(mirror: string): string {
  try {
    return new URL(mirror).host;
  } catch {
    return mirror;
  }
}

function shortReason(error: unknown): string {
  const cause = (error as { cause?: { code?: string } }).cause;
  return cause?.code ?? (error as Error).message;
}

function runInstaller(): Promise<void> {
  return new Promise((resolve, reject) => {
    const installer = spawn(process.execPath, [join(electronPackageFolder, 'install.js')], {
      stdio: ['ignore', 'inherit', 'pipe'],
      timeout: downloadLimitMs,
    });
    let errors = '';
    installer.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4_000)));
    installer.once('error', reject);
    installer.once('exit', (code, signal) => {
      if (code === 0) return resolve();
      reject(
        new Error(
          signal ? 'the download took too long' : (errors.match(/^.*Error.*$/m)?.[0] ?? `exit code ${code}`),
        ),
      );
    });
  });
}
