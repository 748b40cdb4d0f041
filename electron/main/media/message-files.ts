/** The files of messages that go out: to the server before their message, and kept here until it has that. */
import { toWireError } from '#protocol/errors';
import { addressesOf, withAddresses, type MediaContent } from '#protocol/model/message';
import type { ChatDialect } from '../dialects/chat-dialect.ts';
import type { OutboxFiles } from '../messaging/outbox.ts';
import type { Logger } from '../support/logger.ts';
import type { Outgoing } from './outgoing.ts';
import type { Snapshot } from './snapshots.ts';
import type { Preparations } from './preparations.ts';
import type { Transfers } from './transfers.ts';

export interface MessageFilesOptions {
  outgoing: Pick<Outgoing, 'behind' | 'forgotten'>;
  transfers: Pick<Transfers, 'start' | 'done'>;
  preparations: Pick<Preparations, 'ready' | 'forget'>;
  dialect: Pick<ChatDialect, 'cover' | 'sendMedia'>;
  log: Pick<Logger, 'info'>;
  /** Do films go where pictures out of them may be made? */
  drawsFilms(): boolean;
  /** A picture out of a film at this address, made where it lies. */
  snapshot(film: string): Promise<Snapshot | null>;
  /** What was kept for an upload goes. */
  release(id: string): Promise<void>;
}

export function createMessageFiles(options: MessageFilesOptions): OutboxFiles {
  const { outgoing, transfers, preparations, dialect, log, release } = options;
  /** The server makes one at a time. */
  let covers: Promise<unknown> = Promise.resolve();
  /** A film that the window could make no picture of: the server may. Without one it is a film all the same. */
  const withCover = async (content: MediaContent): Promise<MediaContent> => {
    if (content.kind !== 'video' || content.poster !== '') return content;
    try {
      const making = covers.then(() => dialect.cover(content.file.url));
      covers = making.catch(() => undefined);
      const cover = await making;
      if (cover === null) return content;
      const { url, width, height } = cover;
      return { ...content, poster: url, ...(content.width > 0 ? {} : { width, height }) };
    } catch (thrown) {
      log.info('no-cover', { code: toWireError(thrown).code });
      return content;
    }
  };

  /** Its own picture of a film goes up only where the storage makes none. */
  const snapshotOf = async (content: MediaContent, stages: Map<string, string>): Promise<Snapshot | null> => {
    const film = content.kind === 'video' ? stages.get(content.file.url) : undefined;
    if (film === undefined || !options.drawsFilms()) return null;
    return options.snapshot(await transfers.done(film));
  };

  return {
    async ready(content) {
      const prepared = await preparations.ready(content);
      // Also what an earlier try uploaded: the server may have forgotten it.
      const stages = await outgoing.behind(addressesOf(prepared));
      const snapshot = await snapshotOf(prepared, stages);
      if (snapshot !== null && prepared.kind === 'video') stages.delete(prepared.poster);
      for (const id of stages.values()) transfers.start(id);
      const addresses = new Map<string, string>();
      for (const [address, id] of stages) addresses.set(address, await transfers.done(id));
      const now = (address: string) => addresses.get(address) ?? address;
      const isElsewhere = now(prepared.file.url) !== prepared.file.url;
      // The picture that the server made of a film goes there with the film.
      const isCoverless = prepared.kind === 'video' && isElsewhere && !stages.has(prepared.poster);
      const there = withAddresses(isCoverless ? { ...prepared, poster: '' } : prepared, now);
      if (snapshot === null || there.kind !== 'video')
        return { staged: prepared, content: await withCover(there) };
      const { url, width, height } = snapshot;
      const drawn = { ...there, poster: url, ...(there.width > 0 ? {} : { width, height }) };
      return { staged: prepared, content: drawn };
    },
    async send(message, signal) {
      const stages = await outgoing
        .behind(addressesOf(message.content))
        .catch(() => new Map<string, string>());
      return dialect.sendMedia({ ...message, uploads: [...new Set(stages.values())] }, signal);
    },
    async gone(content) {
      for (const id of (await outgoing.behind(addressesOf(content))).values()) await outgoing.forgotten(id);
    },
    async sent(staged, content) {
      preparations.forget(staged.file.url);
      const stages = await outgoing.behind([...addressesOf(staged), ...addressesOf(content)]);
      for (const id of new Set(stages.values())) await release(id);
    },
  };
}
