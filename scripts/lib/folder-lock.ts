import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A lock whose owner's name cannot be read is given this long (milliseconds) before it counts as abandoned. */
const ownerlessGraceMs = 5_000;

/** What renaming a folder onto one that is there says, on the various systems. */
const takenCodes = new Set(['EEXIST', 'ENOTEMPTY', 'EPERM', 'EACCES', 'EBUSY']);

interface LockOptions {
  /** Called once, when another process holds the lock and this one starts to wait. */
  onWait?: (ownerProcessId: number | undefined) => void;
  /** Milliseconds between two looks at a lock that is held. */
  pollMs?: number;
}

/**
 * Runs `work` while holding a lock that excludes every other process on this machine. The lock is a folder with one
 * file, whose name says who holds it: `<process>-<random>`. It comes into being with that file in it, by a rename, and
 * nobody removes anything but a file of that exact name and an empty folder. So two that find the same dead owner
 * cannot remove each other's new lock.
 *
 * @throws whatever `work` throws; the lock is released first
 */
export async function withFolderLock<Result>(
  lockFolder: string,
  work: () => Promise<Result>,
  { onWait, pollMs = 250 }: LockOptions = {},
): Promise<Result> {
  await mkdir(dirname(lockFolder), { recursive: true });
  const owner = `${process.pid}-${randomUUID()}`;
  for (let announced = false; !(await tryToTake(lockFolder, owner));) {
    const holders = await readdir(lockFolder).catch(() => []);
    if (await removeAbandoned(lockFolder, holders)) continue;
    if (!announced) onWait?.(processOf(holders[0]));
    announced = true;
    await sleep(pollMs);
  }
  try {
    return await work();
  } finally {
    await rm(join(lockFolder, owner), { force: true });
    await rmdir(lockFolder).catch(() => undefined);
  }
}

async function tryToTake(lockFolder: string, owner: string): Promise<boolean> {
  const prepared = `${lockFolder}.${owner}`;
  await mkdir(prepared);
  try {
    await writeFile(join(prepared, owner), '');
    await rename(prepared, lockFolder);
    return true;
  } catch (error) {
    await rm(prepared, { recursive: true, force: true });
    // Where nothing may be written, making the folder has failed already: this can only be somebody's lock.
    if (takenCodes.has((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** @returns whether the lock is free now, as far as one can tell */
async function removeAbandoned(lockFolder: string, holders: readonly string[]): Promise<boolean> {
  for (const holder of holders) {
    const file = join(lockFolder, holder);
    const processId = processOf(holder);
    if (processId === undefined ? await isFresh(file) : isRunning(processId)) return false;
    await rm(file, { recursive: true, force: true });
  }
  return rmdir(lockFolder).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
}

function processOf(holder: string | undefined): number | undefined {
  const number = /^(\d+)-/.exec(holder ?? '')?.[1];
  return number === undefined ? undefined : Number(number);
}

async function isFresh(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs <= ownerlessGraceMs;
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, but belongs to someone else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
