/** Real proxies in processes of their own between the real modules and the real server. */
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { plainSecretBox } from '../../../electron/main/session/secrets.ts';
import { settingsOver } from '../../../electron/main/settings/settings.ts';
import { systemClock } from '../../../electron/main/support/clock.ts';
import type { MagpieError } from '../../../protocol/errors.ts';
import { DEFAULT_PROXY, type ProxyKind, type ProxySetting } from '../../../protocol/model/network.ts';
import { makeCertificate } from '../../helpers/certificates.ts';
import { startProxy, type ProxyOrder, type ProxyProcess } from '../../helpers/proxy-process.ts';
import { testNetwork } from '../../helpers/test-network.ts';
import { startTlsFront } from '../../helpers/tls-front.ts';
import {
  account,
  credentials,
  online,
  page,
  person,
  portOf,
  server,
  serveAgain,
  type Person,
} from './people.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const LOGIN = { username: 'ann', password: 'open sesame' };
/** Nobody but the proxies of these tests knows where that is. */
const remote = (port = portOf(), scheme = 'http') => `${scheme}://chat.magpie.test:${port}`;

async function proxied(order: ProxyOrder): Promise<ProxyProcess> {
  const proxy = await startProxy(order);
  cleanups.push(() => proxy.stop());
  return proxy;
}
const through = (kind: ProxyKind, port: number, change: Partial<ProxySetting> = {}): ProxySetting => ({
  ...DEFAULT_PROXY,
  ...{ mode: 'manual', kind, host: '127.0.0.1', port },
  ...change,
});

function behind(name: string, setting: ProxySetting, login?: { username: string; password: string }) {
  const settings = settingsOver();
  const network = testNetwork({ settings });
  network.setProxy(setting, login);
  return { network, settings, who: person(name, settings, systemClock, network) };
}

const problemOf = async (work: Promise<unknown>) => {
  const thrown: unknown = await work.then(
    () => 'it went well',
    (error: unknown) => error,
  );
  return (thrown as MagpieError).details?.network ?? thrown;
};

async function answering(answer: RequestListener): Promise<number> {
  const listening = createServer(answer);
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    listening.closeAllConnections();
    return new Promise((resolve) => listening.close(resolve));
  });
  return (listening.address() as AddressInfo).port;
}

/** Sends a file to oneself's friend and loads it again elsewhere: up and down the same way. */
async function sendFile(who: Person, size: number) {
  const bob = person('bob01');
  await bob.session.connect(server.origin);
  await bob.session.register(credentials('bob01'));
  await online(bob);
  const runtime = await who.session.runtime();
  await runtime.apply(account(bob).id, 'hi');
  const { applications } = await (await bob.session.runtime()).listApplications(1);
  const pending = applications.find(({ status }) => status === 'pending');
  if (pending !== undefined) await (await bob.session.runtime()).handleApplication(pending.id, 'agree');
  const withBob = await runtime.openSingle(account(bob).id);
  const id = randomUUID();
  await runtime.media.stageBytes({
    ...{ id, name: 'plan.bin', mime: 'application/octet-stream' },
    bytes: new Uint8Array(size).fill(7),
  });
  await runtime.sendMedia(withBob.id, {
    kind: 'file',
    file: { url: `stage:${id}`, name: 'plan.bin', mime: 'application/octet-stream', size },
  } as never);
  await expect
    .poll(async () => (await page(who, withBob.id)).at(-1)?.status, { timeout: 20_000 })
    .toMatch(/sent|read/u);
  const [message] = (await page(who, withBob.id)).slice(-1);
  if (message?.content.kind !== 'file') throw new Error('no file arrived');
  await runtime.media.clearCache();
  return runtime.media.bytes(message.content.file);
}

test.each(['http', 'socks5'] as const)(
  '%s with name and password: calls, socket, uploads and downloads go through it, by its own count',
  async (kind) => {
    const proxy = await proxied({ kind, login: LOGIN });
    const { who, network, settings } = behind('ann01', through(kind, proxy.port), LOGIN);
    await who.session.connect(remote());
    await who.session.register(credentials('ann01'));
    await online(who);
    const size = 3_000_000;
    expect((await sendFile(who, size)).length).toBe(size);
    await who.session.close();
    network.renew();
    expect(proxy.seen.refused).toBe(0);
    // Two at least: the socket keeps its own. The file went up and came down again.
    expect(proxy.seen.tunnels).toBeGreaterThanOrEqual(2);
    await expect.poll(() => proxy.seen.bytes).toBeGreaterThan(size);
    expect(settings.read().network.logins).toEqual({
      [`127.0.0.1:${proxy.port}`]: {
        username: 'ann',
        password: expect.not.objectContaining({ data: LOGIN.password }),
      },
    });
  },
);

