/** Addresses of the sixth version all the way: the server's own, the client's, and a proxy's. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { settingsOver } from '../../../electron/main/settings/settings.ts';
import { systemClock } from '../../../electron/main/support/clock.ts';
import { DEFAULT_PROXY } from '../../../protocol/model/network.ts';
import { testNetwork } from '../../helpers/test-network.ts';
import { account, friends, online, person, portOf, register, serveAgain, server, texts } from './people.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

test('a server that listens there alone: calls, socket and what is streamed, also after it was away', async () => {
  await server.stop();
  await serveAgain(0, { host: '::1' });
  expect(server.origin).toMatch(/^http:\/\/\[::1\]:\d+$/u);
  const { ann, bob, withBob, withAnn } = await friends();
  expect(ann.session.state).toMatchObject({ server: { origin: server.origin } });
  await (await ann.session.runtime()).sendText(withBob, 'over six');
  await expect.poll(() => texts(bob, withAnn)).toEqual(['over six']);

  // As uploads and downloads go.
  const answer = await testNetwork().fetch(`${server.origin}/api/capabilities`);
  expect(await answer.json()).toMatchObject({ data: { extensions: expect.any(Object) } });

  const port = portOf();
  await server.stop();
  await expect.poll(() => ann.session.connection.state).not.toBe('online');
  await serveAgain(port, { host: '::1' });
  (await ann.session.runtime()).reconnectNow();
  await online(ann);
  await (await ann.session.runtime()).sendText(withBob, 'and again');
  await expect.poll(() => texts(bob, withAnn)).toEqual(['over six', 'and again']);
});

test('a server that listens everywhere is the same one by both versions', async () => {
  await server.stop();
  await serveAgain(0, { host: '::' });
  const port = portOf();
  const four = await register('four01', `http://127.0.0.1:${port}`);
  const six = await register('six001', `http://[::1]:${port}`);
  expect(account(six).id).not.toBe(account(four).id);
  for (const who of [four, six]) await online(who);
});

/** What a proxy is asked, in bytes; it answers nothing that would be of use. */
async function listening(kind: 'http' | 'socks5'): Promise<{ port: number; asked: Buffer[] }> {
  const asked: Buffer[] = [];
  const open = new Set<Socket>();
  const proxy = createServer((socket) => {
    open.add(socket);
    let greeted = kind === 'http';
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      if (!greeted) {
        greeted = true;
        // Version 5, nobody has to sign in.
        socket.write(Buffer.from([5, 0]));
        return;
      }
      asked.push(bytes);
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '::1', resolve));
  cleanups.push(() => {
    for (const socket of open) socket.destroy();
    return new Promise((resolve) => proxy.close(resolve));
  });
  return { port: (proxy.address() as AddressInfo).port, asked };
}

test.each(['http', 'socks5'] as const)('a %s proxy there is asked for a server there', async (kind) => {
  const { port, asked } = await listening(kind);
  const network = testNetwork({ settings: settingsOver() });
  network.setProxy({ ...DEFAULT_PROXY, mode: 'manual', kind, host: '::1', port });
  await expect(network.dialer.dial('http://[2001:db8::7]:8080')).rejects.toThrow();
  const [request = Buffer.alloc(0)] = asked;
  if (kind === 'http')
    expect(request.toString('latin1')).toMatch(
      /^CONNECT \[2001:db8::7\]:8080 HTTP\/1\.1\r\nhost: \[2001:db8::7\]:8080\r\n/iu,
    );
  else
    // Version 5, connect, reserved, an address of the sixth version, then it and the port.
    expect(request.toString('hex')).toBe(`05010004${'20010db8000000000000000000000007'}${'1f90'}`);
});

test('a name that has only such an address', async () => {
  await server.stop();
  await serveAgain(0, { host: '::1' });
  const port = portOf();
  const network = testNetwork({
    lookup: (_name, options, done) =>
      options.all === true ? done(null, [{ address: '::1', family: 6 }]) : done(null, '::1', 6),
  });
  const who = person('ann06', settingsOver(), systemClock, network);
  await who.session.connect(`http://chat.magpie.test:${port}`);
  expect(who.session.state).toMatchObject({ server: { origin: `http://chat.magpie.test:${port}` } });
});
