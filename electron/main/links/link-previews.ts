/**
 * Looks at a page that somebody is about to send a link to, and says what a card of it would show. Whoever sends it looks, and the
 * card travels inside the message: nobody who merely reads it is seen by the page. The lines lead to the public network only.
 */
import type { Response } from 'undici';
import { toWireError } from '#protocol/errors';
import type { LinkPreview } from '#protocol/ipc';
import type { Network } from '../network/network.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import type { PageFacts } from './page-facts.ts';

/** For page and picture together, milliseconds. */
const PATIENCE = 8_000;
const MOST_REDIRECTS = 5;
/** Unpacked. What a page says of itself stands at its beginning. Bytes. */
const PAGE_LIMIT = 1024 * 1024;
const PICTURE_LIMIT = 4 * 1024 * 1024;
const PICTURE = /^image\/(?:png|jpeg|webp|gif|avif)$/u;
/** Tells neither version nor system. */
const USER_AGENT = 'Mozilla/5.0 (compatible; Magpie link preview)';

export interface LinkPreviewsOptions {
  /** To the public network only. */
  network: Pick<Network, 'fetch'>;
  clock: Pick<Clock, 'after'>;
  logger: Logger;
  /** The person wants previews. */
  wanted(): boolean;
}

export interface LinkPreviews {
  /** Null where there is nothing to show, for whatever reason: it is an extra, and no failure is worth a word. */
  look(url: string): Promise<LinkPreview | null>;
}

export function createLinkPreviews({ network, clock, logger, wanted }: LinkPreviewsOptions): LinkPreviews {
  const log = logger.module('links');

  /** The answer at the end of all redirects, each of which is a line of its own that has to be admitted. */
  const follow = async (start: string, accept: string, signal: AbortSignal): Promise<Response | null> => {
    let url = new URL(start);
    for (let step = 0; step <= MOST_REDIRECTS; step += 1) {
      if (!isWeb(url)) return null;
      const answer = await network.fetch(url.href, {
        headers: { accept, 'user-agent': USER_AGENT },
        redirect: 'manual',
        signal,
      });
      if (answer.ok) return answer;
      await answer.body?.cancel();
      const target = answer.headers.get('location');
      if (answer.status < 300 || answer.status > 399 || target === null) return null;
      const next = new URL(target, url);
      // What was asked for in private is not continued in public.
      if (url.protocol === 'https:' && next.protocol !== 'https:') return null;
      url = next;
    }
    return null;
  };

  const readPage = async (
    url: string,
    signal: AbortSignal,
  ): Promise<(PageFacts & { base: string }) | null> => {
    const answer = await follow(url, 'text/html,application/xhtml+xml', signal);
    if (answer === null) return null;
    const { type, charset } = contentType(answer);
    if (type !== 'text/html' && type !== 'application/xhtml+xml') {
      await answer.body?.cancel();
      return null;
    }
    // The start has no use for parsers, and most people never.
    const [{ createPageReader }, { getEncoding }] = await Promise.all([
      import('./page-facts.ts'),
      import('encoding-sniffer'),
    ]);
    const reader = createPageReader();
    let decoder: InstanceType<typeof TextDecoder> | null = null;
    for await (const piece of limited(answer, PAGE_LIMIT)) {
      decoder ??= new TextDecoder(
        getEncoding(piece, {
          defaultEncoding: 'utf-8',
          ...(charset === undefined ? {} : { transportLayerEncodingLabel: charset }),
        }),
      );
      reader.write(decoder.decode(piece, { stream: true }));
      if (reader.done) break;
    }
    return { ...reader.facts(), base: answer.url };
  };

  const readPicture = async (address: string, signal: AbortSignal): Promise<LinkPreview['picture']> => {
    const answer = await follow(address, 'image/*', signal);
    if (answer === null) return null;
    const { type } = contentType(answer);
    const parts: Uint8Array[] = [];
    let size = 0;
    if (PICTURE.test(type)) {
      // One byte more, so that a picture that is cut is known from one that just fits.
      for await (const part of limited(answer, PICTURE_LIMIT + 1)) {
        parts.push(part);
        size += part.length;
      }
    } else await answer.body?.cancel();
    return size === 0 || size > PICTURE_LIMIT ? null : { mime: type, bytes: Buffer.concat(parts) };
  };

  return {
    async look(url) {
      if (!wanted()) return null;
      const patience = new AbortController();
      const cancel = clock.after(PATIENCE, () => patience.abort());
      const { signal } = patience;
      try {
        const page = await readPage(url, signal);
        if (page === null || page.title === '') return null;
        const { title, description, site, base } = page;
        const address =
          URL.canParse(page.picture, base) && page.picture !== '' ? new URL(page.picture, base) : null;
        const picture = address === null ? null : await readPicture(address.href, signal).catch(() => null);
        return { title, description, site, picture };
      } catch (thrown) {
        // Without the address: where people go is nothing for a log.
        log.info('no-preview', { code: toWireError(thrown).code });
        return null;
      } finally {
        cancel();
      }
    },
  };
}

function isWeb(url: URL): boolean {
  return (
    (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.password === ''
  );
}

function contentType(answer: Response): { type: string; charset: string | undefined } {
  const [type = '', ...parameters] = (answer.headers.get('content-type') ?? '').split(';');
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]+)/iu.exec(parameter)?.[1])
    .find((value) => value !== undefined);
  return { type: type.trim().toLowerCase(), charset };
}

/** The first bytes name the encoding of a page. */
const FIRST_PIECE = 1024;

/** The beginning of a body, after whatever unpacked it, and no small piece at its start; the rest is not loaded. */
async function* limited(answer: Response, most: number): AsyncGenerator<Uint8Array> {
  let left = most;
  let first: Uint8Array | null = new Uint8Array();
  // Leaving the loop cancels the body.
  for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    const piece = chunk.subarray(0, left);
    left -= piece.length;
    if (first === null) yield piece;
    else {
      first = Buffer.concat([first, piece]);
      if (first.length >= FIRST_PIECE) {
        yield first;
        first = null;
      }
    }
    if (left <= 0) break;
  }
  if (first !== null && first.length > 0) yield first;
}
