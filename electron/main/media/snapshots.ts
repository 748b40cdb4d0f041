/** Pictures out of films, made by the object storage that the films lie in. */
import { Readable } from 'node:stream';
import { toWireError } from '#protocol/errors';
import type { ChatDialect } from '../dialects/chat-dialect.ts';
import type { Logger } from '../support/logger.ts';
import type { MediaCache } from './media-cache.ts';
import { fetchPicture } from './small-picture.ts';

export interface Snapshot {
  url: string;
  /** Pixels. */
  width: number;
  height: number;
}

/**
 * Gives the address of such a picture; null where there is none. Not every storage makes them, and those that do not answer with the film,
 * or an error: so it is asked once, before anybody is told of the address.
 */
export function createSnapshots(options: {
  dialect: Pick<ChatDialect, 'snapshotOf' | 'accessTo' | 'network'>;
  cache: Pick<MediaCache, 'fill'>;
  log: Pick<Logger, 'info'>;
  signal: AbortSignal;
}): (film: string) => Promise<Snapshot | null> {
  const { dialect, cache, log, signal } = options;
  return async (film) => {
    const url = dialect.snapshotOf(film);
    const access = url === null ? null : dialect.accessTo(url);
    if (url === null || access === null) return null;
    try {
      const picture = await fetchPicture(access, dialect.network, signal);
      if (picture === null) return null;
      const bytes = Buffer.from(picture.bytes);
      // The start has no use for it.
      const { imageSize } = await import('image-size');
      const { width, height } = imageSize(bytes);
      // The sender sees it in their own message: it is here already.
      await cache.fill(url, picture.type, Readable.from([bytes]));
      return { url, width, height };
    } catch (thrown) {
      log.info('no-snapshot', { code: toWireError(thrown).code });
      return null;
    }
  };
}
