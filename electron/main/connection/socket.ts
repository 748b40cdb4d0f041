import WebSocket from 'ws';
import type { NetworkProblem } from '#protocol/model/network';
import { LARGEST_SERVER_FRAME } from '#protocol/wire/frames';
import { portalProblem } from '../network/captive-portal.ts';
import type { Network } from '../network/network.ts';
import { problemIn } from '../network/problems.ts';

/** Longest frame that is read; a longer one ends the socket (code 1006 here), and the next connection starts clean. */
export const FRAME_LIMIT = LARGEST_SERVER_FRAME;

export interface SocketListeners {
  onOpen(): void;
  onText(text: string): void;
  /** A ping of the websocket protocol. Its `answer` tells a server that all before it has arrived for good. */
  onPing(answer: () => void): void;
  /** A pong of the websocket protocol. */
  onAlive(): void;
  /** Once, whatever the reason; `opened` tells whether the server had accepted, `problem` what stood in the way. */
  onEnd(code: number, opened: boolean, problem: NetworkProblem | null): void;
}

export interface OpenSocket {
  send(text: string): void;
  /** Asks the other end's websocket stack for a sign of life. */
  ping(): void;
  /** Closes without waiting; no listener is called afterwards. */
  terminate(): void;
}

export function openSocket(
  url: string,
  network: Pick<Network, 'agents'>,
  listeners: SocketListeners,
): OpenSocket {
  const agents = network.agents(false);
  const socket = new WebSocket(url, {
    maxPayload: FRAME_LIMIT,
    perMessageDeflate: false,
    followRedirects: false,
    autoPong: false,
    agent: url.startsWith('wss:') ? agents.secure : agents.plain,
  });
  let opened = false;
  let problem: NetworkProblem | null = null;
  let silenced = false;
  const unlessSilenced = (work: () => void) => () => {
    if (!silenced) work();
  };
  socket.on(
    'open',
    unlessSilenced(() => {
      opened = true;
      listeners.onOpen();
    }),
  );
  socket.on('message', (data: WebSocket.RawData) => {
    if (!silenced) listeners.onText(textOf(data));
  });
  socket.on('ping', (data: Buffer) => {
    if (silenced) return;
    listeners.onPing(() => {
      if (socket.readyState === WebSocket.OPEN) socket.pong(data, true, () => undefined);
    });
  });
  socket.on('pong', unlessSilenced(listeners.onAlive));
  // Every error is followed by `close`; without a listener it would be thrown.
  socket.on('error', (thrown) => (problem ??= problemIn(thrown)));
  socket.on('unexpected-response', (request, { statusCode = 0, headers }) => {
    const answer = { status: statusCode, contentType: headers['content-type'], location: headers.location };
    problem = problemIn(portalProblem(url, answer));
    // Listening to this event takes it over: it has to be ended by hand, and ends like any other refusal.
    request.destroy(new Error(`answered with ${statusCode}`));
  });
  socket.on('close', (code) => {
    if (!silenced) listeners.onEnd(code, opened, problem);
  });
  return {
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text, () => undefined);
    },
    ping() {
      if (socket.readyState === WebSocket.OPEN) socket.ping(undefined, true, () => undefined);
    },
    terminate() {
      silenced = true;
      socket.terminate();
    },
  };
}

function textOf(data: WebSocket.RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString('utf8');
}
