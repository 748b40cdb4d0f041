import WebSocket from 'ws';

/** Longest frame that is read; a longer one ends the socket (code 1006 here), and the next connection starts clean. */
export const FRAME_LIMIT = 4 * 1024 * 1024;

export interface SocketListeners {
  onOpen(): void;
  onText(text: string): void;
  /** Pings and pongs of the protocol itself. */
  onAlive(): void;
  /** Once, whatever the reason; `opened` tells whether the server had accepted. */
  onEnd(code: number, opened: boolean): void;
}

export interface OpenSocket {
  send(text: string): void;
  /** Closes without waiting; no listener is called afterwards. */
  terminate(): void;
}

export function openSocket(url: string, listeners: SocketListeners): OpenSocket {
  const socket = new WebSocket(url, {
    maxPayload: FRAME_LIMIT,
    perMessageDeflate: false,
    followRedirects: false,
  });
  let opened = false;
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
  socket.on('ping', unlessSilenced(listeners.onAlive));
  socket.on('pong', unlessSilenced(listeners.onAlive));
  // Every error is followed by `close`; without a listener it would be thrown.
  socket.on('error', () => undefined);
  socket.on('close', (code) => {
    if (!silenced) listeners.onEnd(code, opened);
  });
  return {
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text, () => undefined);
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
