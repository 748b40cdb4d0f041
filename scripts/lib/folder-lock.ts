import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A lock without a readable owner is given this long (milliseconds) before it counts as abandoned. */
const ownerlessGraceMs = 5_000;

interface LockOptions {
  /** Called once, when another process holds the lock and this one starts to wait. */
  onWait?: (ownerProcessId: number | undefined) => void;
  /** Milliseconds between two looks at a lock that is held. */
  pollMs?: number;
}

/**
 * Runs `work` while holding a lock that excludes every other process on this machine. The lock is a folder, because
 * creating one is atomic on every file system; a lock whose owner has died is taken over.
 *
 * @throws whatever `work` throws; the lock is released first
 */
export async function withFolderLock<Result>(
  lockFolder: string,
  work: () => Promise<Result>,
  { onWait, pollMs = 250 }: LockOptions = {},
): Promise<Result> {
  await mkdir(dirname(lockFolder), { recursive: true });
  const ownerFile = join(lockFolder, 'owner');
  for (let announced = false; !(await tryToCreate(lockFolder));) {
    const owner = await readOwner(ownerFile);
    if (await isAbandoned(lockFolder, owner)) {
      await rm(lockFolder, { recursive: true, force: true });
      continue;
    }
    if (!announced) onWait?.(owner);
    announced = true;
    await sleep(pollMs);
  }
  try {
    await writeFile(ownerFile, String(process.pid));
    return await work();
  } finally {
    await rm(lockFolder, { recursive: true, force: true });
  }
}

async function tryToCreate(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readOwner(ownerFile: string): Promise<number | undefined> {
  const text = await readFile(ownerFile, 'utf8').catch(() => '');
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

async function isAbandoned(lockFolder: string, owner: number | undefined): Promise<boolean> {
  if (owner !== undefined) return !isRunning(owner);
  const created = await stat(lockFolder).catch(() => undefined);
  return created !== undefined && Date.now() - created.mtimeMs > ownerlessGraceMs;
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
