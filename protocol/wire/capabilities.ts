/** `GET /api/capabilities`: how a client learns that a server has our extensions. Anything else means a plain one. */
import { z } from 'zod';

export const CAPABILITIES_PATH = '/api/capabilities';

export const wireCapabilities = z.object({
  msg: z.literal('ok'),
  data: z.object({
    server: z.string(),
    version: z.string(),
    /** Name of an extension → its revision. Unknown names are ignored. */
    extensions: z.record(z.string(), z.unknown()),
  }),
});
export type WireCapabilities = z.infer<typeof wireCapabilities>;

/** Names of the extensions in the capabilities answer. */
export const EXTENSIONS = {
  idempotentSend: 'idempotent_send',
  order: 'order',
  autoReply: 'auto_reply',
} as const;
