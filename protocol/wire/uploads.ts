/**
 * Extension `uploads`: files of any size in pieces. The sender makes the id and knows size and SHA-256 beforehand, so every
 * call may be repeated after a lost answer, and what arrived before a cut is not sent again.
 */
import { z } from 'zod';

/** Key in the capabilities answer; its value is {@link wireUploadLimits}. */
export const UPLOADS_EXTENSION = 'uploads';

/** `POST` begins or goes on, `PUT …/:id?offset=N` appends the raw body, `DELETE …/:id` gives up. */
export const UPLOADS_PATH = '/api/chat/uploads';

/** Status of a send that names an upload which is not there any more. */
export const UPLOADS_GONE = 410;

export const wireUploadLimits = z.object({
  /** Largest file, bytes. */
  max_bytes: z.number().int().positive(),
  /** Files need the token; otherwise whoever knows an address may load it. */
  private: z.boolean(),
  /** Makes covers of videos (E42). */
  covers: z.boolean(),
  /** Its senders choose which files go to its object storage; without a word of it they do not. */
  object_storage: z.boolean().default(false),
});
export type WireUploadLimits = z.infer<typeof wireUploadLimits>;

/** Answer to all calls: how far it is, and the address once the file is complete. */
export const wireUploadState = z.object({
  /** Bytes that the server has. */
  offset: z.number().int().nonnegative(),
  /** Relative to the origin, `/public/uploads/…`, or absolute where it lies in an object storage that is open to all; null until the last byte is there and checked. */
  url: z.string().nullable(),
});
export type WireUploadState = z.infer<typeof wireUploadState>;
