/**
 * Files that everybody can load from the bucket itself, as `egg-im` has it with object storage: a copy of the content under the path of
 * its address. Only the long random part of it keeps strangers out.
 */
import { CopyObjectCommand, DeleteObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Sha256 } from './blob-store.ts';

/** Most bytes that a storage copies within itself at once. */
export const MOST_PUBLISHED = 5 * 1024 ** 3;

const YEAR = 31_536_000;

export interface PublishedFiles {
  /** Of a path, for everybody. */
  addressOf(path: string): string;
  /** The path of such an address; undefined for any other. */
  pathOf(address: string): string | undefined;
  /** The content has to be in the storage already. */
  publish(path: string, sha256: Sha256, as: { mime: string; disposition: string }): Promise<void>;
  /** Unknown ones are no error. Only for what was published here: others may store under the same folder. */
  withdraw(path: string): Promise<void>;
}

export function publishedFiles(
  client: S3Client,
  { bucket, prefix, base }: { bucket: string; prefix: string; base: string },
): PublishedFiles {
  return {
    addressOf: (path) => `${base}/${path}`,
    pathOf: (address) => (address.startsWith(`${base}/`) ? address.slice(base.length + 1) : undefined),
    async publish(path, sha256, { mime, disposition }) {
      await client.send(
        new CopyObjectCommand({
          Bucket: bucket,
          Key: path,
          CopySource: encodeURI(`${bucket}/${prefix}${sha256}`),
          MetadataDirective: 'REPLACE',
          // Decided by the content: what a browser would run is bytes to be saved here as well.
          ContentType: mime,
          ContentDisposition: disposition,
          CacheControl: `public, max-age=${YEAR}, immutable`,
        }),
      );
    },
    async withdraw(path) {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: path }));
    },
  };
}
