/** The command line: `node server/main.ts --port 7001 --data ./magpie-data`. */
import { parseAdminCall, runAdminCall } from './admin/command-line.ts';
import { askControl, controlOf } from './admin/control-client.ts';
import { BACKUP_COMMANDS, parseBackupCall, runBackupCall } from './backup/command-line.ts';
import { UnusableBackup } from './backup/manifest.ts';
import { RestoreRefused } from './backup/restore-backup.ts';
import { ConfigError, StorageUnusableError, loadConfig, startServer, usage } from './server.ts';
import type { CommandOutcome } from './domain/admin-commands.ts';
import type { RunningServer } from './server.ts';
import { prepareDataFolder } from './storage/data-folder.ts';
import { identityOf } from './tls/identity.ts';

const EXIT_USAGE = 2;
const EXIT_FAILURE = 1;
/** Nothing was changed; the operator has to say something else. */
const USAGE_ERRORS = [ConfigError, StorageUnusableError, UnusableBackup, RestoreRefused];

async function main(): Promise<void> {
  if (process.argv[2] === 'admin') return administer();
  const argv = process.argv.slice(2);
  if (argv[0] === 'health') return tellHealth(argv.slice(1));
  if (argv[0] === 'fingerprint') return tellFingerprint(argv.slice(1));
  if (BACKUP_COMMANDS.some((name) => name === argv[0])) return backUp(argv);
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(usage());
    return;
  }
  const server = await startServer(loadConfig(argv, process.env));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(server));
  // A renewed certificate is taken without a restart.
  if (server.fingerprint !== null && process.platform !== 'win32')
    process.on('SIGHUP', () => void server.renewIdentity().catch(complain));
  process.stdout.write(`listening on ${server.origin}\n`);
}

/** For those that watch over the server: does it answer, database included? The data folder says where it listens. */
async function tellHealth(argv: readonly string[]): Promise<void> {
  const { dataDirectory } = loadConfig(argv, process.env);
  const answer = await askControl(controlOf(dataDirectory), '/admin/command', { name: 'status', fields: {} });
  if ((answer as CommandOutcome).ok !== true) throw new Error('the server answers, but not as it should');
  process.stdout.write('healthy\n');
}

/** Of the certificate that a start with these settings shows; one of its own is made when there is none yet. */
async function tellFingerprint(argv: readonly string[]): Promise<void> {
  const config = loadConfig(argv, process.env);
  prepareDataFolder(config.dataDirectory);
  const identity = await identityOf(config, Date.now());
  if (identity === null) throw new ConfigError('this server has no certificate: start it with --tls self');
  process.stdout.write(`${identity.fingerprint}\n`);
}

/** A backup is made, checked or restored; the result is JSON on standard output. */
async function backUp(argv: readonly string[]): Promise<void> {
  const { sound, result } = await runBackupCall(parseBackupCall(argv), process.env);
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  if (!sound) process.exitCode = EXIT_FAILURE;
}

/** One command; its result is JSON on standard output. */
async function administer(): Promise<void> {
  const outcome = await runAdminCall(parseAdminCall(process.argv.slice(3), process.env));
  if (!outcome.ok) throw new ConfigError(outcome.problem);
  process.stdout.write(`${JSON.stringify(outcome.result, null, 2)}\n`);
}

async function stop(server: RunningServer): Promise<void> {
  try {
    await server.stop();
    process.exit(0);
  } catch (error) {
    fail(error);
  }
}

function complain(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`magpie-server: ${text.replaceAll('\n', ' ')}\n`);
}

function fail(error: unknown): void {
  complain(error);
  process.exit(USAGE_ERRORS.some((kind) => error instanceof kind) ? EXIT_USAGE : EXIT_FAILURE);
}

main().catch(fail);
