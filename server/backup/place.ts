/** The folder that backups go to: one folder per backup, named by data folder and time. */
import { existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MANIFEST, UnusableBackup } from './manifest.ts';

const NAME = /^magpie-([0-9a-f]{8})-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?:-\d+)?$/u;
const INCOMPLETE = '.incomplete-';

/** A complete backup in a place, as its name tells. */
export interface ListedBackup {
  name: string;
  path: string;
  instance: string;
  /** Milliseconds since 1970, whole seconds. */
  madeAt: number;
}

/** All complete backups, newest first. A place that is not there has none. */
export async function listBackups(place: string): Promise<ListedBackup[]> {
  const names = await readdir(place).catch(() => []);
  const found = names.flatMap((name): ListedBackup[] => {
    const [, instance = '', ...time] = NAME.exec(name) ?? [];
    const path = join(place, name);
    if (instance === '' || !existsSync(join(path, MANIFEST))) return [];
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = time.map(Number);
    const madeAt = Date.UTC(year, month - 1, day, hour, minute, second);
    return [{ name, path, instance, madeAt }];
  });
  return found.sort((one, other) => other.madeAt - one.madeAt || (one.name < other.name ? 1 : -1));
}

/**
 * The backup that a person means: the folder itself, or the newest of the place that it is.
 * @throws {UnusableBackup} when it is neither
 */
export async function chooseBackup(folder: string): Promise<string> {
  if (existsSync(join(folder, MANIFEST))) return folder;
  const [newest, ...older] = await listBackups(folder);
  if (newest === undefined) throw new UnusableBackup(`there is no backup in ${folder}`);
  if (older.some(({ instance }) => instance !== newest.instance)) {
    throw new UnusableBackup(`${folder} holds backups of several servers: name one of the folders in it`);
  }
  return newest.path;
}

/** A name that is not taken. */
export function freeName(place: string, instance: string, madeAt: number): string {
  const stamp = new Date(madeAt).toISOString().replaceAll(/[-:]|\.\d+/gu, '');
  const name = `magpie-${instance}-${stamp}`;
  for (let count = 2, free = name; ; count++) {
    if (!existsSync(join(place, free))) return free;
    free = `${name}-${count}`;
  }
}

export function incompletePath(place: string, name: string): string {
  return join(place, `${INCOMPLETE}${name}`);
}

/** What killed runs left. Call with the place locked. */
export async function removeIncomplete(place: string): Promise<void> {
  for (const name of await readdir(place)) {
    if (name.startsWith(INCOMPLETE)) await rm(join(place, name), { recursive: true, force: true });
  }
}

/** Keeps the `keep` newest of one data folder, and `made` whatever the clock said. Call with the place locked. */
export async function removeOld(place: string, made: ListedBackup, keep: number): Promise<void> {
  const mine = (await listBackups(place)).filter(({ instance }) => instance === made.instance);
  const others = mine.filter(({ name }) => name !== made.name);
  for (const { name, path } of others.slice(Math.max(0, keep - 1))) {
    // Under another name first: one that is half gone must not look like a backup.
    const going = incompletePath(place, name);
    await rename(path, going);
    await rm(going, { recursive: true, force: true });
  }
}
