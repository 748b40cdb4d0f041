/** A scanner that speaks clamd's protocol decides what may be kept. */
import { randomUUID, createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { clamd, EICAR, startClamd } from '../../helpers/clamd.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { query, testServer } from './harness.ts';
import { storedFiles } from './stored-files.ts';

const running: Server[] = [];
const closeScanners = () =>
  Promise.all(running.splice(0).map((one) => new Promise((resolve) => one.close(resolve))));
afterEach(closeScanners);

async function scanner(
  limit = 1_000_000,
  scanned: Buffer[] = [],
  port = 0,
): Promise<{ address: string; scanned: Buffer[] }> {
  const server = clamd(limit, (content) => scanned.push(content));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
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
  const begin = (content: string, id: string) => {
    const sha256 = createHash('sha256').update(content).digest('hex');
    const json = { id, name: 'a.txt', size: content.length, sha256, folder: 'chatFiles' };
    return server.client.call('POST', '/api/chat/uploads', { token: anna.token, json });
  };
  const pieces = async (content: string) => {
    const id = randomUUID();
    expect((await begin(content, id)).body).toEqual({ msg: 'ok', data: { offset: 0, url: null } });
    const raw = Buffer.from(content);
    const { status } = await server.client.call('PUT', `/api/chat/uploads/${id}?offset=0`, {
      token: anna.token,
      raw,
    });
    return { status, id };
  };
  return { server, form, pieces, begin };
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

test('a scanner that is away costs no upload: nothing is sent twice when it is back', async () => {
  const { address, scanned } = await scanner();
  await closeScanners();
  const { server, pieces, begin } = await uploading(address);
  const content = 'x'.repeat(300_000);
  const { status, id } = await pieces(content);
  expect(status).toBe(503);
  expect((await begin(content, id)).status, 'still away').toBe(503);
  expect(storedFiles(server)).toHaveLength(1);
  await scanner(1_000_000, scanned, Number(address.split(':')[1]));
  expect(await begin(content, id)).toMatchObject({
    status: 200,
    body: { data: { offset: content.length, url: expect.stringMatching(/^\/public\//) as string } },
  });
  expect(scanned.map(String)).toEqual([content]);
  expect(storedFiles(server)).toHaveLength(1);
  expect(query(server.directory, 'SELECT count(*) AS count FROM upload')).toEqual([{ count: 0 }]);
});

// Windows has no such sockets.
test.skipIf(process.platform === 'win32')(
  'a scanner of its own process on a socket of the file system',
  async () => {
    const folder = temporaryFolder('clamd');
    const socket = join(folder, 'clamd.ctl');
    const process = await startClamd(socket);
    try {
      const { server, form, pieces } = await uploading(socket);
      expect((await form('clean')).status).toBe(200);
      expect((await pieces('x'.repeat(500_000))).status).toBe(200);
      const before = storedFiles(server);
      expect(await form(`before ${EICAR} behind`)).toEqual({ status: 400, data: '文件含有病毒，无法上传' });
      expect((await pieces(EICAR)).status).toBe(400);
      expect((await form('x'.repeat(1_000_001))).status).toBe(413);
      await process.stop();
      expect((await form('clean')).status, 'it went').toBe(503);
      expect(storedFiles(server)).toEqual(before);
    } finally {
      await process.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
);
