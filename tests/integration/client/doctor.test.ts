/** Every step of the connection doctor fails once, at a server or proxy that is really broken in that way. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { mkdirSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { createConnectionDoctor } from '../../../electron/main/app/connection-doctor.ts';
import type { OpenNetwork } from '../../../electron/main/network/open-network.ts';
import { settingsOver } from '../../../electron/main/settings/settings.ts';
import { systemClock } from '../../../electron/main/support/clock.ts';
import { MagpieError } from '../../../protocol/errors.ts';
import { DOCTOR_STEPS, type DoctorReport, type DoctorResult } from '../../../protocol/model/doctor.ts';
import { DEFAULT_PROXY } from '../../../protocol/model/network.ts';
import type { SessionState, StorageState } from '../../../protocol/model/session.ts';
import { makeCertificate } from '../../helpers/certificates.ts';
import { startProxy } from '../../helpers/proxy-process.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { testNetwork } from '../../helpers/test-network.ts';
import { startTlsFront } from '../../helpers/tls-front.ts';
import { credentials, online, person, portOf, register, server, type Person } from './people.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const nobody: SessionState = { phase: 'welcome' };

interface Patient {
  network?: OpenNetwork;
  who?: Person;
  storage?: StorageState;
  /** Milliseconds by which the clock of this computer is off. */
  off?: number;
}

async function examine(origin: string, { network = testNetwork(), who, storage, off = 0 }: Patient = {}) {
  const told: DoctorResult[] = [];
  const userData = temporaryFolder('doctor');
  mkdirSync(userData, { recursive: true });
  const doctor = createConnectionDoctor({
    network,
    userData,
    clock: { ...systemClock, now: () => Date.now() + off },
    session: {
      state:
        storage === undefined
          ? (who?.session.state ?? nobody)
          : ({ phase: 'signed-in', server: { origin: '' } } as never),
      get connection() {
        return who?.session.connection ?? { state: 'offline', reason: 'signed-out', retryAt: null };
      },
      runtime: async () =>
        storage === undefined ? (who as Person).session.runtime() : ({ storage } as never),
    },
  });
  const report = await doctor.examine(origin, (result) => told.push(result));
  // What was told on the way is what stands in the report.
  for (const result of report.results)
    expect(told.filter(({ step }) => step === result.step).at(-1)).toEqual(result);
  expect(report.results.map(({ step }) => step)).toEqual(DOCTOR_STEPS);
  return report;
}

const findings = ({ results }: DoctorReport) =>
  Object.fromEntries(results.map(({ step, finding, state }) => [step, finding ?? state]));
const failures = ({ results }: DoctorReport) =>
  results.filter(({ state }) => state === 'failed').map(({ finding }) => finding);

async function listening(broken: Server | net.Server): Promise<string> {
  const open = new Set<Socket>();
  broken.on('connection', (socket: Socket) => open.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    for (const socket of open) socket.destroy();
    return new Promise((resolve) => broken.close(resolve));
  });
  return `http://127.0.0.1:${(broken.address() as AddressInfo).port}`;
}

test('all is well: before and after signing in', async () => {
  expect(findings(await examine(server.origin))).toEqual({
    ...{ disk: 'disk-ok', proxy: 'proxy-none', name: 'name-number', line: 'line-ok' },
    ...{ encryption: 'encryption-none', server: 'server-ok', clock: 'clock-ok' },
    ...{ 'sign-in': 'sign-in-nobody', socket: 'socket-open' },
  });
  const ann = await register('ann01');
  expect(findings(await examine(server.origin, { who: ann }))).toMatchObject({
    ...{ 'sign-in': 'sign-in-ok', socket: 'socket-online' },
  });
  expect(ann.session.connection.state).toBe('online');
});

test('disk: full, read-only, out of reach', async () => {
  for (const [storage, finding] of [
    ['full', 'disk-full'],
    ['read-only', 'disk-read-only'],
    ['unavailable', 'disk-unavailable'],
  ] as const)
    expect(failures(await examine(server.origin, { storage }))).toEqual([finding]);
});

