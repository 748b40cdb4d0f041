/** The message object of `egg-im`, as it comes in frames and as the answer to a send. */
import { z } from 'zod';
import type { LinkCard } from '../model/message.ts';
import { wireMentions } from './groups.ts';

/** Content of a message: `{ data, dataType, otherData }`, sent as JSON text by people and as an object by notices. */
export interface WireContent {
  data: string;
  dataType: string | false;
  otherData: unknown;
}

const contentObject = z.looseObject({
  data: z.union([z.string(), z.number().transform(String)]),
  dataType: z.union([z.string(), z.literal(false)]).catch(false),
  otherData: z.unknown().optional(),
});

/** Reads content in every form seen in the wild: JSON text, object, bare text, number. Never throws. */
export function parseContent(raw: unknown): WireContent {
  let value = raw;
  if (typeof raw === 'string') {
    try {
      const parsed: unknown = JSON.parse(raw);
      if (typeof parsed === 'object' && parsed !== null) value = parsed;
    } catch {
      // Not JSON: the text itself is the content.
    }
  }
  const content = contentObject.safeParse(value);
  if (content.success) {
    return {
      data: content.data.data,
      dataType: content.data.dataType,
      otherData: content.data.otherData ?? null,
    };
  }
  if (typeof value === 'string' || typeof value === 'number')
    return { data: String(value), dataType: false, otherData: null };
  return { data: printed(value, raw), dataType: false, otherData: null };
}

/** Writing recurses where reading does not: brackets nested a hundred thousand deep can be read, but not printed. */
function printed(value: unknown, raw: unknown): string {
  try {
    return JSON.stringify(value ?? '');
  } catch {
    return typeof raw === 'string' ? raw : '';
  }
}

/** Content object of a text message, in the form the wire wants it; other clients do not look at the card. */
export function textContent(text: string, card?: LinkCard): WireContent {
  return { data: text, dataType: false, otherData: card === undefined ? null : { magpie: { card } } };
}

export const wireMessage = z.looseObject({
  id: z.string().min(1).max(200),
  from_id: z.union([z.string(), z.number()]).transform(String),
  from_name: z.string().nullish(),
  from_avatar: z.string().nullish(),
  to_id: z.union([z.string(), z.number()]).transform(String),
  to_name: z.string().nullish(),
  to_avatar: z.string().nullish(),
  chatType: z.enum(['single', 'group']),
  type: z.string(),
  data: z.unknown(),
  create_time: z.coerce.number(),
  sendUUid: z.string().nullish(),
  actionType: z.string().nullish(),
  redirect: z.looseObject({ url: z.string(), doaction: z.string().optional() }).nullish().catch(null),
  msgidKey: z.string().nullish(),
  /** Extension `order`: gap-free number in the conversation. */
  seq: z.number().int().positive().optional(),
  /** Extension `idempotent send`: the sender's own id of the message. */
  client_msg_id: z.string().max(64).optional(),
  /** Extension `mentions`: members of the group whom it means. */
  mentions: wireMentions.optional().catch(undefined),
  /** Extension `auto_reply`: an answer that was prepared, N12. */
  auto_reply: z.boolean().optional().catch(undefined),
  /** Extension `groups`: whom the notice of somebody who joined (N6) speaks of. */
  about: z
    .object({ account_id: z.number().int().positive(), inviter_id: z.number().int().positive().nullable() })
    .optional()
    .catch(undefined),
});
export type WireMessage = z.infer<typeof wireMessage>;
