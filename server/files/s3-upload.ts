/**
 * Local files into a bucket: what fits into one part goes at once, the rest in parts, because a single `PutObject` ends at 5 GiB and a cut
 * would cost all of it. Parts are read from the disk as they go, so memory does not grow with the file.
 */
import { createReadStream, type ReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3ServiceException,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3';

export interface S3Place {
  Bucket: string;
  Key: string;
}

/** Bytes of a part, unless there would be too many of them. */
export const PART = 64 * 1024 * 1024;
/** Of one file. */
const MOST_PARTS = 10_000;
const PARALLEL = 4;
const TRIES = 3;
const ContentType = 'application/octet-stream';

/** The object is there as a whole when this resolves, or not at all. */
export async function uploadToS3(
  client: S3Client,
  place: S3Place,
  localFile: string,
  partBytes = PART,
): Promise<void> {
  const { size } = await stat(localFile);
  if (size <= partBytes) {
    await repeatedly(localFile, 0, size, (Body) =>
      client.send(new PutObjectCommand({ ...place, Body, ContentLength: size, ContentType })),
    );
    return;
  }
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...place, ContentType }));
  if (UploadId === undefined) throw new Error('the storage began no upload');
  try {
    const Parts = await sendParts(client, { ...place, UploadId }, localFile, size, partBytes);
    await client.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts } }));
  } catch (error) {
    // One that cannot be reached keeps the parts until its own rule removes them.
    await client.send(new AbortMultipartUploadCommand({ ...place, UploadId })).catch(() => undefined);
    throw error;
  }
}

interface Part {
  PartNumber: number;
  ETag: string;
}

async function sendParts(
  client: S3Client,
  upload: S3Place & { UploadId: string },
  localFile: string,
  size: number,
  partBytes: number,
): Promise<Part[]> {
  const length = Math.max(partBytes, Math.ceil(size / MOST_PARTS));
  const count = Math.ceil(size / length);
  const parts: Part[] = [];
  let next = 1;
  const sendNext = async (): Promise<void> => {
    while (next <= count) {
      const PartNumber = next++;
      const start = (PartNumber - 1) * length;
      const ContentLength = Math.min(length, size - start);
      const { ETag } = await repeatedly(localFile, start, ContentLength, (Body) =>
        client.send(new UploadPartCommand({ ...upload, PartNumber, Body, ContentLength })),
      ).catch((error: unknown) => {
        // Nobody needs the others any more.
        next = Infinity;
        throw error;
      });
      parts.push({ PartNumber, ETag: ETag ?? '' });
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: PARALLEL }, sendNext));
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return parts.sort((one, other) => one.PartNumber - other.PartNumber);
}

/** A stream can be read once only, so the SDK cannot repeat by itself what has one as its body. */
async function repeatedly<Result>(
  localFile: string,
  start: number,
  length: number,
  send: (body: ReadStream) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    const body = createReadStream(localFile, {
      start,
      end: Math.max(start, start + length - 1),
      highWaterMark: 256 * 1024,
    });
    try {
      return await send(body);
    } catch (error) {
      if (attempt >= TRIES || isRefused(error)) throw error;
    } finally {
      body.destroy();
    }
  }
}

/** Trying again would change nothing. */
function isRefused(error: unknown): boolean {
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  return status !== undefined && status >= 400 && status < 500 && status !== 429;
}
