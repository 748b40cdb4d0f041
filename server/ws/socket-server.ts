/** `/ws` (section 6): upgrade, limits, token check, then a {@link Connection}. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { clientAddress } from '../address.ts';
import type { ServerConfig } from '../config.ts';
import type { Logger } from '../domain/context.ts';
import type { LiveConnections } from '../domain/administration.ts';
import type { Domain } from '../domain/domain.ts';
import { Connection } from './connection.ts';
import { Allowances } from '../domain/throttle.ts';
import { Refusal } from '../domain/refusal.ts';
import { extensionFrame, messageFrame, refusalFrame, welcomeFrame } from './frames.ts';
import { Hub } from './hub.ts';
import { Presence } from './presence.ts';

const PATH = '/ws';
/** Bytes of a frame from a client; heartbeats and short hints are all it sends. */
const LARGEST_FRAME = 64 * 1024;
/** Milliseconds a refused client gets to finish the closing handshake. */
const CLOSING_TIME = 2000;

export interface SocketServer {
  /** Takes the upgrades of a further listener of this server. */
  attach(server: Server): void;
  replay(accountId: number, tokenHash: string): void;
  readonly connections: LiveConnections;
  isOnline(accountId: number): boolean;
  close(): void;
}

export function createSocketServer(
  domain: Domain,
  options: { config: ServerConfig; now: () => number; log: Logger; mayAsk: (address: string) => boolean },
): SocketServer {
  const { config, now, log } = options;
  const presence = new Presence({
    attention: domain.attention,
    isOnline: (accountId) => hub.isOnline(accountId),
    log,
  });
  const hub = new Hub({
    delivery: domain.delivery,
    maxPerAccount: config.maxConnectionsPerAccount,
    now,
    onPresence: (accountId) => presence.changed(accountId),
  });
  const typing = new Allowances({ perSecond: 0.5, burst: 2, now: () => performance.now() });
  const protocol = new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST_FRAME,
    perMessageDeflate: false,
    clientTracking: false,
  });
  const all = new Set<WebSocket>();
  const perAddress = new Map<string, number>();
  let closing = false;

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const [path] = (request.url ?? '').split('?', 1);
    // Exactly this path: `/ws/` let anybody in without a token (quirk Q31).
    if (path !== PATH) return refuseUpgrade(socket, '404 Not Found');
    const address = clientAddress(request, config.trustProxy);
    const isFull =
      all.size >= config.maxConnections || (perAddress.get(address) ?? 0) >= config.maxConnectionsPerAddress;
    if (!options.mayAsk(address)) return refuseUpgrade(socket, '429 Too Many Requests');
    if (closing || isFull) return refuseUpgrade(socket, '503 Service Unavailable');
    protocol.handleUpgrade(request, socket, head, (webSocket) => {
      all.add(webSocket);
      perAddress.set(address, (perAddress.get(address) ?? 0) + 1);
      webSocket.on('error', (error) => log.debug({ reason: error.message }, 'socket error'));
      webSocket.on('close', () => {
        all.delete(webSocket);
        const count = (perAddress.get(address) ?? 1) - 1;
        if (count === 0) perAddress.delete(address);
        else perAddress.set(address, count);
      });
      void welcome(webSocket, address, new URLSearchParams(request.url?.slice(PATH.length + 1) ?? ''));
    });
  }

  /** Typing is a hint: too much of it, or to somebody who may not see it, goes nowhere without a word. */
  async function relayTyping(
    fromId: number,
    { chatType, id }: { chatType: 'single' | 'group'; id: number },
  ): Promise<void> {
    try {
      if (chatType === 'group') {
        typing.take(`${fromId} group ${id}`);
        const frame = extensionFrame({ type: 'typing', data: { chatType, id, from_id: fromId } });
        for (const memberId of await domain.attention.groupAudience(fromId, id)) hub.tell(memberId, frame);
        return;
      }
      if (!hub.isOnline(id)) return;
      typing.take(`${fromId} ${id}`);
      if (!(await domain.attention.mayType(fromId, id))) return;
      hub.tell(id, extensionFrame({ type: 'typing', data: { chatType, id: fromId, from_id: fromId } }));
    } catch (error) {
      if (!(error instanceof Refusal)) log.error({ err: error }, 'typing could not be relayed');
    }
  }

  async function welcome(webSocket: WebSocket, address: string, query: URLSearchParams): Promise<void> {
    try {
      // What the client says before we know who it is waits in the network buffer.
      webSocket.pause();
      const check = await domain.sessions.authenticateSocket(query.get('token'));
      const extended = query.get('client') === 'magpie' || query.has('device');
      const notices = check.ok && !extended ? await domain.connectNotices.at(check.caller) : undefined;
      webSocket.resume();
      if (webSocket.readyState !== webSocket.OPEN) return;
      if (closing) return webSocket.terminate();
      if (!check.ok) {
        webSocket.send(refusalFrame(check.text));
        webSocket.close();
        const timer = setTimeout(() => webSocket.terminate(), CLOSING_TIME);
        webSocket.once('close', () => clearTimeout(timer));
        return;
      }
      const connection = new Connection({
        socket: webSocket,
        caller: check.caller,
        address,
        extended,
        pingMilliseconds: config.pingSeconds * 1000,
        deadMilliseconds: config.deadAfterSeconds * 1000,
        stalledMilliseconds: config.stalledAfterSeconds * 1000,
        bufferBytes: config.socketBufferKib * 1024,
        delivery: domain.delivery,
        sessions: domain.sessions,
        now,
        log,
        onTyping: (chat) => void relayTyping(check.caller.account.id, chat),
        onWatch: (ids) => {
          presence.watch(connection, ids).catch((error: unknown) => {
            log.error({ err: error }, 'presence could not be told');
          });
        },
      });
      webSocket.on('close', () => {
        presence.forget(connection);
        hub.remove(connection);
      });
      hub.add(connection);
      for (const notice of notices?.before ?? []) connection.send(messageFrame(notice, now()));
      connection.send(welcomeFrame(now()));
      for (const notice of notices?.after ?? []) connection.send(messageFrame(notice, now()));
      // A sign-in elsewhere may have slipped in between the check and the registration.
      const { accountId, tokenHash } = connection;
      if (!(await domain.sessions.isLive(accountId, tokenHash))) {
        connection.giveWay();
        hub.remove(connection);
        return;
      }
      if (extended) connection.tell(extensionFrame({ type: 'ready', cursor: await domain.sync.head() }));
    } catch (error) {
      log.error({ err: error }, 'a socket could not be welcomed');
      webSocket.terminate();
    }
  }

  return {
    attach: (server) => void server.on('upgrade', upgrade),
    isOnline: (accountId) => hub.isOnline(accountId),
    connections: {
      list: () =>
        hub.list().map(({ id, accountId, address, since, deviceKind }) => ({
          id,
          accountId,
          address,
          since,
          deviceKind,
        })),
      close: (id) => hub.end(id),
    },
    replay: (accountId, tokenHash) => hub.replay(accountId, tokenHash),
    close() {
      closing = true;
      presence.close();
      hub.close();
    },
  };
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
