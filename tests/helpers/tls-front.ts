/** TLS before a server of plain HTTP, as a reverse proxy does it, on the loopback address. */
import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import type { Certificate } from './certificates.ts';

export interface TlsFront {
  readonly port: number;
  /** Handshakes that were finished, and bytes that came out of them in the clear. */
  readonly seen: { handshakes: number; bytes: number };
  /** Shows another certificate from now on and cuts the lines that stand. */
  show(certificate: Certificate): void;
  stop(): Promise<void>;
}

export async function startTlsFront(
  certificate: Certificate,
  target: () => number,
  { host = '127.0.0.1', wantsCertificates = false }: { host?: string; wantsCertificates?: boolean } = {},
): Promise<TlsFront> {
  const seen = { handshakes: 0, bytes: 0 };
  const open = new Set<Socket>();
  const { cert: own, key: ownKey } = certificate;
  const asks = { requestCert: wantsCertificates, rejectUnauthorized: wantsCertificates };
  const server = tls.createServer({ cert: own, key: ownKey, ...asks }, (secured) => {
    seen.handshakes += 1;
    const inner = net.connect(target(), '127.0.0.1');
    for (const socket of [secured, inner]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        (socket === inner ? secured : inner).destroy();
      });
    }
    secured.on('data', (chunk: Buffer) => (seen.bytes += chunk.length));
    secured.pipe(inner).pipe(secured);
  });
  server.on('tlsClientError', () => undefined);
  // A line whose handshake is under way keeps the server open as well.
  server.on('connection', (raw: Socket) => {
    open.add(raw);
    raw.on('close', () => open.delete(raw));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    show({ cert, key }) {
      server.setSecureContext({ cert, key });
      cut();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}
