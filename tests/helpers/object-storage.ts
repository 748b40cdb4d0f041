import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endProcess } from './end-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const BUCKET = 'magpie-files';
/** What it lets in. */
export const STORAGE_KEYS = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' } as const;

export interface ObjectStorage {
  origin: string;
  /** Keys of all objects. */
  keys(): string[];
  stop(): Promise<void>;
}

/** A real S3-compatible storage in a process of its own. */
export async function startObjectStorage(): Promise<ObjectStorage> {
  const folder = temporaryFolder('objects');
  const child = spawn(process.execPath, [join(import.meta.dirname, 'object-storage.mjs'), folder, BUCKET], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the storage ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, number] = /^port (\d+)$/u.exec(line) ?? [];
      if (number !== undefined) resolve(Number(number));
    });
  });
  return {
    origin: `http://127.0.0.1:${port}`,
    keys: () =>
      readdirSync(join(folder, BUCKET), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('._S3rver_object'))
        .map((name) => name.slice(0, -'._S3rver_object'.length).replaceAll('\\', '/')),
    async stop() {
      await endProcess(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
