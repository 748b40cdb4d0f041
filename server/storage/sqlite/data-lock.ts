import { join } from 'node:path';
import Database from 'libsql';
import { makePrivateFile } from '../data-folder.ts';
import { StorageUnusableError } from '../storage.ts';

/** Another process has the data folder. */
export class DataFolderInUse extends StorageUnusableError {}

/**
 * Keeps a second server away from the data folder: two would not hear of each other's messages. The lock is one of the
 * operating system (on an otherwise empty SQLite file), so it vanishes with the process, however that ends.
 * @returns the function that gives the folder free
 */
export function lockDataDirectory(directory: string): () => void {
  try {
    return lockFile(join(directory, 'server.lock'));
  } catch (error) {
    if (error instanceof LockTaken) {
      throw new DataFolderInUse(`another server is using the data folder ${directory}`, { cause: error });
    }
    throw new StorageUnusableError(
      `cannot lock the data folder ${directory}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

/** Somebody else holds the lock. */
export class LockTaken extends Error {}

/**
 * @returns the function that gives the lock free
 * @throws {LockTaken} when somebody has it
 */
export function lockFile(path: string): () => void {
  makePrivateFile(path);
  const lock = new Database(path);
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    const isBusy = error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
    throw isBusy ? new LockTaken(`${path} is locked`, { cause: error }) : error;
  }
  return () => lock.close();
}
