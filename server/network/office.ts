/**
 * "Let others on this network join": a second listener of a server that otherwise hears its own machine only. TLS always,
 * with the server's own certificate, and an announcement by mDNS while it is open. Closing cuts every connection at once.
 */
import { createServer } from 'node:https';
import type { RequestListener, Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '../domain/context.ts';
import type { Identity } from '../tls/identity.ts';
import type { Announcement } from './announcement.ts';
import { HEADERS_TIMEOUT, KEEP_ALIVE_TIMEOUT, refuseNonsense } from './http-limits.ts';

export interface OfficeOrder {
  /** Address to listen on; null for all of this machine. */
  host: string | null;
  /** The wished one; when it is taken, any. */
  port: number;
  /** What people read in the list of found servers. */
  name: string;
  /** `off`, or addresses of the interfaces to announce on; null for all. */
  mdns: 'off' | readonly string[] | null;
}

export interface OfficeState {
  port: number;
  /** SHA-256 of the certificate, `AB:CD:…`. */
  fingerprint: string;
  announced: boolean;
}

export interface Office {
  /** Null while it is closed. */
  readonly state: OfficeState | null;
  /** @throws when nothing can listen there; it is closed then */
  open(order: OfficeOrder): Promise<OfficeState>;
  /** Announced under another name from now on; nobody is cut off. Nothing while it is closed. */
  rename(name: string): Promise<void>;
  /** Everybody who came through it is cut off when this resolves. */
  close(): Promise<void>;
}

interface OfficeParts {
  identity(): Promise<Identity>;
  route: RequestListener;
  /** Takes the WebSockets of a server. */
  attach(server: HttpServer): void;
  log: Logger;
}

interface Opened {
  state: OfficeState;
  rename(name: string): Promise<void>;
  close(): Promise<void>;
}

export function officeOf(parts: OfficeParts): Office {
  let opened: Opened | null = null;
  // One after the other: a switch may be turned faster than a port opens.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  };
  const shut = async (): Promise<void> => {
    const one = opened;
    opened = null;
    await one?.close();
  };

  return {
    get state() {
      return opened?.state ?? null;
    },
    open: (order) =>
      inTurn(async () => {
        await shut();
        opened = await openOffice(parts, order);
        return opened.state;
      }),
    rename: (name) => inTurn(async () => opened?.rename(name)),
    close: () => inTurn(shut),
  };
}

async function openOffice(
  { identity, route, attach, log }: OfficeParts,
  order: OfficeOrder,
): Promise<Opened> {
  const { key, cert, fingerprint } = await identity();
  const server = createServer(
    {
      key,
      cert,
      minVersion: 'TLSv1.2',
      headersTimeout: HEADERS_TIMEOUT,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
      requestTimeout: 0,
    },
    route,
  );
  server.on('clientError', refuseNonsense(log));
  attach(server as unknown as HttpServer);
  const sockets = new Set<Duplex>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await listen(server, order.host, order.port).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' || order.port === 0) throw error;
    return listen(server, order.host, 0);
  });
  const { port } = server.address() as AddressInfo;
  let announcement = await announced(order, { port, fingerprint }, log);
  log.info({ port, announced: announcement !== null }, 'others on this network may join');
  return {
    state: { port, fingerprint, announced: announcement !== null },
    async rename(name) {
      await announcement?.end();
      announcement = await announced({ ...order, name }, { port, fingerprint }, log);
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await Promise.all([closed, announcement?.end()]);
      log.info({ port }, 'others on this network may no longer join');
    },
  };
}

async function announced(
  { mdns, name }: OfficeOrder,
  { port, fingerprint }: { port: number; fingerprint: string },
  log: Logger,
): Promise<Announcement | null> {
  if (mdns === 'off') return null;
  try {
    // Loaded by those only who use it.
    const { announce } = await import('./announcement.ts');
    return await announce({ name, port, fingerprint, interfaces: mdns }, log);
  } catch (error) {
    // Without it the invitation still works.
    log.warn({ err: error }, 'cannot announce the server on the network');
    return null;
  }
}

function listen(server: HttpServer | ReturnType<typeof createServer>, host: string | null, port: number) {
  return new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // Without a host Node takes both families where the machine has them.
    server.listen({ port, ...(host === null ? {} : { host }) }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
