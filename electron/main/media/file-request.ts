/**
 * Asks a server for a file. One with an object storage may lead to it by an address that is good for a while, and what plain servers keep in
 * theirs is named by messages; there goes no token, and the line only where pages of strangers may lead too: to the public network, or to the server's own host. So no server can
 * make this computer ask others in its network.
 */
import type { RequestInit, Response } from 'undici';
import { MagpieError } from '#protocol/errors';
import type { FileAccess } from '../dialects/chat-dialect.ts';
import type { Network } from '../network/network.ts';

export interface FileNetwork extends Pick<Network, 'fetch'> {
  readonly outside: Pick<Network, 'fetch'>;
}

/** What of a file is wanted: all of it, if nothing is said. */
export interface FileWish {
  method?: 'GET' | 'HEAD';
  /** Headers of the same names. */
  range?: string;
  ifRange?: string;
}

/** @param request an address of the server and what shows that it may be loaded, or one of the storage behind it */
export async function requestFile(
  network: FileNetwork,
  request: FileAccess,
  { method = 'GET', range, ifRange, signal }: FileWish & { signal: AbortSignal },
): Promise<Response> {
  const wish = {
    ...(range === undefined ? {} : { range }),
    ...(ifRange === undefined ? {} : { 'if-range': ifRange }),
  };
  const options = { method, signal } satisfies RequestInit;
  if (request.outside === true)
    return network.outside.fetch(request.url, { ...options, headers: wish, redirect: 'error' });
  const answer = await network.fetch(request.url, {
    ...options,
    headers: { ...request.headers, ...wish },
    redirect: 'manual',
  });
  if (answer.status < 300 || answer.status > 399 || answer.status === 304) return answer;
  await answer.body?.cancel();
  const location = answer.headers.get('location') ?? '';
  if (!URL.canParse(location)) throw new MagpieError('file-gone', 'led to nowhere');
  const [target, home] = [new URL(location), new URL(request.url)];
  const isWeb = target.protocol === 'https:' || (target.protocol === 'http:' && home.protocol === 'http:');
  if (!isWeb) throw new MagpieError('not-allowed', 'led out of a protected line');
  const way = target.hostname === home.hostname ? network : network.outside;
  return way.fetch(target.href, { ...options, headers: wish, redirect: 'error' });
}
