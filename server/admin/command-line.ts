/**
 * `npm run server -- admin COMMAND`: asks the server that runs on the data folder, or works on the folder itself while
 * none does. Who may read the folder may administer it. The lock of the folder decides which way, so the database never
 * has two writers.
 */
import { readFileSync } from 'node:fs';
import { ConfigError, SETTINGS, loadConfig } from '../config.ts';
import { inProcessBus } from '../bus/in-process-bus.ts';
import { ADMIN_COMMANDS, runAdminCommand } from '../domain/admin-commands.ts';
import type { CommandOutcome } from '../domain/admin-commands.ts';
import { NO_CONNECTIONS, administrationRules } from '../domain/administration.ts';
import { prepareDataFolder } from '../storage/data-folder.ts';
import { DataFolderInUse, lockDataDirectory } from '../storage/sqlite/data-lock.ts';
import { openSqliteStorage } from '../storage/sqlite/sqlite-storage.ts';
import { finishRestore } from '../backup/restore-backup.ts';
import { askControl, controlOf } from './control-client.ts';
import { publishRelease, UnusableRelease } from '../files/update-feed.ts';

export interface AdminCall {
  dataDirectory: string;
  name: string;
  fields: Record<string, unknown>;
}

/** @throws {ConfigError} for anything that is no command */
export function parseAdminCall(argv: readonly string[], environment: NodeJS.ProcessEnv): AdminCall {
  const [name = '', ...rest] = argv;
  const known = Object.hasOwn(ADMIN_COMMANDS, name) ? ADMIN_COMMANDS[name] : undefined;
  if (known === undefined) {
    throw new ConfigError(
      `unknown admin command "${name}"; there are ${Object.keys(ADMIN_COMMANDS).join(', ')}`,
    );
  }
  const fields: Record<string, unknown> = {};
  const settings: string[] = [];
  const positional = [...known.positional];
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index] ?? '';
    const [, flag, inline] = /^--([a-z0-9-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (flag === undefined) {
      const target = positional.shift();
      if (target === undefined) throw new ConfigError(`"${word}" is too much`);
      fields[target] = word;
    } else if (flag === 'password-stdin') fields['password'] = readFileSync(0, 'utf8').replace(/\r?\n$/, '');
    else if (flag === 'administrator' || flag === 'all') fields[flag] = true;
    else if (flag === 'password')
      throw new ConfigError('a password on the command line is seen by others: use --password-stdin');
    else {
      const value = inline ?? rest[++index];
      if (value === undefined) throw new ConfigError(`--${flag} needs a value`);
      if (SETTINGS.some((one) => one.flag === flag)) settings.push(`--${flag}`, value);
      else fields[flag] = value;
    }
  }
  return { dataDirectory: loadConfig(settings, environment).dataDirectory, name, fields };
}

export async function runAdminCall(given: AdminCall): Promise<CommandOutcome> {
  const call = given.name === 'publish-update' ? await published(given) : given;
  if ('problem' in call) return { ok: false, problem: call.problem };
  const databasePath = prepareDataFolder(call.dataDirectory);
  let unlock: () => void;
  try {
    unlock = lockDataDirectory(call.dataDirectory);
  } catch (error) {
    if (!(error instanceof DataFolderInUse)) throw error;
    return askRunningServer(call);
  }
  try {
    finishRestore(call.dataDirectory);
    return await workOnFolder(call, databasePath);
  } finally {
    unlock();
  }
}

/**
 * Puts a release into the data folder. Done here and not by the running server, which may not be allowed to read the folder it
 * comes from.
 */
async function published(call: AdminCall): Promise<AdminCall | { problem: string }> {
  const { folder } = call.fields;
  if (typeof folder !== 'string') return { problem: 'name the folder of the release' };
  try {
    prepareDataFolder(call.dataDirectory);
    return { ...call, fields: { folder, ...(await publishRelease(folder, call.dataDirectory)) } };
  } catch (error) {
    if (error instanceof UnusableRelease) return { problem: error.message };
    throw error;
  }
}

async function askRunningServer({ dataDirectory, name, fields }: AdminCall): Promise<CommandOutcome> {
  return (await askControl(controlOf(dataDirectory), '/admin/command', { name, fields })) as CommandOutcome;
}

async function workOnFolder({ name, fields }: AdminCall, databasePath: string): Promise<CommandOutcome> {
  const storage = openSqliteStorage(databasePath, Date.now());
  try {
    const bus = inProcessBus(() => undefined);
    const administration = administrationRules({ storage, bus, now: Date.now }, NO_CONNECTIONS);
    const actor = { id: null, name: 'command line', address: '' };
    return await runAdminCommand(administration, actor, name, fields);
  } finally {
    await storage.close();
  }
}
