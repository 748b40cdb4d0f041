/** Files of messages, written where people look for them. */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MagpieError } from '#protocol/errors';
import type { MediaFile } from '#protocol/model/message';
import { unlessAborted } from '../support/unless-aborted.ts';
import { KEEP_LIMIT } from './downloads.ts';
import { checkRoom, freePath, safeName } from './places.ts';

/** A folder gets it under its own name, beside one that has that name already. */
export type SaveTarget = { folder: string } | { path: string };

interface Running {
  url: string;
  /** Null where it is not chosen yet. */
  path: string | null;
  abort: AbortController;
  done: Promise<string>;
}

/** @param content of a file; reports its progress under the id */
export function createSaving(
  content: (file: MediaFile, id: string, signal: AbortSignal) => Promise<Readable>,
) {
  const running = new Map<string, Set<Running>>();
  /** Paths that are being written to: theirs are names that nobody else may take. */
  const writing = new Set<string>();

  const write = async (
    file: MediaFile,
    target: SaveTarget,
    signal: AbortSignal,
    open: () => Promise<Readable>,
  ): Promise<string> => {
    const folder = 'folder' in target ? target.folder : dirname(target.path);
    const path = 'path' in target ? target.path : await freePath(folder, safeName(file.name), writing);
    writing.add(path);
    const partial = `${path}.part`;
    try {
      await mkdir(folder, { recursive: true });
      await checkRoom(folder, file.size);
      await pipeline(await open(), createWriteStream(partial), { signal });
      await rename(partial, path);
      return path;
    } catch (thrown) {
      await rm(partial, { force: true }).catch(() => undefined);
      if (signal.aborted) throw new MagpieError('cancelled', 'given up');
      if (thrown instanceof MagpieError) throw thrown;
      const code = thrown instanceof Error && 'code' in thrown ? thrown.code : '';
      throw new MagpieError(code === 'ENOSPC' ? 'disk-full' : 'file-not-writable', 'not saved', undefined, {
        cause: thrown,
      });
    } finally {
      writing.delete(path);
    }
  };

  const cancel = (id: string): void => {
    for (const { abort } of running.get(id) ?? []) abort.abort();
  };

  return {
    /** @param id under which progress is told and `cancel` finds it */
    async save(file: MediaFile, id: string, target: SaveTarget): Promise<string> {
      const beside = running.get(id) ?? new Set();
      const path = 'path' in target ? target.path : null;
      const same = [...beside].find((one) => one.url === file.url && path !== null && one.path === path);
      if (same !== undefined) return same.done;
      if (path !== null && writing.has(path))
        throw new MagpieError('not-allowed', 'already being written to');
      const abort = new AbortController();
      const { signal } = abort;
      const first = [...beside].find(({ url }) => url === file.url);
      const open = async (): Promise<Readable> => {
        // Two that are kept share one download; of what is too large for that the second is a copy of the first.
        if (first === undefined || file.size <= KEEP_LIMIT) return content(file, id, signal);
        const there = await unlessAborted(first.done, signal).catch(() => null);
        return there === null || signal.aborted ? content(file, id, signal) : createReadStream(there);
      };
      const done = write(file, target, signal, open);
      const one = { url: file.url, path, abort, done };
      running.set(id, beside.add(one));
      try {
        return await done;
      } finally {
        beside.delete(one);
        if (beside.size === 0) running.delete(id);
      }
    },
    /** Wherever it is being saved to. */
    cancel,
    stop(): void {
      for (const id of running.keys()) cancel(id);
    },
  };
}
