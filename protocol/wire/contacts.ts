/** Contacts and friend applications on the wire. */
import { z } from 'zod';
import { wireId, wireText } from './account.ts';

export const wireContact = z.object({
  id: wireId,
  friend_id: wireId,
  beizhu: wireText,
  username: z.string(),
  avatar: wireText,
  friend_nickname: wireText,
  name: z.string(),
  uuid: wireText,
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
