/** Files that lie in an object storage which is open to all: their addresses there, and that nothing stays behind. */
import { dispositionOf } from '../files/disposition.ts';
import type { PublishedFiles } from '../files/published-files.ts';
import type { FileRecord } from '../storage/records.ts';
import type { DomainContext } from './context.ts';
import { placeOf } from './file-names.ts';

export interface OpenFiles {
  /** Is what gets this path open to all? */
  includes(path: string): boolean;
  /** Where everybody can load what has this path with us; null where only we hand it out. */
  addressOf(path: string): string | null;
  /** The path of such an address; undefined for any other. */
  pathOf(address: string): string | undefined;
  /** Nothing for what is not open. The content has to be in the storage already. */
  publish(sha256: string, file: Pick<FileRecord, 'path' | 'name' | 'mime'>): Promise<void>;
  /** The row is gone. What a storage that is away keeps goes with `sweep`. */
  withdraw(path: string): Promise<void>;
  /** Takes away what was published before `before` (milliseconds since 1970) and has no row. */
  sweep(before: number): Promise<void>;
}

/** @param published null where the bucket is open to nobody */
export function openFiles(
  published: PublishedFiles | null,
  { storage, now }: Pick<DomainContext, 'storage' | 'now'>,
): OpenFiles {
  const includes = (path: string): boolean => published !== null && placeOf(path) === 'object-storage';

  async function takeAway(from: PublishedFiles, path: string): Promise<void> {
    await from.withdraw(path);
    await storage.write((unit) => unit.files.forgetPublished(path));
  }

  return {
    includes,
    addressOf: (path) => (published !== null && includes(path) ? published.addressOf(path) : null),
    pathOf: (address) => published?.pathOf(address),
    async publish(sha256, { path, name, mime }) {
      if (published === null || !includes(path)) return;
      // Noted first: what is cut short in between has to be found again, and the bucket itself does not tell whose it is.
      await storage.write((unit) => unit.files.notePublished(path, now()));
      await published.publish(path, sha256, { mime, disposition: dispositionOf({ mime, name }) });
    },
    async withdraw(path) {
      if (published === null || !(await storage.files.isPublished(path))) return;
      await takeAway(published, path).catch(() => undefined);
    },
    async sweep(before) {
      if (published === null) return;
      for (const path of await storage.files.publishedInVain(before)) await takeAway(published, path);
    },
  };
}
