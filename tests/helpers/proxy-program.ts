/**
 * A proxy in a process of its own. It alone knows the names under `.magpie.test`: they are this computer, and so is, behind
 * SOCKS, one public address. Tells its parent
 * the port, then after each event what it has seen.
 */
import dns from 'node:dns';
import net, { type AddressInfo } from 'node:net';
import { createServer } from '@pondwader/socks5-server';
import { Server } from 'proxy-chain';
import { PUBLIC_STAND_IN, type ProxyCounts, type ProxyOrder } from './proxy-process.ts';

const order = JSON.parse(process.argv[2] ?? '{}') as ProxyOrder;
const counts: ProxyCounts = { tunnels: 0, refused: 0, bytes: 0 };
const tell = (message: object) => process.send?.(message);
const isWelcome = (username: string | undefined, password: string | undefined) =>
  order.login === undefined || (username === order.login.username && password === order.login.password);
const addressOf = (name: string) =>
  name.endsWith('.magpie.test') || name === PUBLIC_STAND_IN ? '127.0.0.1' : name;

if (order.kind === 'http') {
  const server = new Server({
    host: '127.0.0.1',
    port: 0,
    prepareRequestFunction({ username, password }) {
      const welcome = isWelcome(username, password);
      counts[welcome ? 'tunnels' : 'refused'] += 1;
      tell(counts);
      return {
        requestAuthentication: !welcome,
        dnsLookup: ((name: string, options: dns.LookupOptions, done: never) =>
          dns.lookup(addressOf(name), options, done)) as typeof dns.lookup,
      };
    },
  });
  server.on(
    'connectionClosed',
    ({ stats }: { stats: { srcRxBytes: number; srcTxBytes: number } | undefined }) => {
      counts.bytes += (stats?.srcRxBytes ?? 0) + (stats?.srcTxBytes ?? 0);
      tell(counts);
    },
  );
  await server.listen();
  tell({ port: server.port });
} else {
  const server = createServer();
  if (order.login !== undefined)
    server.setAuthHandler(({ username, password }) => {
      const welcome = isWelcome(username, password);
      if (!welcome) {
        counts.refused += 1;
        tell(counts);
      }
      return welcome;
    });
  server.setConnectionHandler(({ socket, destAddress, destPort }, sendStatus) => {
    const line = net.connect(destPort, addressOf(destAddress));
    line.on('error', () => sendStatus('CONNECTION_REFUSED'));
    line.on('connect', () => {
      sendStatus('REQUEST_GRANTED');
      counts.tunnels += 1;
      tell(counts);
      socket.on('data', (chunk: Buffer) => (counts.bytes += chunk.length));
      socket.pipe(line).pipe(socket);
    });
    line.on('close', () => tell(counts));
    socket.on('error', () => line.destroy());
    socket.on('close', () => line.destroy());
  });
  const listening = net.createServer((socket) =>
    server._handleConnection(socket.on('error', () => undefined)),
  );
  listening.listen(0, '127.0.0.1', () => tell({ port: (listening.address() as AddressInfo).port }));
}
// Whoever started it is gone.
process.on('disconnect', () => process.exit());
