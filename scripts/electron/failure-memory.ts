import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A failed download is not tried again for this long: each command would otherwise wait for the same time-out. */
export const retryAfterMs = 6 * 60 * 60 * 1000;

interface Failure {
  /** What was being downloaded, from where: a new version or another mirror is a new chance. */
  key: string;
  reason: string;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Remembers, across runs, that something could not be downloaded. */
export class FailureMemory {
  readonly #file: string;

  constructor(cacheFolder: string) {
    this.#file = join(cacheFolder, 'electron', 'download-failure.json');
  }

  /** The reason of a failure that is recent enough to spare another try; undefined if a try is due. */
  async recall(key: string, now = Date.now()): Promise<string | undefined> {
    try {
      const failure = JSON.parse(await readFile(this.#file, 'utf8')) as Failure;
      const age = now - failure.at;
      return failure.key === key && age >= 0 && age < retryAfterMs ? failure.reason : undefined;
    } catch {
      // No memory, or an unreadable one: then the download is simply tried.
      return undefined;
    }
  }

  async remember(key: string, reason: string, now = Date.now()): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true });
    await writeFile(this.#file, JSON.stringify({ key, reason, at: now } satisfies Failure));
  }

  async forget(): Promise<void> {
    await rm(this.#file, { force: true });
  }
}
