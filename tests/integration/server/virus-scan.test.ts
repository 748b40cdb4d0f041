/** A scanner that speaks clamd's protocol decides what may be kept. */
import { randomUUID, createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { testServer } from './harness.ts';
import { storedFiles } from './stored-files.ts';

/** The harmless file that every scanner takes for a virus, in two halves so that none takes this one for it. */
const EICAR = 'X5O!P%@AP[4\\PZX54(P^)7CC)7}$' + 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*';

const running: Server[] = [];
afterEach(() => Promise.all(running.splice(0).map((one) => new Promise((resolve) => one.close(resolve)))));

/** Reads `INSTREAM` as clamd does: pieces with their length before them, up to one of length 0. */
async function scanner(limit = 1_000_000): Promise<{ address: string; scanned: Buffer[] }> {
  const scanned: Buffer[] = [];
  const server = createServer((socket) => {
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
          scanned.push(content);
          const isBad = content.includes(EICAR);
          return void socket.end(isBad ? 'stream: Win.Test.EICAR_HDB-1 FOUND\0' : 'stream: OK\0');
        }
        content = Buffer.concat([content, buffer.subarray(4, 4 + length)]);
        buffer = buffer.subarray(4 + length);
        if (content.length > limit) return void socket.end('INSTREAM size limit exceeded. ERROR\0');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.push(server);
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, scanned };
}

async function uploading(clamd: string) {
  const server = await testServer({ clamd });
  const anna = await server.client.register('anna01');
  const form = async (content: string | Buffer) => {
    const { status, body } = await server.client.call(
      'POST',
      '/api/chat/uploadStreamSingleToServerDiy/chatFiles',
      { token: anna.token, file: { field: 'file', name: 'a.txt', content: Buffer.from(content) } },
    );
    return { status, data: (body as { data: unknown }).data };
  };
  const pieces = async (content: string) => {
    const id = randomUUID();
    const sha256 = createHash('sha256').update(content).digest('hex');
    const json = { id, name: 'a.txt', size: content.length, sha256, folder: 'chatFiles' };
    await server.client.data('POST', '/api/chat/uploads', { token: anna.token, json });
    return server.client.call('PUT', `/api/chat/uploads/${id}?offset=0`, {
      token: anna.token,
      raw: Buffer.from(content),
    });
  };
  return { server, form, pieces };
}

test('what the scanner finds is refused by either way and leaves nothing; all else passes', async () => {
  const { address, scanned } = await scanner();
  const { server, form, pieces } = await uploading(address);
  expect(await form(EICAR)).toEqual({ status: 400, data: '文件含有病毒，无法上传' });
  expect((await pieces(EICAR)).status).toBe(400);
  expect(storedFiles(server)).toEqual([]);
  const large = Buffer.alloc(300_000, 'clean ');
  expect((await form(large)).status).toBe(200);
  expect(scanned.at(-1)?.equals(large), 'every byte was looked at').toBe(true);
  expect((await pieces('clean too')).status).toBe(200);
});

test('without an answer nothing is let in unseen', async () => {
  const { address } = await scanner(1_000);
  const { server, form } = await uploading(address);
  expect(await form('x'.repeat(200_000))).toEqual({ status: 413, data: '文件过大，无法检查病毒' });
  const gone = await uploading('127.0.0.1:1');
  expect(await gone.form('x')).toEqual({ status: 503, data: '暂时无法检查文件，请稍后再试' });
  expect([...storedFiles(server), ...storedFiles(gone.server)]).toEqual([]);
});
