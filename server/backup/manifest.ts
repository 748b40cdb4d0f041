/** What a backup says about itself: `manifest.json`, written last, so a backup that has one is complete. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { z } from 'zod';
import { STORAGE_PLANS } from '../config.ts';

export const MANIFEST = 'manifest.json';

/** A path below the backup, in it and nowhere else. */
const path = z
  .string()
  .min(1)
  .refine((text) => posix.normalize(text) === text && !text.startsWith('../') && !posix.isAbsolute(text))
  .refine((text) => text !== '..' && text !== MANIFEST && !/[\\:\0]/u.test(text));

const sha256 = z.string().regex(/^[0-9a-f]{64}$/u);

const file = z.object({ path, bytes: z.number().int().nonnegative(), sha256 });
export type BackedUpFile = z.infer<typeof file>;

const content = z.object({
  format: z.literal(1),
  /** Milliseconds since 1970. */
  madeAt: z.number().int(),
  /** The same for all backups of one data folder; see {@link instanceOf}. */
  instance: z.string().regex(/^[0-9a-f]{8}$/u),
  /** Number of the database's schema. */
  schema: z.number().int().positive(),
  /** `s3`: the content of files lies in a bucket and is not here; `both`: that of some does. */
  storage: z.enum(STORAGE_PLANS),
  files: z.array(file),
  /** Content that the database names and that was damaged or gone when the backup was made. */
  missing: z.array(sha256),
});
export type Manifest = z.infer<typeof content>;

const sealed = z.object({ content: z.unknown(), checksum: sha256 });

/** A backup that cannot be used; `message` is one line for the operator. */
export class UnusableBackup extends Error {
  override readonly name = 'UnusableBackup';
}

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const text = JSON.stringify({ content: manifest, checksum: checksum(manifest) }, null, 1);
  await writeFile(join(folder, MANIFEST), text, { flag: 'wx', mode: 0o600, flush: true });
}

/** @throws {UnusableBackup} when there is none, or it is not as it was written */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch((error: unknown) => {
    throw new UnusableBackup(`${folder} is no complete backup: it has no ${MANIFEST}`, { cause: error });
  });
  const outer = sealed.safeParse(parsed(text));
  const inner = content.safeParse(outer.data?.content);
  if (outer.data === undefined || !inner.success || checksum(outer.data.content) !== outer.data.checksum) {
    throw new UnusableBackup(`${MANIFEST} of ${folder} is damaged, or of a newer version`);
  }
  return inner.data;
}

/** Names the data folder by its secret without telling it: restored elsewhere it is still the same server. */
export function instanceOf(tokenSecret: string): string {
  return createHash('sha256').update(`magpie backup ${tokenSecret.trim()}`).digest('hex').slice(0, 8);
}

function checksum(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
