/** {@link BlobStore} of which nothing is removed for a while: for a backup that has to find what its database names. */
import type { BlobStore } from './blob-store.ts';

export interface HeldBlobs extends BlobStore {
  /** Removes nothing until the returned function is called. What should have gone meanwhile goes with a later sweep. */
  hold(): () => void;
}

export function holdable(blobs: BlobStore): HeldBlobs {
  let holders = 0;
  return {
    ...blobs,
    remove: (sha256) => (holders > 0 ? Promise.resolve() : blobs.remove(sha256)),
    hold() {
      holders += 1;
      let held = true;
      return () => {
        if (held) holders -= 1;
        held = false;
      };
    },
  };
}
