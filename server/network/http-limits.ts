/** How a listener of the server treats connections: the same for the main one and for the one to the network. */
import type { Socket } from 'node:net';
import type { Logger } from '../domain/context.ts';

export const HEADERS_TIMEOUT = 15_000;
export const KEEP_ALIVE_TIMEOUT = 10_000;

/** Answers what is no HTTP. The packet is not logged: whatever token or password was inside would be too. */
export function refuseNonsense(log: Logger) {
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    log.debug({ code: error.code }, 'not HTTP');
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const body = JSON.stringify({ msg: 'fail', data: 'Bad Request' });
    socket.end(
      'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n' +
        `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  };
}
