/** Dictionaries come by the app's own way out: through its proxy, from a server whose certificate the person trusts. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDictionaries } from '../../../electron/main/app/dictionaries.ts';
import { problemIn } from '../../../electron/main/network/problems.ts';
import { DEFAULT_PROXY } from '../../../protocol/model/network.ts';
import { makeCertificate } from '../../helpers/certificates.ts';
import { startProxy } from '../../helpers/proxy-process.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { testNetwork } from '../../helpers/test-network.ts';
import { startTlsFront } from '../../helpers/tls-front.ts';
import { dataFolder, portOf, server } from './people.ts';

const FILE = 'en-US-10-1.bdic';
const SAMPLE = join(import.meta.dirname, '../../fixtures/dictionaries', FILE);

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});
beforeEach(async () => {
  await mkdir(join(dataFolder(), 'dictionaries'), { recursive: true });
  await copyFile(SAMPLE, join(dataFolder(), 'dictionaries', FILE));
});

const sum = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

function keeper(network = testNetwork()) {
  const folder = temporaryFolder('words');
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, network, dictionaries: createDictionaries(folder, network) };
}

test.each(['http', 'socks5'] as const)(
  'behind a %s proxy with a password that alone knows the server',
  async (kind) => {
    const login = { username: 'ann', password: 'open sesame' };
    const proxy = await startProxy({ kind, login });
    cleanups.push(() => proxy.stop());
    const network = testNetwork();
    network.setProxy({ ...DEFAULT_PROXY, mode: 'manual', kind, host: '127.0.0.1', port: proxy.port }, login);
    const { folder, dictionaries } = keeper(network);
    const origin = `http://chat.magpie.test:${portOf()}`;
    expect(await dictionaries.offered(origin)).toEqual(['en-US']);
    expect(await dictionaries.bring(origin, 'en-US')).toBe('here');
    expect(sum(join(folder, FILE))).toBe(sum(SAMPLE));
    expect(await dictionaries.here()).toEqual(['en-US']);
    await expect.poll(() => proxy.seen.tunnels).toBeGreaterThan(0);
  },
);

test('from a server with a certificate of its own: not before it is trusted, and no more when it is taken back', async () => {
  const certificate = await makeCertificate({ name: 'chat.office' });
  const front = await startTlsFront(certificate, portOf);
  cleanups.push(() => front.stop());
  const origin = `https://127.0.0.1:${front.port}`;
  const { folder, network, dictionaries } = keeper();
  expect(await dictionaries.bring(origin, 'en-US')).toBe('unreachable');
  expect(front.seen.bytes).toBe(0);

  const doubt: unknown = await network.dialer.dial(origin).catch((thrown: unknown) => thrown);
  expect(problemIn(doubt)?.kind).toBe('certificate-unknown');
  network.trust(origin, certificate.fingerprint);
  expect(await dictionaries.bring(origin, 'en-US')).toBe('here');
  expect(sum(join(folder, FILE))).toBe(sum(SAMPLE));

  network.revoke(origin);
  const asked = front.seen.bytes;
  expect(await dictionaries.offered(origin)).toEqual([]);
  expect(front.seen.bytes).toBe(asked);
});

test('a file that is no dictionary, a language that nobody has, and a server that is gone', async () => {
  const { folder, dictionaries } = keeper();
  const { origin } = server;
  for (const content of ['<!doctype html>', 'BD', '']) {
    writeFileSync(join(dataFolder(), 'dictionaries', FILE), content);
    expect(await dictionaries.bring(origin, 'en-US'), content).toBe('missing');
  }
  expect(await dictionaries.bring(origin, 'de-DE')).toBe('missing');
  expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
  expect(await dictionaries.bring('http://127.0.0.1:9', 'en-US')).toBe('unreachable');
  expect(await dictionaries.offered('http://127.0.0.1:9')).toEqual([]);
});

test('what is here is not fetched again; another version of it is', async () => {
  const { folder, dictionaries } = keeper();
  const { origin } = server;
  expect(await dictionaries.bring(origin, 'en-US')).toBe('here');
  expect(await dictionaries.bring(origin, 'en-US')).toBe('missing');
  await copyFile(SAMPLE, join(dataFolder(), 'dictionaries', 'en-US-11-0.bdic'));
  expect(
    await Promise.all([dictionaries.bring(origin, 'en-US'), dictionaries.bring(origin, 'en-US')]),
  ).toEqual(['here', 'here']);
  expect(readdirSync(folder).sort()).toEqual([FILE, 'en-US-11-0.bdic']);
});
