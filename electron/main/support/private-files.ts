/** Files that only their owner may read, whatever the umask is and whoever made them before. */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';

/** Makes the folder, and those above it that are missing, for the owner alone (0700); tightens it when it is there. */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  tightenFolder(folder);
}

/** Tightens a folder of an earlier version, if there is one. */
export function tightenFolder(folder: string): void {
  tighten(folder, 0o700);
}

/**
 * Makes sure that a SQLite database and the files beside it are the owner's alone (0600). Call before it is opened:
 * SQLite gives the files that it makes later the mode of the first.
 */
export function makePrivateDatabase(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
  for (const file of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(file)) tighten(file, 0o600);
}

function tighten(path: string, mode: number): void {
  try {
    chmodSync(path, mode);
  } catch {
    // Not there, a file system without modes, or a folder of somebody else's: what can be written there is used all the same.
  }
}
