import { join } from 'node:path';
import Database from 'libsql';
import { StorageUnusableError } from '../storage.ts';

/**
 * Keeps a second server away from the data folder: two would not hear of each other's messages. The lock is one of the
 * operating system (on an otherwise empty SQLite file), so it vanishes with the process, however that ends.
 * @returns the function that gives the folder free
 */
export function lockDataDirectory(directory: string): () => void {
  let lock: Database.Database | undefined;
  try {
    lock = new Database(join(directory, 'server.lock'));
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock?.close();
    const isBusy = error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
    throw new StorageUnusableError(
      isBusy
        ? `another server is using the data folder ${directory}`
        : `cannot lock the data folder ${directory}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  const held = lock;
  return () => held.close();
}
