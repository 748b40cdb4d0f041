/** Files on their way out of the window: another program can only take what lies readable under a name. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MediaFile } from '#protocol/model/message';
import type { AccountMedia } from './account-media.ts';
import { safeName } from './places.ts';

export interface DragFiles {
  /** Writes the file of a message, once, under its own name. */
  ready(messageId: string, file: MediaFile, media: Pick<AccountMedia, 'save'>): Promise<string>;
  /** What was written by `ready` before; null when nothing was. */
  pathOf(messageId: string): string | null;
}

/**
 * The copies are readable, unlike everything else that we keep, and a program may read them long after the drop: they go
 * when the app starts the next time.
 * @param folder of nobody else
 */
export function createDragFiles(folder: string): DragFiles {
  const emptied = rm(folder, { recursive: true, force: true }).catch(() => undefined);
  const paths = new Map<string, string>();
  const writing = new Map<string, Promise<string>>();

  const write = async (messageId: string, file: MediaFile, media: Pick<AccountMedia, 'save'>) => {
    await emptied;
    // A folder for each: two files of one name stay apart, and neither gets another name.
    const own = join(folder, messageId.replaceAll(/[^\w-]/gu, '_'));
    await mkdir(own, { recursive: true, mode: 0o700 });
    const path = await media.save(file, `drag:${messageId}`, { path: join(own, safeName(file.name)) });
    paths.set(messageId, path);
    return path;
  };

  return {
    pathOf: (messageId) => paths.get(messageId) ?? null,
    ready(messageId, file, media) {
      const done = paths.get(messageId);
      if (done !== undefined) return Promise.resolve(done);
      const known = writing.get(messageId);
      if (known !== undefined) return known;
      const started = write(messageId, file, media).finally(() => writing.delete(messageId));
      writing.set(messageId, started);
      return started;
    },
  };
}
