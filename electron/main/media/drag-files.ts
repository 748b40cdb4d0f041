/** Files on their way out of the window: another program can only take what lies readable under a name. */
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { v4 as uuid } from 'uuid';
import type { AccountMedia } from './account-media.ts';
import { safeName } from './places.ts';
import { createWrittenFiles, type FileOfMessage } from './written-files.ts';

type Dragged = FileOfMessage<Pick<AccountMedia, 'save'>>;

export interface DragFiles {
  /** Writes the file of a message, once, under its own name; progress is told under the message. */
  ready(which: Dragged): Promise<string>;
  /** What was written by `ready` before, for a program; null when nothing was. */
  take(which: Dragged): string | null;
  /** Nobody held it any more when it was ready: no program knows of it, so it goes. */
  release(which: Dragged): Promise<void>;
}

/**
 * The copies are readable, unlike everything else that we keep, and a program may read them long after the drop: they go
 * when the app starts the next time.
 * @param folder of nobody else
 */
export function createDragFiles(folder: string): DragFiles {
  const emptied = rm(folder, { recursive: true, force: true }).catch(() => undefined);
  const written = createWrittenFiles();
  /** What a program may be reading. */
  const taken = new Set<string>();
  const remove = (path: string) => rm(dirname(path), { recursive: true, force: true });

  return {
    take(which) {
      const path = written.pathOf(which);
      if (path !== null) taken.add(path);
      return path;
    },
    async release(which) {
      const path = written.pathOf(which);
      if (path === null || taken.has(path)) return;
      written.forget(which);
      await remove(path);
    },
    ready: (which) =>
      written.ensure(which, async () => {
        await emptied;
        // A folder for each: two files of one name stay apart, and neither gets another name.
        const own = join(folder, uuid());
        await mkdir(own, { recursive: true, mode: 0o700 });
        const { owner, file, messageId } = which;
        const path = join(own, safeName(file.name));
        try {
          return await owner.save(file, messageId, { path });
        } catch (thrown) {
          await remove(path);
          throw thrown;
        }
      }),
  };
}
