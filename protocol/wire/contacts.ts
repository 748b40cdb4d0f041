/** Contacts and friend applications on the wire. */
import { z } from 'zod';
import { wireId, wireText } from './account.ts';

/** Name of the extension: friends are marked in the list, and an alias can be changed at any time. */
export const CONTACTS_EXTENSION = 'contacts';
/** `POST <path>/<account id>` with `{nickname}`, 0 to 50 characters. */
export const ALIAS_PATH = '/api/chat/setaliasgoodfriend';

/** Servers write 0 and 1, some `true`; missing is false. */
const wireFlag = z
  .union([z.number(), z.boolean(), z.string()])
  .nullish()
  .transform((flag) => flag === true || Number(flag) === 1);

export const wireContact = z.object({
  id: wireId,
  friend_id: wireId,
  beizhu: wireText,
  username: z.string(),
  avatar: wireText,
  friend_nickname: wireText,
  name: z.string(),
  uuid: wireText,
  /** Said by our server only. */
  isblack: wireFlag,
  ismystarfriend: wireFlag,
});

/** `rows` is an empty list, not an object, when there are no friends. */
export const wireContactList = z.object({
  count: z.number(),
  rows: z.union([
    z.object({ newList: z.array(z.object({ title: z.string(), list: z.array(wireContact) })) }),
    z.array(z.never()).transform(() => ({ newList: [] })),
  ]),
});

export const wireApplicationList = z.object({
  alldata: z.array(
    z.object({
      id: wireId,
      user_id: wireId,
      nickname: wireText,
      status: z.enum(['pending', 'agree', 'refuse', 'ignore']),
      create_time: wireText,
      user: z
        .object({ id: wireId, username: z.string(), avatar: wireText, nickname: wireText, uuid: wireText })
        .nullable(),
    }),
  ),
  pendingCount: z.number(),
});

/** E23: my row about a friend. An early server answers with the bare word `goodfriend`. */
export const wireFriendship = z.union([
  z.object({
    nickname: wireText,
    friendlookme: wireFlag,
    melookfriend: wireFlag,
    ismystarfriend: wireFlag,
    isblack: wireFlag,
  }),
  z.literal('goodfriend').transform(() => null),
]);