test.each(['http', 'socks5'] as const)(
  '%s: without the right name and password it says so, and what is set counts at once',
  async (kind) => {
    const proxy = await proxied({ kind, login: LOGIN });
    const name = `127.0.0.1:${proxy.port}`;
    const { who, network } = behind('ann01', through(kind, proxy.port));
    expect(await problemOf(who.session.connect(remote()))).toMatchObject({
      ...{ kind: 'proxy-sign-in', proxy: name, again: false, schemes: ['Basic'] },
    });
    network.setLogin(name, { ...LOGIN, password: 'wrong' });
    expect(await problemOf(who.session.connect(remote()))).toMatchObject({
      kind: 'proxy-sign-in',
      again: true,
    });
    expect(await network.tryProxy(remote())).toMatchObject({ outcome: 'failed', problem: { proxy: name } });
    expect(proxy.seen.tunnels).toBe(0);
    network.setLogin(name, LOGIN);
    await who.session.connect(remote());
    await who.session.register(credentials('ann01'));
    await online(who);
    expect(await network.tryProxy(remote())).toMatchObject({ outcome: 'reached', via: name });

    // The company changes the password while the app runs.
    network.setLogin(name, null);
    (await who.session.runtime()).renewConnection();
    await expect
      .poll(() => who.session.connection, { timeout: 20_000 })
      .toMatchObject({ state: 'offline', problem: { kind: 'proxy-sign-in', proxy: name } });
  },
);

test('TLS goes through a proxy as it goes without one: the certificate of the server is what is asked about', async () => {
  const proxy = await proxied({ kind: 'http' });
  const certificate = await makeCertificate({ hosts: ['chat.magpie.test'] });
  const front = await startTlsFront(certificate, portOf);
  cleanups.push(() => front.stop());
  const origin = remote(front.port, 'https');
  const { who, network } = behind('ann01', through('http', proxy.port));
  expect(await problemOf(who.session.connect(origin))).toMatchObject({
    ...{ kind: 'certificate-unknown', presented: { fingerprint: certificate.fingerprint } },
  });
  network.trust(origin, certificate.fingerprint);
  await who.session.connect(origin);
  await who.session.register(credentials('ann01'));
  await online(who);
  expect(proxy.seen.tunnels).toBeGreaterThanOrEqual(2);
});

test('servers of this computer, and exceptions, are reached without it', async () => {
  const proxy = await proxied({ kind: 'http' });
  const { who, network } = behind('ann01', through('http', proxy.port));
  await who.session.connect(server.origin);
  expect(await network.tryProxy(`http://localhost:${portOf()}`)).toMatchObject({
    outcome: 'reached',
    via: null,
  });
  expect(await network.proxies.waysTo('http://[::1]:1')).toEqual([{ kind: 'direct' }]);
  expect(proxy.seen.tunnels).toBe(0);
  network.setProxy(
    through('http', proxy.port, { exceptions: 'chat.example, .inner.example 10.0.0.0/8, fd00::/8' }),
  );
  const direct = async (host: string) =>
    (await network.proxies.waysTo(`https://${host}`))[0]?.kind === 'direct';
  for (const host of ['chat.example', 'a.inner.example', 'inner.example', '10.1.2.3', '[fd00::7]'])
    expect(await direct(host), host).toBe(true);
  for (const host of ['chat.example.org', 'notinner.example', '11.1.2.3', '[fe00::7]', '127.example'])
    expect(await direct(host), host).toBe(false);
});

test('a proxy that is gone, one that forbids, and one that wants what we do not speak', async () => {
  const silent = createTcpServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port: gone } = silent.address() as AddressInfo;
  await new Promise((resolve) => silent.close(resolve));
  const forbidding = await answering((_request, response) => void response.writeHead(200).end());
  const { who, network } = behind('ann01', through('http', gone));
  expect(await problemOf(who.session.connect(remote()))).toEqual({
    ...{ kind: 'proxy-unreachable', proxy: `127.0.0.1:${gone}` },
  });
  const answers = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(reply));
  });
  let reply = 'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n';
  await new Promise<void>((resolve) => answers.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => answers.close(resolve)));
  const { port } = answers.address() as AddressInfo;
  const proxy = `127.0.0.1:${port}`;
  network.setProxy(through('http', port));
  expect(await problemOf(who.session.connect(remote()))).toEqual({
    kind: 'proxy-refused',
    proxy,
    status: 403,
  });
  reply =
    'HTTP/1.1 407 Who\r\nproxy-authenticate: NTLM\r\nproxy-authenticate: Negotiate\r\ncontent-length: 0\r\n\r\n';
  expect(await problemOf(who.session.connect(remote()))).toEqual({
    ...{ kind: 'proxy-sign-in', proxy, again: false, schemes: ['NTLM', 'Negotiate'] },
  });
  // A web server that has never heard of proxies.
  network.setProxy(through('http', forbidding));
  expect(await problemOf(who.session.connect(remote()))).toMatchObject({ kind: 'proxy-unreachable' });
});

