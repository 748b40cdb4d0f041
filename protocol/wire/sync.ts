/**
 * Extensions of our server beyond single answers: the change log (`sync`), older messages (`history`), read marks,
 * recall that the server knows about, presence and typing. All additive: a plain client never sees any of it.
 *
 * The order in which a client must work: open the socket → frame {@link readyFrame} → call `sync` from the stored cursor
 * → apply; frames that come meanwhile are held back and applied afterwards (they are only hints, losing any of them
 * is harmless).
 */
import { z } from 'zod';
import { wireId } from './account.ts';
import { groupReadFrame, membershipFrame, wireGroupChange, wireWindow } from './groups.ts';
import { wireMessage } from './message.ts';

export const SYNC_PATH = '/api/chat/sync';
export const HISTORY_PATH = '/api/chat/history';
export const READ_PATH = '/api/chat/read';

/**
 * Header of the sign-in endpoints (E1, E2, E4 to E6): `desktop:<uuid>`, the kind of the device and its own id. It
 * decides which sessions may live side by side; without it the session is a plain one.
 */
export const DEVICE_HEADER = 'x-magpie-device';

const chat = z.object({
  chatType: z.enum(['single', 'group']),
  /** Peer account id for `single`, group id for `group`: the id a person would send to. */
  id: wireId,
});

/** Where a conversation stands, in the eyes of the asking account. */
export const wireConversationState = chat.extend({
  name: z.string(),
  avatar: z.string(),
  /** Highest number given so far. */
  head_seq: z.number().int().nonnegative(),
  /** Window of membership: numbers outside of it are none of this account's business. 1 for single chats. */
  first_seq: z.number().int().positive(),
  /** How far this account has read (over all its devices). */
  read_seq: z.number().int().nonnegative(),
  /** How far the other side of a single chat has read; absent for groups. */
  peer_read_seq: z.number().int().nonnegative().optional(),
  /** Groups only: what this account may see, oldest first. Numbers outside of all windows are none of its business. */
  windows: z.array(wireWindow).optional(),
  /** The membership is over: nothing comes after `head_seq`. */
  ended: z.enum(['left', 'removed', 'dissolved']).optional(),
});

/**
 * One entry of the change log. Entries are coalesced: per account and conversation there is at most one
 * `conversation` entry, and it tells the state of now, whatever the cursor asked for.
 */
export const wireChange = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('conversation'), conversation: wireConversationState }),
  /** A message was recalled: forget its content, keep its number. */
  chat.extend({
    kind: z.literal('recall'),
    message_id: z.string(),
    seq: z.number().int().positive(),
    from_id: wireId,
    from_name: z.string(),
    /** When the message was written, not when it was taken back. */
    create_time: z.number(),
  }),
  wireGroupChange,
  /** The contact list or the applications changed: fetch them again. */
  z.object({ kind: z.literal('contacts') }),
]);
export type WireChange = z.infer<typeof wireChange>;

/**
 * `GET /api/chat/sync?cursor=N&limit=N`. Without a cursor, or with one that the server cannot continue (log pruned, data
 * restored from a backup): `reset: true` and the state of all conversations as changes; the client keeps what it
 * has and compares numbers.
 */
export const wireSyncAnswer = z.object({
  reset: z.boolean(),
  changes: z.array(wireChange.or(z.looseObject({ kind: z.string() }))),
  /** Store it in the same transaction as the changes, and only then ask with it. */
  cursor: z.number().int().nonnegative(),
  more: z.boolean(),
});

/**
 * `GET /api/chat/history?chatType=single&id=7&before_seq=120&limit=50` or `&after_seq=119`: messages in ascending order,
 * each with its `seq`. Recalled ones come as tombstones (`recalled: true`, empty content), so that numbers stay gap-free.
 * Without both bounds: the newest page.
 */
export const wireHistoryAnswer = z.object({
  messages: z.array(wireMessage.extend({ recalled: z.boolean().optional() })),
  head_seq: z.number().int().nonnegative(),
  first_seq: z.number().int().positive(),
  /** Groups only, as in {@link wireConversationState}. */
  windows: z.array(wireWindow).optional(),
});

/** `POST /api/chat/read` `{chatType, id, seq}` → `{read_seq}`: marks only rise. */
export const wireReadAnswer = z.object({ read_seq: z.number().int().nonnegative() });

/** Frames of the extensions; plain clients (no `client=magpie` in the socket URL) are never sent one. */
export const extensionFrame = z.discriminatedUnion('type', [
  /** The socket is registered: from here on nothing is missed, so `sync` may start. */
  z.looseObject({ type: z.literal('ready'), cursor: z.number().int().nonnegative() }),
  /** Something changed: the log stands at this cursor. */
  z.looseObject({ type: z.literal('changed'), cursor: z.number().int().nonnegative() }),
  z.looseObject({
    type: z.literal('read'),
    data: chat.extend({ account_id: wireId, read_seq: z.number().int().nonnegative() }),
  }),
  /** Somebody types to me; valid for a few seconds. */
  z.looseObject({ type: z.literal('typing'), data: chat.extend({ from_id: wireId }) }),
  membershipFrame,
  groupReadFrame,
  z.looseObject({ type: z.literal('presence'), data: z.object({ account_id: wireId, online: z.boolean() }) }),
]);
export type ExtensionFrame = z.infer<typeof extensionFrame>;

/**
 * Client → server frames of the extensions:
 * `{type:'typing', data:{chatType, id}}` at most every 3 s while the person types;
 * `{type:'watch', data:{ids:[…]}}` the accounts whose presence the client shows (replaces the former list, at most 500;
 * the answer is one `presence` frame per account, then changes). Only contacts of the asker are answered.
 */
export const clientFrame = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('ping') }),
  z.looseObject({ type: z.literal('pong') }),
  z.looseObject({ type: z.literal('typing'), data: chat }),
  z.looseObject({ type: z.literal('watch'), data: z.object({ ids: z.array(wireId).max(500) }) }),
]);

/** Names in the capabilities answer, beside those of `capabilities.ts`. `recall` carries the limit in milliseconds. */
export const SYNC_EXTENSIONS = {
  sync: 'sync',
  history: 'history',
  read: 'read_state',
  presence: 'presence',
  typing: 'typing',
  echo: 'sender_echo',
  recall: 'recall',
} as const;

/**
 * Does a message count as unread? Notices have numbers too, so unread = countable ones in (read, head]. One function
 * for both ends.
 */
export function countsAsUnread(message: { type: string; own: boolean; recalled: boolean }): boolean {
  return !message.own && !message.recalled && message.type !== 'systemNotice';
}
