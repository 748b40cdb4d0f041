import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { portalProblem } from '../../network/captive-portal.ts';
import type { Agents, Network } from '../../network/network.ts';

const BODY_LIMIT = 8 * 1024 * 1024;

/** Connections to a server that are kept from one exchange to the next. */
export interface Lines {
  readonly agents: Agents;
  /** Closes those that carry nothing now: they may be dead without knowing, and the next exchange would find out late. */
  closeIdle(): void;
  /** Closes all of them; what they carry fails. */
  close(): void;
}

export function createLines(network: Pick<Network, 'agents'>): Lines {
  const agents = network.agents(true);
  const both = [agents.plain, agents.secure];
  return {
    agents,
    closeIdle() {
      for (const { freeSockets } of both)
        for (const sockets of Object.values(freeSockets))
          for (const socket of sockets ?? []) socket.destroy();
    },
    close() {
      for (const agent of both) agent.destroy();
    },
  };
}

export interface RawRequest {
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
  milliseconds: number;
  network: Pick<Network, 'agents'>;
  lines: Lines | undefined;
  /** Nobody knows yet who lives there: a page is an answer, too. */
  strange: boolean;
  signal: AbortSignal | undefined;
}

export interface RawAnswer {
  status: number;
  text: string;
  retryAfter: string | undefined;
  /** The server's clock, as the header writes it. */
  date: string | undefined;
}

/** Why there is no answer, and whether the connection had ever been there to carry the request. */
export class LineError extends Error {
  readonly wasConnected: boolean;
  constructor(wasConnected: boolean, cause: unknown) {
    super('the line gave no complete answer', { cause });
    this.name = 'LineError';
    this.wasConnected = wasConnected;
  }
}

/**
 * One request and its whole answer; throws {@link LineError}. Not by `fetch`: its first request in a process hangs until
 * the end of its time when the connection is closed before the parser of answers has been compiled, and it gives nobody
 * a way to close kept connections.
 */
export function converse(address: string, request: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let wasConnected = false;
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', giveUp);
      settle();
    };
    const fail = (cause: unknown) => finish(() => reject(new LineError(wasConnected, cause)));
    const url = new URL(address);
    const isSecure = url.protocol === 'https:';
    const agents = request.lines?.agents ?? request.network.agents(false);
    const { body } = request;
    const call = (isSecure ? https : http).request(url, {
      method: request.method,
      agent: isSecure ? agents.secure : agents.plain,
      headers: {
        ...request.headers,
        ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      },
    });
    const giveUp = () => void call.destroy(new Error('given up'));
    const timer = setTimeout(() => {
      call.destroy(new Error('no answer in time'));
      request.lines?.closeIdle();
    }, request.milliseconds);
    call.on('error', fail);
    // After an answer this comes too late to matter.
    call.on('close', () => fail(new Error('closed')));
    // A line is given when it stands, handshake and all.
    call.on('socket', (_socket: Socket) => (wasConnected = true));
    call.on('response', (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on('error', fail);
      const status = response.statusCode ?? 0;
      const { location, 'content-type': contentType } = response.headers;
      const portal = portalProblem(address, { status, contentType, location });
      if (portal !== null && !(request.strange && status === 200)) {
        // Whoever answered, it was not the server: nothing has reached it.
        wasConnected = false;
        fail(portal);
        call.destroy();
        return;
      }
      response.on('data', (part: Buffer) => {
        parts.push(part);
        size += part.length;
        if (size > BODY_LIMIT) call.destroy(new Error('the answer is too large'));
      });
      response.on('end', () => {
        if (!response.complete) fail(new Error('the answer broke off'));
        // An address that was typed names the server itself; where else it points to is not followed with a token.
        else if (status >= 300 && status < 400) fail(new Error('pointed elsewhere'));
        else
          finish(() =>
            resolve({
              status,
              text: Buffer.concat(parts).toString('utf8'),
              retryAfter: response.headers['retry-after'],
              date: response.headers.date,
            }),
          );
      });
    });
    if (request.signal?.aborted === true) giveUp();
    request.signal?.addEventListener('abort', giveUp);
    call.end(body);
  });
}
