/** The data folder and the database in it are readable by their owner only, whatever the umask is. */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';

const OTHERS_MAY_WRITE = 0o022;

/**
 * Makes the folder (0700), or tightens one that an earlier start has used. A folder that others may write to was shared
 * on purpose, such as a stray `--data /tmp`: its mode stays, the database's (0600) does not.
 * @returns the path of the database
 */
export function prepareDataFolder(folder: string): string {
  const database = join(folder, 'magpie.db');
  const isOurs = mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined || existsSync(database);
  if (isOurs && (statSync(folder).mode & OTHERS_MAY_WRITE) === 0) tighten(folder, 0o700);
  const lock = join(folder, 'server.lock');
  for (const file of [database, `${database}-wal`, `${database}-shm`, lock])
    if (existsSync(file)) tighten(file, 0o600);
  return database;
}

/** A new database is made here, because SQLite gives the files beside it the mode of the database. */
export function makePrivateFile(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
}

function tighten(path: string, mode: number): void {
  try {
    chmodSync(path, mode);
  } catch {
    // A file system without modes, or a folder of somebody else's: what can be written there is used all the same.
  }
}
