/** Account objects on the wire. Servers differ in which fields they send: only those we need are required. */
import { z } from 'zod';

/** Ids arrive as numbers in JSON and as text from some older paths. */
export const wireId = z.coerce.number().int().positive();
export const wireText = z
  .string()
  .nullish()
  .transform((text) => text ?? '');

const role = z
  .string()
  .nullish()
  .transform((text) => (text === 'visitor' || text === 'admin' ? text : 'user'));

/** Answer of the six account endpoints: the account with its token. */
export const wireSignedInAccount = z.object({
  id: wireId,
  uuid: z.string().min(1),
  username: z.string().min(1),
  nickname: wireText,
  avatar: wireText,
  role,
  token: z.string().min(1),
  invite_confirm: z.coerce.number().optional(),
});
export type WireSignedInAccount = z.infer<typeof wireSignedInAccount>;

export const wireFoundAccount = z.object({
  id: wireId,
  uuid: wireText,
  username: z.string(),
  nickname: wireText,
  avatar: wireText,
  role,
});

/** Settings of another account, asked before applying for friendship. */
export const wireUserSettings = z.object({
  id: wireId,
  uuid: wireText,
  userset: wireText,
  invite_confirm: z.coerce.number(),
  isgoodfriend: z.boolean(),
  isgoodfriend_status: z.boolean(),
});

/** E7; null for an account that is unknown or disabled. */
export const wireProfile = z
  .object({
    id: wireId,
    uuid: wireText,
    username: z.string(),
    nickname: wireText,
    avatar: wireText,
    role,
    userset: wireText,
    userinfo: z.object({ location: wireText, bio: wireText }).nullish(),
  })
  .nullable();
