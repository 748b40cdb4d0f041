/** A way to a server on which single frames of the socket are lost, doubled or overtaken; requests pass as they are. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer, type RawData } from 'ws';

const HOST = '127.0.0.1';

/** What becomes of one frame of the server. */
export interface FrameFate {
  lost?: boolean;
  doubled?: boolean;
  /** Milliseconds that it takes longer, while later ones overtake it. */
  late?: number;
}

export interface FrameMangler {
  readonly origin: string;
  readonly count: { frames: number; lost: number; doubled: number; late: number };
  close(): Promise<void>;
}

/** @param fate asked for every frame of the server */
export async function startFrameMangler(target: string, fate: () => FrameFate): Promise<FrameMangler> {
  const count = { frames: 0, lost: 0, doubled: 0, late: 0 };
  const pairs = new Set<() => void>();
  const server = http.createServer((request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const onward = http.request(target + url, { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  const sockets = new WebSocketServer({ noServer: true, autoPong: false, perMessageDeflate: false });
  server.on('upgrade', (request, socket, head) => {
    const up = new WebSocket(target.replace(/^http/u, 'ws') + (request.url ?? '/'), {
      autoPong: false,
      perMessageDeflate: false,
    });
    up.on('error', () => socket.destroy());
    up.once('open', () =>
      sockets.handleUpgrade(request, socket, head, (down) => {
        const end = () => {
          pairs.delete(end);
          up.terminate();
          down.terminate();
        };
        pairs.add(end);
        const pass = (data: RawData) => {
          if (down.readyState === WebSocket.OPEN) down.send(data, { binary: false });
        };
        up.on('message', (data) => {
          count.frames += 1;
          const { lost = false, doubled = false, late = 0 } = fate();
          if (lost) {
            count.lost += 1;
            return;
          }
          if (doubled) {
            count.doubled += 1;
            pass(data);
          }
          if (late === 0) pass(data);
          else {
            count.late += 1;
            setTimeout(pass, late, data);
          }
        });
        // The receipts of the server's queue go over these: a frame that was lost is confirmed all the same.
        up.on('ping', (data) => down.ping(data));
        down.on('pong', (data) => up.pong(data));
        down.on('ping', (data) => up.ping(data));
        up.on('pong', (data) => down.pong(data));
        down.on('message', (data) => up.send(data, { binary: false }));
        for (const side of [up, down]) side.on('error', end).on('close', end);
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return {
    origin: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    count,
    close() {
      for (const end of [...pairs]) end();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