test('what the system says: its proxies in their order, the next one when one is gone', async () => {
  const proxy = await proxied({ kind: 'http' });
  const asked: string[] = [];
  const network = testNetwork({
    systemProxy(url) {
      asked.push(url);
      return Promise.resolve(`PROXY 127.0.0.1:1; NONSENSE x; PROXY 127.0.0.1:${proxy.port}`);
    },
  });
  expect(await network.tryProxy(remote())).toMatchObject({
    ...{ outcome: 'reached', via: `127.0.0.1:${proxy.port}` },
  });
  expect(asked).toEqual([`${remote()}/`]);
});

test('the password of a proxy is sealed by the keychain and never leaves main', () => {
  const settings = settingsOver();
  const box = { ...plainSecretBox, secure: true, seal: (text: string) => [...text].reverse().join('') };
  const network = testNetwork({ settings, secrets: { ...box, unseal: box.seal } });
  const shown = network.setProxy(through('http', 3128), LOGIN);
  expect(JSON.stringify(shown)).not.toContain(LOGIN.password);
  expect(JSON.stringify(settings.read().network)).not.toContain(LOGIN.password);
  expect(network.proxies.login({ kind: 'http', host: '127.0.0.1', port: 3128 })).toEqual(LOGIN);
});

test('a network that wants a sign-in first is recognised by what answers in the place of the server', async () => {
  let portal: RequestListener | null = null;
  const port = await answering((request, response) => {
    if (portal !== null) return portal(request, response);
    response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
  });
  const origin = `http://chat.magpie.test:${port}`;
  const page_: RequestListener = (_request, response) =>
    void response
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      .end('<h1>Welcome, guest</h1>');
  const elsewhere: RequestListener = (_request, response) =>
    void response.writeHead(302, { location: 'http://login.hotel.test/' }).end();
  const required: RequestListener = (_request, response) => void response.writeHead(511).end();
  const settings = settingsOver();
  /** The names that this computer looked up, each of which is this computer. */
  const named = new Set<string>();
  const network = testNetwork({
    settings,
    lookup(name, options, done) {
      named.add(name);
      if (options.all === true) done(null, [{ address: '127.0.0.1', family: 4 }]);
      else done(null, '127.0.0.1', 4);
    },
  });
  const who = person('ann01', settings, systemClock, network);
  // While nobody knows yet what lives there a page is only that: no chat server.
  portal = page_;
  await expect(who.session.connect(origin)).rejects.toMatchObject({ code: 'not-a-chat-server' });
  for (const one of [elsewhere, required]) {
    portal = one;
    expect(await problemOf(who.session.connect(origin))).toEqual({ kind: 'captive-portal', origin });
  }

  // Signed in, and then the network gets in between.
  const at = portOf();
  const home = remote(at);
  await who.session.connect(home);
  await who.session.register(credentials('ann01'));
  await online(who);
  const runtime = await who.session.runtime();
  for (const one of [page_, elsewhere, required]) {
    await server.stop();
    const hotel = createServer(one);
    hotel.on('upgrade', (request, socket) => {
      socket.on('error', () => undefined);
      socket.end(
        one === page_
          ? 'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n'
          : one === elsewhere
            ? 'HTTP/1.1 302 Found\r\nlocation: http://login.hotel.test/\r\ncontent-length: 0\r\n\r\n'
            : 'HTTP/1.1 511 Network Authentication Required\r\ncontent-length: 0\r\n\r\n',
      );
    });
    await new Promise<void>((resolve) => hotel.listen(at, '127.0.0.1', resolve));
    runtime.reconnectNow();
    await expect
      .poll(() => who.session.connection, { timeout: 20_000 })
      .toMatchObject({
        ...{ state: 'offline', problem: { kind: 'captive-portal', origin: home } },
      });
    hotel.closeAllConnections();
    await new Promise((resolve) => hotel.close(resolve));
    await serveAgain(at);
    runtime.reconnectNow();
    await online(who);
  }
  // Nobody else was asked, neither an address that tells such networks nor the one they point to.
  expect([...named]).toEqual(['chat.magpie.test']);
});
