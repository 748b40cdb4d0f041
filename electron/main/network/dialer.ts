/** The one place where this app opens lines to servers: through which proxy, and to whom. */
import dns from 'node:dns';
import net, { type Socket } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import { MagpieError } from '#protocol/errors';
import type { Authorities } from './authorities.ts';
import { handshakeOptions, type Certificates } from './certificates.ts';
import { problemError, problemIn } from './problems.ts';
import { bareHost, proxyName, type Proxies, type ProxyWay, type Way } from './proxies.ts';
import { tunnel } from './tunnel.ts';

/** For each step (the line itself, the proxy's consent, the handshake), milliseconds. */
const PATIENCE = 10_000;

/** The steps of a line, for whoever looks for the one that fails. */
export interface LineWatch {
  /** The ways that will be tried, the first one first. */
  ways?(ways: readonly Way[]): void;
  /** The name was looked up; not told for numbers and where the proxy does it. */
  resolved?(address: string): void;
  /** TCP stands, to the proxy or to the server. */
  reached?(way: Way): void;
  /** The way to the server is open, through the proxy if there is one. */
  through?(way: Way): void;
  /** TLS stands and the certificate was accepted. */
  secured?(socket: TLSSocket): void;
}

export interface Dialer {
  /** A line on which nothing has been said yet. `origin` is `http(s)://host[:port]`. Throws {@link problemError}s and system errors. */
  dial(origin: string, watch?: LineWatch): Promise<Socket>;
}

export interface DialerOptions {
  authorities: Authorities;
  certificates: Pick<Certificates, 'judge'>;
  proxies: Pick<Proxies, 'waysTo' | 'login'>;
  /**
   * Where lines may lead: names are looked up here then, also where a proxy would do it, all their addresses have to be
   * admitted, and the line goes to one of those and to no other one that the name has a moment later.
   */
  admits?(address: string): boolean;
  /** For tests: how names become addresses. */
  lookup?: net.LookupFunction;
}

export function createDialer(options: DialerOptions): Dialer {
  const { authorities, certificates, proxies, admits, lookup } = options;
  /** Where a line to a host goes: the host itself, or the address of it that was admitted. */
  const placeOf = async (host: string): Promise<string> => {
    if (admits === undefined) return host;
    const found = await addressesOf(host, lookup ?? (dns.lookup as net.LookupFunction));
    const [first] = found;
    if (first === undefined || !found.every((address) => admits(address)))
      throw new MagpieError('not-allowed', 'an address where lines may not lead');
    return first;
  };
  const tcp = (host: string, port: number, watch: LineWatch) =>
    new Promise<Socket>((resolve, reject) => {
      const socket = net.connect({ host, port, ...(lookup === undefined ? {} : { lookup }) });
      const giveUp = () => void socket.destroy(new Error('nobody answers'));
      socket.setTimeout(PATIENCE, giveUp);
      socket.on('lookup', (error: Error | null, address: string) => {
        if (error === null && net.isIP(host) === 0) watch.resolved?.(address);
      });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.setTimeout(0, giveUp);
        socket.off('error', reject);
        // Between two owners a socket that fails must not bring the process down.
        socket.on('error', () => undefined);
        resolve(socket);
      });
    });

  const secure = async (line: Socket, origin: string, host: string): Promise<TLSSocket> => {
    const secureContext = await authorities.context();
    return new Promise((resolve, reject) => {
      const socket = tls.connect({ ...handshakeOptions(host), socket: line, secureContext });
      const giveUp = () => void socket.destroy(new Error('no handshake'));
      socket.setTimeout(PATIENCE, giveUp);
      const failed = (error: Error) => {
        line.destroy();
        reject(isNoTls(error) ? problemError({ kind: 'no-tls', origin }, error) : error);
      };
      socket.once('error', failed);
      socket.once('secureConnect', () => {
        try {
          certificates.judge(origin, socket);
        } catch (thrown) {
          socket.off('error', failed).on('error', () => undefined);
          socket.destroy();
          line.destroy();
          reject(thrown);
          return;
        }
        socket.setTimeout(0, giveUp);
        socket.off('error', failed).on('error', () => undefined);
        resolve(socket);
      });
    });
  };

  /** A proxy that is spoken to by TLS has to prove itself to the authorities; nobody else vouches for it. */
  const secureProxy = async (line: Socket, way: ProxyWay): Promise<TLSSocket> => {
    const secureContext = await authorities.context();
    return new Promise((resolve, reject) => {
      const options = { ...handshakeOptions(way.host), rejectUnauthorized: true };
      const socket = tls.connect({ ...options, socket: line, secureContext });
      socket.once('error', reject);
      socket.once('secureConnect', () => {
        socket.off('error', reject).on('error', () => undefined);
        resolve(socket);
      });
    });
  };

  const lineTo = async (way: Way, host: string, port: number, watch: LineWatch): Promise<Socket> => {
    if (way.kind === 'direct') {
      try {
        const socket = await tcp(host, port, watch);
        watch.reached?.(way);
        return socket;
      } catch (thrown) {
        if (isNameUnknown(thrown)) throw problemError({ kind: 'name-unknown', host }, thrown);
        throw thrown;
      }
    }
    let socket: Socket;
    try {
      socket = await tcp(way.host, way.port, {});
      if (way.kind === 'https') socket = await secureProxy(socket, way);
    } catch (thrown) {
      throw problemError({ kind: 'proxy-unreachable', proxy: proxyName(way) }, thrown);
    }
    watch.reached?.(way);
    return tunnel(socket, way, { host, port }, proxies.login(way), PATIENCE);
  };

  return {
    async dial(origin, watch = {}) {
      const url = new URL(origin);
      const isSecure = url.protocol === 'https:' || url.protocol === 'wss:';
      const host = bareHost(url.hostname);
      const port = Number(url.port === '' ? (isSecure ? 443 : 80) : url.port);
      const place = await placeOf(host);
      const ways = await proxies.waysTo(url.origin);
      watch.ways?.(ways);
      let failure: unknown;
      for (const way of ways) {
        let line: Socket;
        try {
          line = await lineTo(way, place, port, watch);
        } catch (thrown) {
          // What a person can mend counts more than that the next way was no better.
          failure = problemIn(failure)?.kind === 'proxy-sign-in' ? failure : thrown;
          continue;
        }
        watch.through?.(way);
        if (!isSecure) return line;
        const secured = await secure(line, url.origin, host);
        watch.secured?.(secured);
        return secured;
      }
      throw failure;
    },
  };
}

/** All addresses of a host; a number has none but itself. */
async function addressesOf(host: string, lookup: net.LookupFunction): Promise<string[]> {
  if (net.isIP(host) !== 0) return [host];
  return new Promise((resolve, reject) => {
    lookup(host, { all: true }, (error, found) => {
      if (error !== null) reject(error);
      else resolve(typeof found === 'string' ? [found] : found.map(({ address }) => address));
    });
  });
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}

function isNameUnknown(thrown: unknown): boolean {
  return ['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME'].includes(codeOf(thrown));
}

/** What answers there does not speak TLS at all: most often a server of plain HTTP. */
function isNoTls(thrown: unknown): boolean {
  return /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|INVALID_RECORD/u.test(
    `${codeOf(thrown)} ${thrown instanceof Error ? thrown.message : ''}`,
  );
}
