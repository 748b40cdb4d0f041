/**
 * A backup of a data folder, of one moment, while its server goes on working: the database first, then the content that
 * this copy of it names. It grows under a name that nobody takes for a backup and gets its own when all of it is on the
 * disk. Content that the last backup has already is shared with it (a hard link), after its bytes were compared.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, posix, relative, resolve, sep } from 'node:path';
import type { StoragePlan } from '../config.ts';
import { loadSecret } from '../domain/tokens.ts';
import { LockTaken, lockFile } from '../storage/sqlite/data-lock.ts';
import { contentIn, inspectSnapshot } from '../storage/sqlite/snapshot.ts';
import type { BackupProblem } from '#protocol/model/office';
import { copyFile, fingerprint, flushFolders, flushPath } from './copy-file.ts';
import { contentOnDisk } from './expected-content.ts';
import { NOTHING_TO_SHARE, copyFolder, linkSound, type Shareable } from './copy-folder.ts';
import { instanceOf, readManifest, writeManifest } from './manifest.ts';
import type { BackedUpFile, Manifest } from './manifest.ts';
import { freeName, incompletePath, listBackups, removeIncomplete, removeOld } from './place.ts';
import type { ListedBackup } from './place.ts';

export interface BackupSource {
  dataDirectory: string;
  /** Where the content of files lies. */
  storage: StoragePlan;
  /** See {@link Storage.snapshot}. */
  snapshot(target: string): Promise<void>;
  /** Removes no content until the returned function is called. */
  holdContent(): () => void;
  now(): number;
}

export interface BackupOrder {
  place: string;
  /** Older backups of this data folder beyond so many are removed afterwards; 0 keeps all. */
  keep: number;
  signal?: AbortSignal;
  /** Files that are done, and all of them. */
  onProgress?(done: number, total: number): void;
}

/** `message` is one line for the operator. */
export class BackupFailed extends Error {
  override readonly name = 'BackupFailed';
  readonly problem: BackupProblem;

  constructor(problem: BackupProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }
}

export interface MadeBackup extends ListedBackup {
  manifest: Manifest;
}

/** Beside the database and the files of people; those that are there. */
const SMALL_FILES = ['token-secret'];
const FOLDERS = ['public', 'tls', 'dictionaries', 'updates'];

/** @throws {BackupFailed} and then nothing is left of it */
export async function makeBackup(source: BackupSource, order: BackupOrder): Promise<MadeBackup> {
  const { place } = order;
  if (isInside(place, source.dataDirectory)) {
    throw new BackupFailed(
      'place-unusable',
      `${place} lies in the data folder: choose a place outside of it`,
    );
  }
  const unlock = await openPlace(place);
  try {
    await removeIncomplete(place);
    return await intoPlace(source, order);
  } catch (error) {
    await removeIncomplete(place).catch(() => undefined);
    throw failureOf(error, place);
  } finally {
    unlock();
  }
}

async function intoPlace(source: BackupSource, order: BackupOrder): Promise<MadeBackup> {
  const { place, signal } = order;
  // Made now where no server has run on the folder yet: what is signed after a restore has to be the same.
  loadSecret(source.dataDirectory);
  const secret = await readFile(join(source.dataDirectory, 'token-secret'), 'utf8');
  const instance = instanceOf(secret);
  const former = (await listBackups(place)).find((one) => one.instance === instance);
  const madeAt = Math.floor(source.now() / 1000) * 1000;
  const name = freeName(place, instance, madeAt);
  const folder = incompletePath(place, name);
  await mkdir(folder, { mode: 0o700 });

  const release = source.holdContent();
  let manifest: Manifest;
  try {
    const database = join(folder, 'magpie.db');
    await source.snapshot(database);
    await flushPath(database);
    signal?.throwIfAborted();
    const { schema, problems } = await inspectSnapshot(database);
    if (problems[0] !== undefined) throw new BackupFailed('failed', problems[0]);
    const { files, missing } = await copyAll(source, order, folder, former);
    manifest = { format: 1, madeAt, instance, schema, storage: source.storage, files, missing };
  } finally {
    release();
  }
  await writeManifest(folder, manifest);
  await flushFolders(folder);
  signal?.throwIfAborted();
  const made: ListedBackup = { name, path: join(place, name), instance, madeAt };
  await rename(folder, made.path);
  await flushPath(place);
  if (order.keep > 0) await removeOld(place, made, order.keep);
  return { ...made, manifest };
}

