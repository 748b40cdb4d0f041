/** Files that lie in an object storage which is open to all: their addresses there, and that nothing stays behind. */
import { dispositionOf } from '../files/disposition.ts';
import type { PublishedFiles } from '../files/published-files.ts';
import type { FileRecord } from '../storage/records.ts';
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
  /** The row is gone. What a storage that is away keeps is found by `sweep`. */
  withdraw(path: string): Promise<void>;
  /** Removes what is old and has no row. */
  sweep(olderThan: number, isKnown: (path: string) => Promise<boolean>): Promise<void>;
}

/** @param published null where the bucket is open to nobody */
export function openFiles(published: PublishedFiles | null): OpenFiles {
  const includes = (path: string): boolean => published !== null && placeOf(path) === 'object-storage';
  return {
    includes,
    addressOf: (path) => (published !== null && includes(path) ? published.addressOf(path) : null),
    pathOf: (address) => published?.pathOf(address),
    async publish(sha256, { path, name, mime }) {
      if (includes(path))
        await published?.publish(path, sha256, { mime, disposition: dispositionOf({ mime, name }) });
    },
    async withdraw(path) {
      if (includes(path)) await published?.withdraw(path).catch(() => undefined);
    },
    async sweep(olderThan, isKnown) {
      for await (const path of published?.list(olderThan) ?? [])
        if (!(await isKnown(path))) await published?.withdraw(path);
    },
  };
}
