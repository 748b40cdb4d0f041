import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { ActionableError } from '../lib/fatal.ts';
import { missingPackages, packagesFor, type PackageSet } from './packages.ts';

const run = promisify(execFile);
const lockMessage = /Could not get lock|is another process using it|Unable to acquire the dpkg/;
/** Another installation on the machine is waited for this long (milliseconds) before giving up. */
const lockLimitMs = 10 * 60_000;
const lockPollMs = 3_000;

/**
 * Makes sure that the Debian packages of a set are installed. As root it installs what is missing; as anyone else it
 * names the one command that does. A run that finds everything in place takes a few hundredths of a second.
 *
 * @throws {ActionableError} when something is missing and cannot be installed from here
 */
export async function ensurePackages(set: PackageSet): Promise<void> {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/dpkg-query')) return;
  const missing = await findMissing(packagesFor(set));
  if (missing.length === 0) return;
  const names = await namesHere(missing);
  if (process.getuid?.() !== 0) {
    throw new ActionableError(`run this once, then try again: sudo apt-get install -y ${names.join(' ')}`);
  }
  console.error(`Installing ${names.length} Debian packages (${names.slice(0, 3).join(', ')} …) ...`);
  await apt(['update', '-qq']);
  // The names may differ once the package lists are here.
  await apt(['install', '-y', '-qq', '--no-install-recommends', ...(await namesHere(missing))]);
}

async function findMissing(wanted: readonly string[]): Promise<string[]> {
  const { stdout } = await run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n'], {
    maxBuffer: 1 << 26,
  });
  return missingPackages(wanted, stdout);
}

/** The names under which this release of Debian or Ubuntu has the packages. */
async function namesHere(names: readonly string[]): Promise<string[]> {
  const { stdout } = await run('apt-cache', ['pkgnames'], { maxBuffer: 1 << 26 }).catch(() => ({
    stdout: '',
  }));
  const known = new Set(stdout.split('\n'));
  return names.map((name) => (known.has(`${name}t64`) ? `${name}t64` : name));
}

async function apt(args: string[]): Promise<void> {
  const deadline = Date.now() + lockLimitMs;
  for (let announced = false; ;) {
    const { code, output } = await attempt(args);
    if (code === 0) return;
    if (!lockMessage.test(output) || Date.now() > deadline) {
      const reason = output.split('\n').find((line) => line.startsWith('E:')) ?? `exit code ${code}`;
      throw new ActionableError(`apt-get ${args[0]} failed: ${reason}`);
    }
    if (!announced) console.error('Waiting for another installation of packages to end ...');
    announced = true;
    await sleep(lockPollMs);
  }
}

function attempt(args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
    const child = spawn('apt-get', args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-20_000));
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('exit', (code) => resolve({ code: code ?? 1, output }));
  });
}
