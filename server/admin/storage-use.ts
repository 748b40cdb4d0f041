/** How much room the data folder takes. */
import { existsSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Administration } from '../domain/administration.ts';

/** Bytes of the database with its log, of people's files, and what is free on the disk. */
export async function storageUse(
  directory: string,
  administration: Pick<Administration, 'fileBytes'>,
): Promise<{ database: number; files: number; free: number }> {
  let database = 0;
  for (const suffix of ['', '-wal', '-shm']) {
    const path = join(directory, `magpie.db${suffix}`);
    if (existsSync(path)) database += statSync(path).size;
  }
  const { bavail, bsize } = await statfs(directory);
  return { database, files: await administration.fileBytes(), free: bavail * bsize };
}
