import type { IncomingMessage } from 'node:http';

/**
 * Address that limits count by. Behind a reverse proxy it is the last entry of `X-Forwarded-For`: the one the proxy
 * itself wrote; earlier ones come from the client and may be invented.
 */
export function clientAddress(request: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy ? request.headers['x-forwarded-for'] : undefined;
  const list = Array.isArray(forwarded) ? forwarded.join(',') : forwarded;
  const last = list?.split(',').at(-1)?.trim();
  return last !== undefined && last !== '' ? last : (request.socket.remoteAddress ?? '');
}