test('proxy: gone, asking for a password, forbidding; and one that works', async () => {
  const remote = `http://chat.magpie.test:${portOf()}`;
  const behind = (port: number) => {
    const network = testNetwork();
    network.setProxy({ ...DEFAULT_PROXY, mode: 'manual', host: '127.0.0.1', port });
    return { network };
  };
  const silent = net.createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port: gone } = silent.address() as AddressInfo;
  await new Promise((resolve) => silent.close(resolve));
  expect(failures(await examine(remote, behind(gone)))).toEqual(['proxy-unreachable']);

  const locked = await startProxy({ kind: 'http', login: { username: 'a', password: 'b' } });
  cleanups.push(() => locked.stop());
  expect(failures(await examine(remote, behind(locked.port)))).toEqual(['proxy-sign-in']);

  const answering = (head: string) =>
    listening(
      net.createServer((socket) => {
        socket.once('data', () => socket.end(`HTTP/1.1 ${head}\r\ncontent-length: 0\r\n\r\n`));
      }),
    );
  const windows = await answering('407 Who\r\nproxy-authenticate: NTLM\r\nproxy-authenticate: Negotiate');
  const { results } = await examine(remote, behind(Number(new URL(windows).port)));
  expect(results.find(({ state }) => state === 'failed')).toMatchObject({
    ...{ step: 'proxy', finding: 'proxy-scheme' },
    values: { schemes: 'NTLM, Negotiate' },
  });
  const both = await answering('407 Who\r\nproxy-authenticate: NTLM\r\nproxy-authenticate: basic realm="x"');
  expect(failures(await examine(remote, behind(Number(new URL(both).port))))).toEqual(['proxy-sign-in']);

  const forbidding = await answering('403 Forbidden');
  expect(failures(await examine(remote, behind(Number(new URL(forbidding).port))))).toEqual([
    'proxy-refused',
  ]);

  const proxy = await startProxy({ kind: 'http' });
  cleanups.push(() => proxy.stop());
  expect(findings(await examine(remote, behind(proxy.port)))).toMatchObject({
    ...{ proxy: 'proxy-used', name: 'name-by-proxy', line: 'line-ok', server: 'server-ok' },
  });
});

test('a server that admits nobody without a certificate of their own', async () => {
  const front = await startTlsFront(await makeCertificate(), portOf, { wantsCertificates: true });
  cleanups.push(() => front.stop());
  const origin = `https://127.0.0.1:${front.port}`;
  const network = testNetwork();
  const { results } = await examine(origin, { network });
  const { values } = results.find(({ finding }) => finding === 'certificate-unknown') as DoctorResult;
  network.trust(origin, String(values['fingerprint']));
  const report = await examine(origin, { network });
  expect(failures(report)).toEqual(['client-certificate']);
  expect(front.seen.bytes).toBe(0);
});

test('name: nobody knows it', async () => {
  const unknown: net.LookupFunction = (_host, _options, done) =>
    done(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }), '', 4);
  const report = await examine('http://chat.example', { network: testNetwork({ lookup: unknown }) });
  expect(findings(report)).toMatchObject({ proxy: 'proxy-none', name: 'name-unknown', line: 'skipped' });
  const known: net.LookupFunction = (_host, { all }, done) =>
    all === true
      ? (done as (error: null, found: { address: string; family: number }[]) => void)(null, [
          { address: '127.0.0.1', family: 4 },
        ])
      : done(null, '127.0.0.1', 4);
  expect(
    findings(await examine(`http://chat.example:${portOf()}`, { network: testNetwork({ lookup: known }) })),
  ).toMatchObject({ name: 'name-known', line: 'line-ok', server: 'server-ok' });
});

test('line: nothing listens', async () => {
  const origin = server.origin;
  await server.stop();
  const report = await examine(origin);
  expect(findings(report)).toMatchObject({
    name: 'name-number',
    line: 'line-refused',
    encryption: 'skipped',
  });
  const { port } = new URL(origin);
  cleanups.push(() => undefined);
  const { serveAgain } = await import('./people.ts');
  await serveAgain(Number(port));
});

