/** Is a backup as it was made? Every byte of it is read. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inspectSnapshot } from '../storage/sqlite/snapshot.ts';
import { contentOnDisk } from './expected-content.ts';
import { fingerprint } from './copy-file.ts';
import { MANIFEST, UnusableBackup, readManifest } from './manifest.ts';

export interface Verification {
  path: string;
  /** Nothing in `problems`. */
  sound: boolean;
  /** Milliseconds since 1970; null when the manifest cannot be read. */
  madeAt: number | null;
  schema: number;
  files: number;
  bytes: number;
  /** Content that was lost in the data folder already when the backup was made. */
  missing: number;
  /** One line each, for the operator. */
  problems: string[];
}

export async function verifyBackup(path: string): Promise<Verification> {
  const result = { path, madeAt: null, schema: 0, files: 0, bytes: 0, missing: 0 };
  const manifest = await readManifest(path).catch((error: unknown) => {
    if (error instanceof UnusableBackup) return error;
    throw error;
  });
  if (manifest instanceof UnusableBackup) return { ...result, sound: false, problems: [manifest.message] };

  const problems: string[] = [];
  for (const file of manifest.files) {
    const found = await fingerprint(join(path, file.path)).catch(() => undefined);
    if (found === undefined) problems.push(`${file.path} is missing or cannot be read`);
    else if (found.sha256 !== file.sha256 || found.bytes !== file.bytes) {
      problems.push(`${file.path} is not what it was: its bytes have changed`);
    }
  }
  const expected = new Set([MANIFEST, ...manifest.files.map((file) => file.path)]);
  for (const name of await allFiles(path)) {
    if (!expected.has(name)) problems.push(`${name} does not belong to the backup`);
  }
  const { schema, problems: found } = await inspectSnapshot(join(path, 'magpie.db'));
  problems.push(...found);
  if (schema !== manifest.schema) {
    problems.push(`the database has schema ${schema}, the manifest says ${manifest.schema}`);
  }
  if (found.length === 0) {
    const lost = new Set(manifest.missing);
    for (const sha256 of contentOnDisk(join(path, 'magpie.db'), manifest.storage)) {
      const known = expected.has(`files/content/${sha256.slice(0, 2)}/${sha256}`) || lost.has(sha256);
      if (!known) problems.push(`the database names content ${sha256} that is not in the backup`);
    }
  }
  return {
    path,
    sound: problems.length === 0,
    madeAt: manifest.madeAt,
    schema,
    files: manifest.files.length,
    bytes: manifest.files.reduce((sum, { bytes }) => sum + bytes, 0),
    missing: manifest.missing.length,
    problems,
  };
}

/** Paths below the folder, with slashes. */
async function allFiles(folder: string, below = ''): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await allFiles(folder, path)));
    else found.push(path);
  }
  return found;
}
