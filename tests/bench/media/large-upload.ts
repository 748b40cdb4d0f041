/** What a very large file costs the app that sends it. */
import { spawn } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { endProcess } from '../../helpers/end-process.ts';
import { PlainClient } from '../../helpers/plain-egg-im/plain-client.ts';
import { ServerProcess } from '../../helpers/server-process.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { watched, type UploadRun } from './parallel-uploads.ts';
import type { UploaderOrder } from './uploader.ts';

/** @param size bytes of the file, which has no content of its own */
export async function largeUpload(size: number): Promise<UploadRun> {
  const folder = temporaryFolder('large');
  const server = await ServerProcess.start(['--quota-mib', '0', '--log-level', 'error']);
  try {
    const path = join(folder, 'large.bin');
    const file = await open(path, 'w');
    await file.truncate(size);
    await file.close();
    const { id: accountId, token } = await new PlainClient(server.origin).register('large_bench');
    const order: UploaderOrder = { origin: server.origin, accountId, token, folder, path };
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', join(import.meta.dirname, 'uploader.ts'), JSON.stringify(order)],
      { cwd: resolve(import.meta.dirname, '../../..'), stdio: ['pipe', 'pipe', 'inherit'] },
    );
    try {
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const hear = async (word: string) => {
        const { value } = (await lines.next()) as { value?: string };
        if (value !== word) throw new Error(`the uploader ended before it was ${word}`);
      };
      await hear('ready');
      return await watched(child.pid ?? 0, async () => {
        child.stdin.write('go\n');
        await hear('done');
      });
    } finally {
      await endProcess(child);
    }
  } finally {
    await server.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}