test('encryption: nobody vouches, another certificate than before, no TLS at all, broken off; and trusted', async () => {
  const front = await startTlsFront(await makeCertificate(), portOf);
  cleanups.push(() => front.stop());
  const origin = `https://127.0.0.1:${front.port}`;
  const network = testNetwork();
  const report = await examine(origin, { network });
  expect(failures(report)).toEqual(['certificate-unknown']);
  const { values } = report.results.find(({ step }) => step === 'encryption') as DoctorResult;
  network.trust(origin, String(values['fingerprint']));
  expect(findings(await examine(origin, { network }))).toMatchObject({
    ...{ encryption: 'encryption-trusted', server: 'server-ok', socket: 'socket-open' },
  });
  front.show(await makeCertificate());
  expect(failures(await examine(origin, { network }))).toEqual(['certificate-changed']);
  expect(failures(await examine(server.origin.replace('http', 'https')))).toEqual(['no-tls']);
  const rude = await listening(net.createServer((socket) => socket.once('data', () => socket.destroy())));
  expect(failures(await examine(rude.replace('http', 'https')))).toEqual(['encryption-failed']);
});

test('server: a sign-in page, something else, silence, a fault of its own', async () => {
  const answers = (answer: (request: IncomingMessage) => [number, Record<string, string>, string] | null) =>
    listening(
      createServer((request, response) => {
        const given = answer(request);
        if (given === null) request.socket.destroy();
        else response.writeHead(given[0], given[1]).end(given[2]);
      }),
    );
  const portal = await answers(() => [302, { location: 'http://login.hotel.test/' }, '']);
  expect(failures(await examine(portal))).toEqual(['captive-portal']);
  const other = await answers(() => [200, { 'content-type': 'text/html' }, '<h1>hello</h1>']);
  expect(failures(await examine(other))).toEqual(['not-a-chat-server']);
  const silent = await answers(() => null);
  expect(failures(await examine(silent))).toEqual(['server-silent']);
  const failing = await answers(() => [502, { 'content-type': 'text/html' }, '<h1>Bad Gateway</h1>']);
  expect(failures(await examine(failing))).toEqual(['server-failing']);
});

test('clock: ahead and behind', async () => {
  expect(failures(await examine(server.origin, { off: 3_600_000 }))).toEqual(['clock-ahead']);
  const report = await examine(server.origin, { off: -7_200_000 });
  expect(failures(report)).toEqual(['clock-behind']);
  expect(report.results.find(({ step }) => step === 'clock')?.values).toEqual({ minutes: 120 });
});

test('sign-in: the session is over', async () => {
  const ann = await register('ann01');
  const real = await ann.session.runtime();
  const over = {
    ...ann,
    session: {
      state: ann.session.state,
      connection: ann.session.connection,
      runtime: async () => ({
        ...real,
        storage: 'ok',
        ownProfile: () => Promise.reject(new MagpieError('session-ended', 'over')),
      }),
    },
  } as never as Person;
  expect(failures(await examine(server.origin, { who: over }))).toEqual(['sign-in-ended']);
});

test('socket: a proxy in front lets no WebSockets through', async () => {
  const target = portOf();
  const front = await listening(
    createServer((request, response) => {
      void fetch(`http://127.0.0.1:${target}${request.url ?? ''}`, { method: request.method ?? 'GET' }).then(
        async (answer) => {
          const type = answer.headers.get('content-type') ?? '';
          response.writeHead(answer.status, { 'content-type': type }).end(await answer.text());
        },
      );
    }),
  );
  expect(failures(await examine(front))).toEqual(['socket-blocked']);
});

test('a report has no names and no secrets of people in it', async () => {
  const settings = settingsOver();
  const network = testNetwork({ settings });
  const proxy = await startProxy({ kind: 'http', login: { username: 'annetta', password: 'open sesame' } });
  cleanups.push(() => proxy.stop());
  network.setProxy(
    { ...DEFAULT_PROXY, mode: 'manual', host: '127.0.0.1', port: proxy.port },
    { username: 'annetta', password: 'open sesame' },
  );
  const who = person('anna_secret', settings, systemClock, network);
  await who.session.connect(`http://chat.magpie.test:${portOf()}`);
  await who.session.register(credentials('anna_secret'));
  await online(who);
  const text = JSON.stringify(await examine(`http://chat.magpie.test:${portOf()}`, { network, who }));
  for (const secret of ['annetta', 'sesame', 'anna_secret', 'token']) expect(text).not.toContain(secret);
  expect(text).toContain('sign-in-ok');
});
