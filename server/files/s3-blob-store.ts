/**
 * {@link BlobStore} in an S3-compatible storage (AWS, MinIO, Ceph, Aliyun OSS by its S3 interface): `prefix + sha256`.
 * Objects are private; people get at them through us, who check who may, or by an address of ours that ends soon. Keys come from the SDK's own places
 * (environment, profile, role of the machine), never from flags.
 */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { BlobStore, ByteRange, Sha256 } from './blob-store.ts';
import { publishedFiles, type PublishedFiles } from './published-files.ts';
import { uploadToS3 } from './s3-upload.ts';

const SHA256 = /^[0-9a-f]{64}$/;

/** Milliseconds. */
const CONNECT_PATIENCE = 5_000;
const SILENCE_PATIENCE = 30_000;

export interface S3Options {
  /** Address of the storage; `aws` for that of the region. */
  endpoint: string;
  region: string;
  bucket: string;
  /** Begins every key, such as `files/`. */
  prefix: string;
  /** The bucket stands in the path and not in the host name. */
  pathStyle: boolean;
  /** Seconds for which an address of a content can be used by whoever has it; 0 gives none out. */
  signedSeconds: number;
  /** Where everybody can load what is published. */
  open?: { base: string };
  /** A folder for local copies, which tools need. */
  workFolder: string;
  /** Larger files go in parts of so many bytes; at least 5 MiB in Amazon's own. */
  partBytes?: number;
}

export interface S3BlobStore extends BlobStore {
  /** Null where nobody but us can load anything. */
  readonly published: PublishedFiles | null;
  close(): void;
}

export function s3BlobStore(options: S3Options): S3BlobStore {
  const { bucket, prefix } = options;
  const client = new S3Client({
    region: options.region,
    ...(options.endpoint === 'aws' ? {} : { endpoint: options.endpoint }),
    forcePathStyle: options.pathStyle,
    // Checksums beyond the standard are refused by OSS and others; the content's own hash is its name here.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: CONNECT_PATIENCE, socketTimeout: SILENCE_PATIENCE },
  });
  const placeOf = (sha256: Sha256) => {
    if (!SHA256.test(sha256)) throw new Error('not a SHA-256');
    return { Bucket: bucket, Key: prefix + sha256 };
  };

  async function has(sha256: Sha256): Promise<boolean> {
    try {
      await client.send(new HeadObjectCommand(placeOf(sha256)));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  async function read(sha256: Sha256, range?: ByteRange): Promise<Readable> {
    const { Body } = await client.send(
      new GetObjectCommand({
        ...placeOf(sha256),
        ...(range === undefined ? {} : { Range: `bytes=${range.start}-${range.end}` }),
      }),
    );
    if (Body === undefined) throw new Error('the storage answered without a body');
    return Body as Readable;
  }

  return {
    published:
      options.open === undefined ? null : publishedFiles(client, { bucket, prefix, ...options.open }),
    has: (sha256) => has(sha256),
    read,
    async put(sha256, localFile) {
      if (!(await has(sha256))) await uploadToS3(client, placeOf(sha256), localFile, options.partBytes);
    },
    async signedAddress(sha256, { mime, disposition }) {
      if (options.signedSeconds === 0) return null;
      const command = new GetObjectCommand({
        ...placeOf(sha256),
        ResponseContentType: mime,
        ResponseContentDisposition: disposition,
        ResponseCacheControl: `private, max-age=${options.signedSeconds}`,
      });
      return getSignedUrl(client, command, { expiresIn: options.signedSeconds });
    },
    async remove(sha256) {
      await client.send(new DeleteObjectCommand(placeOf(sha256)));
    },
    async *list(olderThan) {
      for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
        for (const { Key = '', LastModified } of page.Contents ?? []) {
          const sha256 = Key.slice(prefix.length);
          const isOld = LastModified !== undefined && LastModified.getTime() < olderThan;
          if (SHA256.test(sha256) && isOld) yield sha256;
        }
      }
    },
    async withLocalFile(sha256, use) {
      const path = join(options.workFolder, randomUUID());
      try {
        await pipeline(await read(sha256), createWriteStream(path, { flags: 'wx', mode: 0o600 }));
        return await use(path);
      } finally {
        await rm(path, { force: true });
      }
    },
    close: () => client.destroy(),
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404;
}
