import { appendFile, chmod, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LogSink } from './logger.ts';
import { makePrivateFolder } from './private-files.ts';

/** A log file that renames itself to `<path>.1` at the cap, so that logs take at most twice as much space. */
export interface LogFile {
  write: LogSink;
  /** Resolves when everything written so far is with the operating system. */
  flush(): Promise<void>;
}

export function openLogFile(path: string, capBytes = 2 * 1024 * 1024): LogFile {
  let waiting: string[] = [];
  let size: number | null = null;
  let work: Promise<void> = Promise.resolve();
  let scheduled = false;

  const drain = async () => {
    scheduled = false;
    const text = waiting.join('');
    waiting = [];
    if (text === '') return;
    try {
      if (size === null) {
        makePrivateFolder(dirname(path));
        size = await stat(path).then(
          async (found) => {
            await chmod(path, 0o600).catch(() => undefined);
            return found.size;
          },
          () => 0,
        );
      }
      if (size > capBytes) {
        await rename(path, `${path}.1`);
        size = 0;
      }
      await appendFile(path, text, { mode: 0o600 });
      size += Buffer.byteLength(text);
    } catch {
      // A log that cannot be written (disk full, read-only) must never stop the app; stderr still has the lines.
    }
  };

  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    work = work.then(drain);
  };

  return {
    write(line) {
      waiting.push(line);
      schedule();
    },
    async flush() {
      schedule();
      await work;
    },
  };
}
