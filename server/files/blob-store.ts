/**
 * Where the bytes of files live, under the SHA-256 of their content. Names that people give never reach this room, so
 * they can never become paths.
 */
import type { Readable } from 'node:stream';
import type { FilePlace } from '../storage/records.ts';

/** Lower-case hex. */
export type Sha256 = string;

/** Bytes from `start` to `end`, both included. */
export interface ByteRange {
  start: number;
  end: number;
}

export interface BlobStore {
  /**
   * Takes a finished local file over; the same content twice is stored once. A disk takes the file itself, a storage elsewhere
   * leaves it: its row may still fail, and the sender should not have to send all of it again. The caller discards it.
   * The bytes are on the disk (or acknowledged by the storage) when this resolves.
   * @param place where its sender wants it; only stores with both ask
   */
  put(sha256: Sha256, localFile: string, place?: FilePlace): Promise<void>;
  /** @param place as for `put`; anywhere if left out */
  has(sha256: Sha256, place?: FilePlace): Promise<boolean>;
  /** Without a range: all of it. Errors of the storage come through the stream. */
  read(sha256: Sha256, range?: ByteRange): Promise<Readable>;
  /**
   * An address under which anybody can load the content for a while, as this type and under this name; null where
   * content is handed out by us alone.
   */
  signedAddress(sha256: Sha256, as: { mime: string; disposition: string }): Promise<string | null>;
  /** Unknown ones are no error. */
  remove(sha256: Sha256): Promise<void>;
  /** Content that was last written before `olderThan` (milliseconds since 1970). */
  list(olderThan: number): AsyncIterable<Sha256>;
  /** Runs `use` with the content as a local file, for tools that need one. */
  withLocalFile<Result>(sha256: Sha256, use: (path: string) => Promise<Result>): Promise<Result>;
}
