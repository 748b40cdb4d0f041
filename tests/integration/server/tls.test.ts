/** HTTPS and WSS of the server: with a certificate of its own, and with one from an authority. */
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { runAdminCall } from '../../../server/admin/command-line.ts';
import { pinnedCall, pinnedSocket, shownFingerprint } from '../../helpers/pinned-tls.ts';
import { run } from './backups.ts';
import { temporaryDirectory, testServer } from './harness.ts';

const credentials = { username: 'anna01', password: 'secret12' };

test('a certificate of its own: kept over restarts, private, long-lived, and the only one that the server shows', async () => {
  const first = await testServer({ tls: 'self' });
  const fingerprint = first.fingerprint ?? '';
  expect(first.origin).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/u);
  expect(fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/u);
  expect(await shownFingerprint(first.origin)).toBe(fingerprint);

  const made = await pinnedCall(first.origin, fingerprint, '/api/regChat', { json: credentials });
  const { token, id } = made.body.data as { token: string; id: number };
  const { socket, frames } = await pinnedSocket(first.origin, token);
  await expect.poll(() => frames.length).toBeGreaterThan(0);
  await expect(pinnedCall(first.origin, fingerprint.replace(/^../u, '00'), '/api/x')).rejects.toThrow(
    'another',
  );
  // The same without encryption goes nowhere.
  const plain = await new Promise((resolve) => {
    const asked = request(first.origin.replace('https', 'http'), { agent: false }, () =>
      resolve('an answer'),
    );
    asked.once('error', () => resolve('nothing'));
    asked.end();
  });
  expect(plain).toBe('nothing');
  socket.close();
  await first.stop();

  const file = join(first.directory, 'tls', 'own-certificate.pem');
  if (process.platform !== 'win32') expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
  const certificate = new X509Certificate(readFileSync(file));
  expect(Date.parse(certificate.validTo) - Date.now()).toBeGreaterThan(20 * 365 * 24 * 60 * 60_000);

  const second = await testServer({ tls: 'self', dataDirectory: first.directory });
  expect(second.fingerprint).toBe(fingerprint);
  const again = await pinnedCall(second.origin, fingerprint, '/api/loginChat', { json: credentials });
  expect((again.body.data as { id: number }).id).toBe(id);
  // The command line reaches it, too, and looks whom it talks to.
  const call = { dataDirectory: first.directory, name: 'status', fields: {} };
  expect(await runAdminCall(call)).toMatchObject({ ok: true, result: { account: 1 } });
  const control = join(first.directory, 'admin-control.json');
  const content = JSON.parse(readFileSync(control, 'utf8')) as { fingerprint: string };
  writeFileSync(control, JSON.stringify({ ...content, fingerprint: fingerprint.replace(/^../u, '00') }));
  await expect(runAdminCall(call)).rejects.toThrow('another server listens');
});

test('certificate files: used, and a renewed one is taken without a restart or a lost connection', async () => {
  const [old, fresh] = await Promise.all([testServer({ tls: 'self' }), testServer({ tls: 'self' })]);
  const pem = (directory: string) => join(directory, 'tls', 'own-certificate.pem');
  const file = join(temporaryDirectory(), 'server.pem');
  copyFileSync(pem(old.directory), file);
  const server = await testServer({ tlsCert: file, tlsKey: file });
  expect(await shownFingerprint(server.origin)).toBe(old.fingerprint);
  const made = await pinnedCall(server.origin, old.fingerprint ?? '', '/api/regChat', { json: credentials });
  const { socket } = await pinnedSocket(server.origin, (made.body.data as { token: string }).token);
  copyFileSync(pem(fresh.directory), file);
  await server.renewIdentity();
  expect(await shownFingerprint(server.origin)).toBe(fresh.fingerprint);
  expect(server.readFingerprint()).toBe(fresh.fingerprint);
  expect(socket.readyState).toBe(socket.OPEN);
  // One that cannot be used changes nothing.
  writeFileSync(file, 'no certificate');
  await expect(server.renewIdentity()).rejects.toThrow('cannot be used as the certificate');
  expect(await shownFingerprint(server.origin)).toBe(fresh.fingerprint);
});

test.each([
  [['--tls-cert', '/none.pem'], '--tls-cert and --tls-key need each other'],
  [['--tls-cert', '/none.pem', '--tls-key', '/none.pem'], '/none.pem cannot be read'],
  [['--tls', 'self', '--tls-cert', '/none.pem', '--tls-key', '/none.pem'], 'exclude each other'],
])('%j ends the start with one line', async (flags, text) => {
  const outcome = await run(['--port', '0', '--data', temporaryDirectory(), ...flags]);
  expect(outcome).toMatchObject({ code: 2, output: '' });
  expect(outcome.errors).toMatch(new RegExp(`^magpie-server: .*${text}.*\n$`, 'u'));
});
