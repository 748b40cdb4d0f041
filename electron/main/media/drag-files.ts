/** Files on their way out of the window: another program can only take what lies readable under a name. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { v4 as uuid } from 'uuid';
import type { AccountMedia } from './account-media.ts';
import { safeName } from './places.ts';
import { createWrittenFiles, type FileOfMessage } from './written-files.ts';

type Dragged = FileOfMessage<Pick<AccountMedia, 'save'>>;

export interface DragFiles {
  /** Writes the file of a message, once, under its own name. */
  ready(which: Dragged): Promise<string>;
  /** What was written by `ready` before; null when nothing was. */
  pathOf(which: Dragged): string | null;
}

/**
 * The copies are readable, unlike everything else that we keep, and a program may read them long after the drop: they go
 * when the app starts the next time.
 * @param folder of nobody else
 */
export function createDragFiles(folder: string): DragFiles {
  const emptied = rm(folder, { recursive: true, force: true }).catch(() => undefined);
  const written = createWrittenFiles();

  return {
    pathOf: written.pathOf,
    ready: (which) =>
      written.ensure(which, async () => {
        await emptied;
        // A folder for each: two files of one name stay apart, and neither gets another name.
        const id = uuid();
        const own = join(folder, id);
        await mkdir(own, { recursive: true, mode: 0o700 });
        const { owner, file } = which;
        return owner.save(file, `drag:${id}`, { path: join(own, safeName(file.name)) });
      }),
  };
}
