/** {@link BlobStore} of two: the disk, and an object storage for what its sender wants there. Whoever reads need not know which. */
import type { BlobStore } from './blob-store.ts';

export function chosenPlace(disk: BlobStore, storage: BlobStore): BlobStore {
  const placeOf = async (sha256: string): Promise<BlobStore> => ((await disk.has(sha256)) ? disk : storage);
  return {
    put: (sha256, localFile, place) => (place === 'object-storage' ? storage : disk).put(sha256, localFile),
    has: (sha256, place) =>
      place === undefined
        ? placeOf(sha256).then((store) => store.has(sha256))
        : (place === 'object-storage' ? storage : disk).has(sha256),
    read: async (sha256, range) => (await placeOf(sha256)).read(sha256, range),
    signedAddress: async (sha256, as) => (await placeOf(sha256)).signedAddress(sha256, as),
    async remove(sha256) {
      await disk.remove(sha256);
      // Most of what goes was never there. What a storage that is away keeps is found by its list, at a later sweep.
      await storage.remove(sha256).catch(() => undefined);
    },
    async *list(olderThan) {
      yield* disk.list(olderThan);
      yield* storage.list(olderThan);
    },
    withLocalFile: async (sha256, use) => (await placeOf(sha256)).withLocalFile(sha256, use),
  };
}
