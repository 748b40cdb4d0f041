import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { rm, utimes } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
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
  /** Makes an object as old as that: milliseconds since 1970. */
  date(key: string, time: number): Promise<void>;
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
    async date(key, time) {
      const seconds = time / 1000;
      await utimes(join(folder, BUCKET, `${key}._S3rver_object`), seconds, seconds);
    },
    async stop() {
      await endProcess(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface ObjectStorageFront {
  origin: string;
  /** What was asked for: method, names in the query, and `copy` for a copy within the storage. */
  calls: string[];
  /** Status for a call that is to be lost, by how often it came; null lets it through. */
  failing: (call: string, time: number) => number | null;
  stop(): void;
}

/** In front of a real one, to lose what a test wants lost. */
export async function objectStorageFront(storage: ObjectStorage): Promise<ObjectStorageFront> {
  const front = createServer((request, response) => {
    const url = new URL(request.url ?? '', storage.origin);
    const names = [...url.searchParams.keys()].filter((key) => key !== 'x-id').sort();
    const call = [
      request.method ?? '',
      names.join('+'),
      url.searchParams.get('partNumber') ?? '',
      'x-amz-copy-source' in request.headers ? 'copy' : '',
    ]
      .filter((part) => part !== '')
      .join(' ');
    state.calls.push(call);
    const status = state.failing(call, state.calls.filter((one) => one === call).length);
    if (status !== null) {
      request.resume();
      request.on('end', () => response.writeHead(status).end());
      return;
    }
    const on = httpRequest(url, { method: request.method ?? 'GET', headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    // The server behind may have ended: then there is no answer either.
    on.on('error', () => response.destroy());
    request.pipe(on);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const state: ObjectStorageFront = {
    origin: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    calls: [],
    failing: () => null,
    stop() {
      front.closeAllConnections();
      front.close();
    },
  };
  return state;
}
