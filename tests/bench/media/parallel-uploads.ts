/** A hundred uploads at once: our server against one that does nothing but write what comes to the disk. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endProcess } from '../../helpers/end-process.ts';
import { PlainClient, type PlainAccount } from '../../helpers/plain-egg-im/plain-client.ts';
import { ServerProcess } from '../../helpers/server-process.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const PARALLEL = 100;
const ACCOUNTS = 10;

export interface UploadRun {
  /** Milliseconds for all of them. */
  took: number;
  /** Growth of the resident memory of the server over what it was before, at most; MiB. */
  grown: number;
}

/** Bytes that differ from one upload to the next, so that nothing is stored once for all. */
function contents(size: number): Buffer[] {
  const common = randomBytes(size);
  return Array.from({ length: PARALLEL }, (_, index) => {
    const own = Buffer.from(common);
    own.writeUInt32LE(index, 0);
    return own;
  });
}

/** Put by the plainest client there is, so that what is measured is the server. */
function put(url: string, headers: Record<string, string>, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      { method: 'PUT', agent: false, headers: { ...headers, 'content-length': body.length } },
      (answer) => {
        answer.resume();
        answer.on('end', () =>
          answer.statusCode === 200 ? resolve() : reject(new Error(`answered ${answer.statusCode}`)),
        );
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

/** Resident memory of a process, MiB. */
function residentMemory(processId: number): number {
  const status = readFileSync(`/proc/${processId}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/u.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** What some work costs another process. */
export async function watched(processId: number, work: () => Promise<unknown>): Promise<UploadRun> {
  const before = residentMemory(processId);
  let peak = before;
  const timer = setInterval(() => (peak = Math.max(peak, residentMemory(processId))), 20);
  const begun = performance.now();
  try {
    await work();
    return { took: performance.now() - begun, grown: peak - before };
  } finally {
    clearInterval(timer);
  }
}

/** @param size bytes of each upload */
export async function uploadsToOurs(size: number): Promise<UploadRun> {
  const server = await ServerProcess.start([
    ...['--uploads-per-account', '100', '--quota-mib', '0', '--requests-per-second', '0'],
    ...['--registrations-per-minute', '0', '--log-level', 'error'],
  ]);
  try {
    const client = new PlainClient(server.origin);
    const accounts: PlainAccount[] = [];
    for (let index = 0; index < ACCOUNTS; index += 1)
      accounts.push(await client.register(`uploader${index}`));
    const orders = contents(size).map((content, index) => ({
      content,
      id: randomUUID(),
      sha256: createHash('sha256').update(content).digest('hex'),
      token: accounts[index % ACCOUNTS]?.token ?? '',
    }));
    return await watched(server.processId, () =>
      Promise.all(
        orders.map(async ({ id, content, sha256, token }) => {
          const json = { id, name: 'a.bin', size, sha256, folder: 'chatFiles' };
          await client.data('POST', '/api/chat/uploads', { token, json });
          await put(`${server.origin}/api/chat/uploads/${id}?offset=0`, { token }, content);
        }),
      ),
    );
  } finally {
    await server.dispose();
  }
}

/** @param size bytes of each upload */
export async function uploadsToBareLoop(size: number): Promise<UploadRun> {
  const folder = temporaryFolder('bare');
  const child: ChildProcess = spawn(
    process.execPath,
    [join(import.meta.dirname, 'bare-upload.mjs'), folder],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  try {
    const port = await new Promise<string>((resolve) => {
      if (child.stdout !== null) createInterface({ input: child.stdout }).once('line', resolve);
    });
    const all = contents(size);
    return await watched(child.pid ?? 0, () =>
      Promise.all(all.map((content, index) => put(`http://127.0.0.1:${port}/${index}`, {}, content))),
    );
  } finally {
    await endProcess(child);
    await rm(folder, { recursive: true, force: true });
  }
}
