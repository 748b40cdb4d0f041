/**
 * A backup becomes a data folder again. All of it is copied and checked beside the present data first; then names are
 * changed within the folder, so it works on mount points too. A note says what is to be changed: whoever opens the folder
 * after a crash in between finishes it, and nobody ever sees half of one and half of the other.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { prepareDataFolder } from '../storage/data-folder.ts';
import { lockDataDirectory } from '../storage/sqlite/data-lock.ts';
import { inspectSnapshot } from '../storage/sqlite/snapshot.ts';
import { copyFile, flushFolders, flushPath } from './copy-file.ts';
import { UnusableBackup, readManifest } from './manifest.ts';
import type { Manifest } from './manifest.ts';

const NOTE = 'restore.json';
const STAGED = '.restoring';

/** Of a server that runs, or of ours: they are no data and stay where they are. */
const NOT_DATA = new Set(['server.lock', NOTE, STAGED, 'admin-control.json', 'lost+found']);
const FORMER = /^before-restore-/u;

const note = z.object({ former: z.string(), old: z.array(z.string()), new: z.array(z.string()) });

/** It was not done and nothing was changed; `message` is one line for the operator. */
export class RestoreRefused extends Error {
  override readonly name = 'RestoreRefused';
}

export interface Restored {
  dataDirectory: string;
  manifest: Manifest;
  /** Where the data lie that were there before; null when there were none. */
  former: string | null;
}

/**
 * @param path a backup; see `chooseBackup`
 * @throws {UnusableBackup} when a byte of it is wrong
 * @throws {RestoreRefused} when there are data already and `replace` is not set
 * @throws {DataFolderInUse} when a server runs on the folder
 */
export async function restoreBackup(
  path: string,
  dataDirectory: string,
  { replace, now }: { replace: boolean; now: number },
): Promise<Restored> {
  const manifest = await readManifest(path);
  const empty = !existsSync(dataDirectory) || (await dataIn(dataDirectory)).length === 0;
  if (!empty && !replace) {
    throw new RestoreRefused(
      `${dataDirectory} holds data: choose an empty folder, or say --replace to set them aside. Nothing was changed`,
    );
  }
  prepareDataFolder(dataDirectory);
  const unlock = lockDataDirectory(dataDirectory);
  try {
    finishRestore(dataDirectory);
    const staged = join(dataDirectory, STAGED);
    try {
      await stage(path, staged, manifest);
    } catch (error) {
      await rm(staged, { recursive: true, force: true });
      throw error;
    }
    const former = formerName(dataDirectory, now);
    const old = await dataIn(dataDirectory);
    const order = { former, old, new: await readdir(staged) };
    writeFileSync(join(dataDirectory, NOTE), JSON.stringify(order), { mode: 0o600, flush: true });
    await flushPath(dataDirectory);
    try {
      changeNames(dataDirectory, order);
    } catch (error) {
      rollBack(dataDirectory, order);
      throw error;
    }
    finishRestore(dataDirectory);
    await flushPath(dataDirectory);
    return { dataDirectory, manifest, former: old.length === 0 ? null : join(dataDirectory, former) };
  } finally {
    unlock();
  }
}

/**
 * Ends what a restore that was killed has begun; does nothing when there is none. Call with the folder locked and before
 * anything in it is opened. Every step can be repeated: what has moved already is where it should be.
 */
export function finishRestore(dataDirectory: string): void {
  const path = join(dataDirectory, NOTE);
  if (existsSync(path)) {
    changeNames(dataDirectory, note.parse(JSON.parse(readFileSync(path, 'utf8'))));
    rmSync(path);
  }
  // Without a note it was killed while it copied: the data are as they were.
  rmSync(join(dataDirectory, STAGED), { recursive: true, force: true });
}

function changeNames(dataDirectory: string, order: z.infer<typeof note>): void {
  const at = (...names: string[]): string => join(dataDirectory, ...names);
  if (order.old.length > 0) mkdirSync(at(order.former), { recursive: true, mode: 0o700 });
  for (const name of order.old) {
    if (existsSync(at(name)) && !existsSync(at(order.former, name))) {
      renameSync(at(name), at(order.former, name));
    }
  }
  for (const name of order.new) if (existsSync(at(STAGED, name))) renameSync(at(STAGED, name), at(name));
}

/** A name could not be changed: back to the data that were there. */
function rollBack(dataDirectory: string, order: z.infer<typeof note>): void {
  const at = (...names: string[]): string => join(dataDirectory, ...names);
  for (const name of order.new) {
    const moved = existsSync(at(name)) && !existsSync(at(STAGED, name));
    // One that is still the old one has nothing under its name in the folder set aside.
    const isOld = order.old.includes(name) && !existsSync(at(order.former, name));
    if (moved && !isOld) renameSync(at(name), at(STAGED, name));
  }
  for (const name of order.old) {
    if (existsSync(at(order.former, name))) renameSync(at(order.former, name), at(name));
  }
  rmSync(at(NOTE));
  rmSync(at(STAGED), { recursive: true, force: true });
  rmSync(at(order.former), { recursive: true, force: true });
}

async function stage(path: string, staged: string, manifest: Manifest): Promise<void> {
  await rm(staged, { recursive: true, force: true });
  await mkdir(staged, { mode: 0o700 });
  for (const file of manifest.files) {
    const copied = await copyFile(join(path, file.path), join(staged, file.path)).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        throw new UnusableBackup(`${file.path} is missing in ${path}; nothing was changed`, { cause: error });
      }
      throw error;
    });
    if (copied.sha256 !== file.sha256) {
      throw new UnusableBackup(`${file.path} in ${path} is damaged; nothing was changed`);
    }
  }
  const { problems } = await inspectSnapshot(join(staged, 'magpie.db'));
  if (problems[0] !== undefined) throw new UnusableBackup(`${problems[0]}; nothing was changed`);
  await flushFolders(staged);
}

/** Not taken, also when somebody restores twice within a second. */
function formerName(dataDirectory: string, now: number): string {
  const name = `before-restore-${new Date(now).toISOString().replaceAll(/[-:]|\.\d+/gu, '')}`;
  for (let count = 2, free = name; ; count++) {
    if (!existsSync(join(dataDirectory, free))) return free;
    free = `${name}-${count}`;
  }
}

/** What a restore would put aside. */
async function dataIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => !NOT_DATA.has(name) && !FORMER.test(name));
}
