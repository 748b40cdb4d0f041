import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let swept = false;

/**
 * A new folder for the tests of this process. Its name says whose it is, so that what killed test runs left behind is
 * removed by the first run after them, without touching those that run side by side with this one.
 */
export function temporaryFolder(purpose: string): string {
  if (!swept) sweepAbandonedFolders();
  swept = true;
  return mkdtempSync(join(tmpdir(), `magpie-${purpose}-${process.pid}-`));
}

/** Removes the folders, and the files beside them, of processes that are gone. */
export function sweepAbandonedFolders(place = tmpdir()): void {
  for (const name of readdirSync(place)) {
    const owner = /^magpie-[a-z]+-(\d+)-[A-Za-z0-9]{6}(\.|$)/.exec(name)?.[1];
    if (owner === undefined || isRunning(Number(owner))) continue;
    try {
      rmSync(join(place, name), { recursive: true, force: true });
    } catch {
      // Somebody else's, or just being removed by another run.
    }
  }
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
