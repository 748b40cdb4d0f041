/** Ends requests whose bodies come too slowly: whoever sends a byte now and then would hold a connection for ever. */
import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body is a file: it may take as long as it keeps coming. */
    upload?: boolean;
  }
}

/** A file has to come at least this fast on average, bytes per second: a bad mobile line manages ten times as much. */
const SLOWEST_UPLOAD = 2048;

const ANSWER = JSON.stringify({ msg: 'fail', data: 'Request Timeout' });

/**
 * @param limits `requestSeconds`: for a whole request without a file; `uploadStallSeconds`: how long an upload may pause,
 * and how long it may be slower than {@link SLOWEST_UPLOAD} at its beginning
 */
export function registerBodyWatch(
  app: FastifyInstance,
  limits: { requestSeconds: number; uploadStallSeconds: number },
): void {
  app.addHook('onRequest', async (request) => {
    const { headers } = request;
    if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) return;
    if (request.routeOptions.config.upload === true) watchUpload(request, limits.uploadStallSeconds * 1000);
    else watchRequest(request, limits.requestSeconds * 1000);
  });
}

function watchRequest(request: FastifyRequest, milliseconds: number): void {
  const timer = setTimeout(() => giveUp(request), milliseconds);
  whenEnded(request, () => clearTimeout(timer));
}

function watchUpload(request: FastifyRequest, stall: number): void {
  const { socket } = request.raw;
  const start = { time: Date.now(), bytes: socket.bytesRead };
  let last = start;
  const timer = setInterval(() => {
    const time = Date.now();
    const bytes = socket.bytesRead;
    if (bytes > last.bytes) last = { time, bytes };
    const isStalled = time - last.time >= stall;
    const elapsed = time - start.time;
    const isDribbling = elapsed >= stall && bytes - start.bytes < (SLOWEST_UPLOAD * elapsed) / 1000;
    if (isStalled || isDribbling) giveUp(request);
  }, stall / 4);
  whenEnded(request, () => clearInterval(timer));
}

function whenEnded({ raw }: FastifyRequest, ended: () => void): void {
  raw.once('end', ended);
  raw.once('close', ended);
}

function giveUp({ raw }: FastifyRequest): void {
  if (raw.complete || raw.destroyed) return;
  const { socket } = raw;
  const done = (): void => void raw.destroy();
  if (!socket.writable) return done();
  socket.end(
    'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n' +
      `Content-Length: ${ANSWER.length}\r\n\r\n${ANSWER}`,
    done,
  );
}
