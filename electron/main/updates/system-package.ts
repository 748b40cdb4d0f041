/**
 * Installs a package of a Linux system with the rights that its person is asked for. One question, and the app goes on working until
 * it is answered: electron-updater waits for it synchronously, without socket, tray and window, and asks again after a "no".
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { UpdateFailure } from './updater.ts';

/** `$1` is the package. What it depends on is fetched if it must be; the package itself has the last word on success. */
const DEB = 'dpkg -i "$1" || { apt-get install -f -y && dpkg -i "$1"; }';

/** In the order in which systems have them; the signature of a release is checked before, by us. */
const RPM: readonly (readonly [program: string, script: string])[] = [
  ['zypper', 'zypper --non-interactive --no-refresh install --allow-unsigned-rpm -f "$1"'],
  ['dnf', 'dnf install --nogpgcheck -y "$1"'],
  ['yum', 'yum install --nogpgcheck -y "$1"'],
  ['rpm', 'rpm -U --replacepkgs "$1"'],
];

/** Exit codes of pkexec: the person said no, or there is nobody to ask them. */
const REFUSED = new Set([126, 127]);

export interface PackageInstallation {
  type: 'deb' | 'rpm';
  /** Absolute path of the package. */
  file: string;
  environment: NodeJS.ProcessEnv;
  isRoot: boolean;
}

/** @throws {UpdateFailure} `not-installed` when it was refused or failed; then the installed version is as it was */
export async function installPackage(options: PackageInstallation): Promise<void> {
  const { file, environment, isRoot } = options;
  const script = scriptFor(options);
  const command = ['/bin/sh', '-c', script, 'sh', file];
  const [program = '', ...args] = isRoot ? command : ['pkexec', '--disable-internal-agent', ...command];
  const { code, said } = await new Promise<{ code: number | null; said: string }>((resolve, reject) => {
    const child = spawn(program, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2_000)));
    child.once('error', (thrown) => reject(new UpdateFailure('not-installed', thrown.message, thrown)));
    child.once('close', (code) => resolve({ code, said }));
  });
  if (code === 0) return;
  const why = !isRoot && code !== null && REFUSED.has(code) ? 'refused' : `ended with ${code}`;
  throw new UpdateFailure('not-installed', `${why}: ${said.trim()}`);
}

function scriptFor({ type, environment }: PackageInstallation): string {
  if (type === 'deb') return DEB;
  const folders = (environment['PATH'] ?? '').split(delimiter);
  const found = RPM.find(([program]) => folders.some((folder) => existsSync(join(folder, program))));
  if (found === undefined) throw new UpdateFailure('not-installed', 'no program installs rpm packages here');
  return found[1];
}
