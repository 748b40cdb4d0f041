/**
 * `npm run server -- backup --to FOLDER`, `verify FOLDER` and `restore FOLDER`. A backup is made by the server that runs on
 * the data folder, which knows what may not be removed meanwhile, or by the command itself while none does.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { askControl, controlOf } from '../admin/control-client.ts';
import { ConfigError, SETTINGS, loadConfig } from '../config.ts';
import { prepareDataFolder } from '../storage/data-folder.ts';
import { DataFolderInUse, lockDataDirectory } from '../storage/sqlite/data-lock.ts';
import { openSqliteStorage } from '../storage/sqlite/sqlite-storage.ts';
import { BackupFailed, makeBackup } from './make-backup.ts';
import { chooseBackup } from './place.ts';
import { finishRestore, restoreBackup } from './restore-backup.ts';
import { verifyBackup } from './verify-backup.ts';

export const BACKUP_COMMANDS = ['backup', 'verify', 'restore'] as const;
type CommandName = (typeof BACKUP_COMMANDS)[number];

/** Milliseconds between two looks at how far a running server is. */
const LOOK_EVERY = 200;

export interface BackupCall {
  name: CommandName;
  /** Where backups go to or come from, absolute. */
  folder: string;
  /** Flags of the server's own settings. */
  settings: string[];
  keep: number | undefined;
  replace: boolean;
}

/** @throws {ConfigError} for anything that cannot be meant */
export function parseBackupCall(argv: readonly string[]): BackupCall {
  const name = BACKUP_COMMANDS.find((one) => one === argv[0]);
  if (name === undefined) throw new ConfigError(`there are ${BACKUP_COMMANDS.join(', ')}`);
  const call: BackupCall = { name, folder: '', settings: [], keep: undefined, replace: false };
  const words = argv.slice(1);
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const [, flag, inline] = /^--([a-z0-9-]+)(?:=(.*))?$/su.exec(word) ?? [];
    if (flag === undefined) {
      if (name === 'backup' || call.folder !== '') throw new ConfigError(`"${word}" is too much`);
      call.folder = resolve(word);
      continue;
    }
    if (flag === 'replace' && name === 'restore') {
      call.replace = true;
      continue;
    }
    const value = inline ?? words[++index];
    if (value === undefined || value === '') throw new ConfigError(`--${flag} needs a value`);
    if (flag === 'to' && name === 'backup') call.folder = resolve(value);
    else if (flag === 'keep' && name === 'backup') call.keep = numberOf(value);
    else if (SETTINGS.some((one) => one.flag === flag)) call.settings.push(`--${flag}`, value);
    else throw new ConfigError(`unknown argument "${word}" of ${name}`);
  }
  if (call.folder === '') {
    throw new ConfigError(name === 'backup' ? 'say where to: --to FOLDER' : `say which: ${name} FOLDER`);
  }
  return call;
}

/** The result for standard output, and whether the command did what it should. */
export async function runBackupCall(
  call: BackupCall,
  environment: NodeJS.ProcessEnv,
): Promise<{ sound: boolean; result: object }> {
  const config = loadConfig(call.settings, environment);
  switch (call.name) {
    case 'backup':
      return { sound: true, result: { backup: await back(call, config) } };
    case 'verify': {
      const found = await verifyBackup(await chooseBackup(call.folder));
      return { sound: found.sound, result: { ...found, madeAt: isoTime(found.madeAt) } };
    }
    case 'restore': {
      const path = await chooseBackup(call.folder);
      const { dataDirectory, former, manifest } = await restoreBackup(path, config.dataDirectory, {
        replace: call.replace,
        now: Date.now(),
      });
      const madeAt = isoTime(manifest.madeAt);
      return { sound: true, result: { restored: path, madeAt, data: dataDirectory, former } };
    }
  }
}

async function back(call: BackupCall, config: ReturnType<typeof loadConfig>): Promise<string> {
  const { dataDirectory, storage: place } = config;
  const databasePath = prepareDataFolder(dataDirectory);
  let unlock: () => void;
  try {
    unlock = lockDataDirectory(dataDirectory);
  } catch (error) {
    if (!(error instanceof DataFolderInUse)) throw error;
    return askRunningServer(call, dataDirectory);
  }
  try {
    finishRestore(dataDirectory);
    const storage = openSqliteStorage(databasePath, Date.now());
    try {
      const made = await makeBackup(
        {
          dataDirectory,
          storage: place,
          snapshot: (target) => storage.snapshot(target),
          // Nobody removes anything while the folder is ours.
          holdContent: () => () => undefined,
          now: Date.now,
        },
        { place: call.folder, keep: call.keep ?? 0 },
      );
      return made.path;
    } finally {
      await storage.close();
    }
  } finally {
    unlock();
  }
}

const begun = z.object({ ok: z.boolean(), problem: z.string().optional() });
const progress = z.object({
  outcome: z.discriminatedUnion('state', [
    z.object({ state: z.literal('running') }),
    z.object({ state: z.literal('made'), path: z.string() }),
    z.object({ state: z.literal('failed'), message: z.string() }),
  ]),
});

async function askRunningServer({ folder, keep }: BackupCall, dataDirectory: string): Promise<string> {
  const control = controlOf(dataDirectory);
  const order = { place: folder, ...(keep === undefined ? {} : { keep }) };
  const { ok, problem } = begun.parse(await askControl(control, '/admin/backup', order));
  if (!ok) throw new BackupFailed('failed', problem ?? 'the server refused');
  for (;;) {
    const { outcome } = progress.parse(await askControl(control, '/admin/backup-state', {}));
    if (outcome.state === 'made') return outcome.path;
    if (outcome.state === 'failed') throw new BackupFailed('failed', outcome.message);
    await pause(LOOK_EVERY);
  }
}

function numberOf(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new ConfigError('--keep must be a whole number from 1');
  return value;
}

function isoTime(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