async function copyAll(
  { dataDirectory, storage }: BackupSource,
  { signal, onProgress }: BackupOrder,
  folder: string,
  former: ListedBackup | undefined,
): Promise<Pick<Manifest, 'files' | 'missing'>> {
  const database = join(folder, 'magpie.db');
  const named = storage === 's3' ? [] : contentIn(database);
  const needed = new Set(contentOnDisk(database, storage));
  const files: BackedUpFile[] = [{ path: 'magpie.db', ...(await fingerprint(database, signal)) }];
  const missing: string[] = [];
  let total = named.length + 1;
  const told = (): void => onProgress?.(files.length + missing.length, total);
  told();
  const { shareable, lost } = await contentOf(former);
  for (const path of SMALL_FILES)
    files.push({ path, ...(await copyFile(join(dataDirectory, path), join(folder, path), signal)) });
  for (const name of FOLDERS)
    files.push(
      ...(await copyFolder({ root: dataDirectory, name, target: folder, former: shareable, signal })),
    );
  total = files.length + named.length;
  told();
  for (const sha256 of named) {
    signal?.throwIfAborted();
    const path = posix.join('files', 'content', sha256.slice(0, 2), sha256);
    const target = join(folder, path);
    const shared = shareable.sums.has(path) ? join(shareable.folder, path) : undefined;
    const bytes =
      (shared === undefined ? undefined : await linkSound(shared, target, sha256, signal)) ??
      (await copySound(join(dataDirectory, path), target, sha256, signal));
    // Before the server had a bucket, what lies there now lay here: that it was here shows where it should be.
    const wasHere = shared !== undefined || lost.has(sha256) || existsSync(join(dataDirectory, path));
    if (bytes !== undefined) files.push({ path, bytes, sha256 });
    else if (needed.has(sha256) || wasHere) missing.push(sha256);
    // It lies in the bucket, and is none of this backup's.
    else total -= 1;
    told();
  }
  return { files, missing };
}

async function contentOf(
  former: ListedBackup | undefined,
): Promise<{ shareable: Shareable; lost: ReadonlySet<string> }> {
  // One that was damaged since has nothing to share.
  const manifest = former && (await readManifest(former.path).catch(() => undefined));
  if (former === undefined || manifest === undefined) return { shareable: NOTHING_TO_SHARE, lost: new Set() };
  const sums = new Map(manifest.files.map(({ path, sha256 }) => [path, sha256]));
  return { shareable: { folder: former.path, sums }, lost: new Set(manifest.missing) };
}

/** Undefined when the data folder has lost it: one lost file must not keep all the others out of the backup. */
async function copySound(
  source: string,
  target: string,
  sha256: string,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  if (!existsSync(source)) return undefined;
  const copied = await copyFile(source, target, signal);
  if (copied.sha256 === sha256) return copied.bytes;
  await rm(target, { force: true });
  return undefined;
}

async function openPlace(place: string): Promise<() => void> {
  try {
    await mkdir(place, { recursive: true, mode: 0o700 });
    if (!(await stat(place)).isDirectory()) throw new Error('it is no folder');
    return lockFile(join(place, 'backup.lock'));
  } catch (error) {
    if (error instanceof LockTaken) {
      throw new BackupFailed('busy', `another backup to ${place} is running`, { cause: error });
    }
    throw failureOf(error, place, 'place-unusable');
  }
}

function isInside(place: string, folder: string): boolean {
  const way = relative(resolve(folder), resolve(place));
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && resolve(way) !== way);
}

function failureOf(error: unknown, place: string, otherwise: BackupProblem = 'failed'): BackupFailed {
  if (error instanceof BackupFailed) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const name = error instanceof Error ? error.name : '';
  if (name === 'AbortError')
    return new BackupFailed('cancelled', 'the backup was given up', { cause: error });
  if (code === 'ENOSPC' || code === 'EDQUOT' || code.startsWith('SQLITE_FULL')) {
    return new BackupFailed('disk-full', `there is no room left in ${place}`, { cause: error });
  }
  const problem = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR'].includes(code) ? 'place-unusable' : otherwise;
  const reason = error instanceof Error ? error.message : String(error);
  return new BackupFailed(problem, `cannot back up to ${place}: ${reason}`, { cause: error });
}
