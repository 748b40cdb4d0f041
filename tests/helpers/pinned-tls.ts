/** A client that talks to exactly one certificate, as the app does with an invitation. */
import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';

/** The fingerprint that a server at the address shows. */
export function shownFingerprint(origin: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(`${origin}/api/capabilities`, { rejectUnauthorized: false, agent: false });
    asked.once('socket', (socket) =>
      socket.once('secureConnect', () => {
        resolve((socket as TLSSocket).getPeerCertificate().fingerprint256);
        asked.destroy();
      }),
    );
    asked.once('error', reject);
    asked.end();
  });
}

/** POSTs or GETs JSON; throws for a server with another certificate. */
export function pinnedCall(
  origin: string,
  fingerprint: string,
  path: string,
  { json, token }: { json?: unknown; token?: string } = {},
): Promise<{ status: number; body: { msg?: unknown; data?: unknown } }> {
  return new Promise((resolve, reject) => {
    const asked = request(origin + path, {
      method: json === undefined ? 'GET' : 'POST',
      agent: false,
      rejectUnauthorized: false,
      headers: {
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { token }),
      },
    });
    asked.once('error', reject);
    asked.once('socket', (socket) =>
      socket.once('secureConnect', () => {
        if ((socket as TLSSocket).getPeerCertificate().fingerprint256 === fingerprint)
          asked.end(json === undefined ? undefined : JSON.stringify(json));
        else asked.destroy(new Error('another certificate'));
      }),
    );
    asked.once('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as object }),
      );
    });
  });
}

/** An open WebSocket over TLS; what comes is kept in `frames`. */
export async function pinnedSocket(origin: string, token: string) {
  const socket = new WebSocket(`${origin.replace('https', 'wss')}/ws?token=${encodeURIComponent(token)}`, {
    rejectUnauthorized: false,
  });
  const frames: string[] = [];
  socket.on('message', (data: Buffer) => frames.push(data.toString()));
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return { socket, frames, closed };
}
