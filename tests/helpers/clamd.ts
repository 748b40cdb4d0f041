/** A scanner that speaks clamd's protocol, in this process or, on a socket of the file system, in one of its own. */
import { fork } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { endProcess } from './end-process.ts';

/** The harmless file that every scanner takes for a virus, in two halves so that none takes this one for it. */
export const EICAR = 'X5O!P%@AP[4\\PZX54(P^)7CC)7}$' + 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*';

/**
 * Reads `INSTREAM` as clamd does: pieces with their length before them, up to one of length 0.
 * @param limit `StreamMaxLength`, bytes
 */
export function clamd(limit: number, scanned: (content: Buffer) => void): Server {
  return createServer((socket) => {
    let buffer = Buffer.alloc(0);
    let content = Buffer.alloc(0);
    let greeted = false;
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      buffer = Buffer.concat([buffer, data]);
      if (!greeted) {
        const end = buffer.indexOf(0);
        if (end < 0) return;
        if (buffer.subarray(0, end).toString() !== 'zINSTREAM') return void socket.end('UNKNOWN COMMAND\0');
        greeted = true;
        buffer = buffer.subarray(end + 1);
      }
      while (buffer.length >= 4 && buffer.length >= 4 + buffer.readUInt32BE()) {
        const length = buffer.readUInt32BE();
        if (length === 0) {
          scanned(content);
          const isBad = content.includes(EICAR);
          return void socket.end(isBad ? 'stream: Win.Test.EICAR_HDB-1 FOUND\0' : 'stream: OK\0');
        }
        content = Buffer.concat([content, buffer.subarray(4, 4 + length)]);
        buffer = buffer.subarray(4 + length);
        if (content.length > limit) return void socket.end('INSTREAM size limit exceeded. ERROR\0');
      }
    });
  });
}

/** @param path of the socket, as `LocalSocket` of clamd names it */
export async function startClamd(path: string): Promise<{ stop(): Promise<void> }> {
  const child = fork(join(import.meta.dirname, 'clamd-program.ts'), [path], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the scanner ended with ${code}`)));
    child.once('message', () => resolve());
  });
  return { stop: () => endProcess(child) };
}
