/** A line to a server through one proxy. Always a tunnel, also for plain HTTP: the socket needs one anyway. */
import http from 'node:http';
import type { Socket } from 'node:net';
import { SocksClient } from 'socks';
import { problemError } from './problems.ts';
import { proxyName, type Login, type ProxyWay } from './proxies.ts';

export interface Destination {
  /** A name is given to the proxy as it is: it may be known on its side only. */
  host: string;
  port: number;
}

/** Lets `socket`, which leads to the proxy, lead to `destination`. Throws the problem; the socket is gone then. */
export async function tunnel(
  socket: Socket,
  way: ProxyWay,
  destination: Destination,
  login: Login | null,
  milliseconds: number,
): Promise<Socket> {
  try {
    return way.kind === 'http' || way.kind === 'https'
      ? await connectHttp(socket, way, destination, login, milliseconds)
      : await connectSocks(socket, way, destination, login, milliseconds);
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  }
}

function connectHttp(
  socket: Socket,
  way: ProxyWay,
  { host, port }: Destination,
  login: Login | null,
  milliseconds: number,
): Promise<Socket> {
  const proxy = proxyName(way);
  const authority = proxyName({ host, port });
  return new Promise((resolve, reject) => {
    const request = http.request({
      method: 'CONNECT',
      path: authority,
      createConnection: () => socket,
      timeout: milliseconds,
      headers: {
        host: authority,
        ...(login === null ? {} : { 'proxy-authorization': basic(login) }),
      },
    });
    const refuse = (response: http.IncomingMessage) => {
      const status = response.statusCode ?? 0;
      response.resume();
      reject(
        status === 407
          ? problemError({
              ...{ kind: 'proxy-sign-in', proxy, again: login !== null },
              schemes: schemesOf(response),
            })
          : problemError({ kind: 'proxy-refused', proxy, status }),
      );
    };
    request.on('connect', (response, tunnelled: Socket, first: Buffer) => {
      if (response.statusCode !== 200) {
        tunnelled.destroy();
        refuse(response);
        return;
      }
      // Some servers speak first.
      if (first.length > 0) tunnelled.unshift(first);
      tunnelled.setTimeout(0);
      resolve(tunnelled);
    });
    // Proxies that have never heard of CONNECT answer as a web server would.
    request.on('response', refuse);
    request.on('timeout', () => request.destroy(new Error('the proxy says nothing')));
    request.on('error', (error) => reject(problemError({ kind: 'proxy-unreachable', proxy }, error)));
    request.end();
  });
}

function basic({ username, password }: Login): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

/** `Basic realm="x"` in one header or several → `Basic`. */
function schemesOf(response: http.IncomingMessage): string[] {
  const offers = response.headersDistinct['proxy-authenticate'] ?? [];
  return [...new Set(offers.flatMap((offer) => /^\s*([a-z]+)/iu.exec(offer)?.[1] ?? []))];
}

async function connectSocks(
  socket: Socket,
  way: ProxyWay,
  destination: Destination,
  login: Login | null,
  milliseconds: number,
): Promise<Socket> {
  const proxy = proxyName(way);
  try {
    const { socket: tunnelled } = await SocksClient.createConnection({
      proxy: {
        ...{ host: way.host, port: way.port, type: way.kind === 'socks4' ? 4 : 5 },
        ...(login === null ? {} : { userId: login.username, password: login.password }),
      },
      command: 'connect',
      destination,
      existing_socket: socket,
      timeout: milliseconds,
    });
    return tunnelled;
  } catch (thrown) {
    const words = thrown instanceof Error ? thrown.message : '';
    // The library tells what happened in words alone.
    if (/Authentication failed|no accepted authentication type/iu.test(words))
      throw problemError({ kind: 'proxy-sign-in', proxy, schemes: ['Basic'], again: login !== null }, thrown);
    if (/rejected connection/iu.test(words))
      throw problemError({ kind: 'proxy-refused', proxy, status: null }, thrown);
    throw problemError({ kind: 'proxy-unreachable', proxy }, thrown);
  }
}
