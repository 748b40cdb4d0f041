/** Groups on the wire (section 5.5), and what our server adds: windows, join requests, receipts, mentions. */
import { z } from 'zod';
import { wireId, wireText } from './account.ts';

const seq = z.number().int().nonnegative();

/** Ids of members, or everybody. Extension field of E25 and of message objects. */
export const wireMentions = z.union([z.literal('all'), z.array(wireId)]);
export type WireMentions = z.infer<typeof wireMentions>;

/** A stretch of numbers that a member may see, both ends included; open while the membership goes on. */
export const wireWindow = z.object({ first_seq: z.number().int().positive(), last_seq: seq.optional() });

/** Row of a group; which fields come along depends on the call. */
export const wireGroup = z.looseObject({
  id: wireId,
  uuid: wireText,
  user_id: z.coerce.number(),
  name: wireText,
  /** Comma list of up to nine addresses, absolute or relative. */
  avatar: wireText,
  remark: wireText,
  invite_confirm: z.coerce.number().catch(0),
  status: z.coerce.number().catch(1),
});

const wireGroupUser = z.looseObject({
  user_id: wireId,
  nickname: wireText,
  avatar: wireText,
  status: z.coerce.number().optional(),
});

/** E29: of the members only the own row. */
export const wireGroupList = z.array(wireGroup.extend({ group_users: z.array(wireGroupUser).catch([]) }));

/** E30: with all active members. */
export const wireGroupInfo = wireGroup.extend({
  group_users: z.array(
    wireGroupUser.extend({
      user: z
        .looseObject({
          id: wireId,
          uuid: wireText,
          username: wireText,
          nickname: wireText,
          avatar: wireText,
          role: wireText,
        })
        .nullish(),
    }),
  ),
});
export type WireGroupInfo = z.infer<typeof wireGroupInfo>;

/**
 * Entry of the change log: the group, or what the account has to do with it, changed. `none` after `waiting` means
 * refused (or taken back); details are for members and for those who wait.
 */
export const wireGroupChange = z.object({
  kind: z.literal('group'),
  id: wireId,
  name: z.string(),
  avatar: z.string(),
  membership: z.enum(['member', 'muted', 'waiting', 'none']),
  dissolved: z.boolean(),
  details: z
    .object({
      owner_id: wireId,
      remark: z.string(),
      invite_confirm: z.number().int(),
      read_receipts: z.boolean(),
      members: z.number().int().nonnegative(),
      /** Requests that wait for the owner. */
      waiting: z.number().int().nonnegative(),
      /** The account's own name in the group; may be empty. */
      nickname: z.string(),
    })
    .optional(),
});
export type WireGroupChange = z.infer<typeof wireGroupChange>;

/** `GET /api/chat/groupRequests/:id`, for the owner: who waits, oldest first. */
export const wireJoinRequests = z.array(
  z.object({
    group_id: wireId,
    user_id: wireId,
    /** Null when they came by themselves. */
    inviter_id: wireId.nullable(),
    inviter_name: z.string(),
    desc: z.string(),
    create_time: z.number(),
    user: z.object({
      id: wireId,
      uuid: z.string(),
      username: z.string(),
      nickname: z.string(),
      avatar: z.string(),
      role: z.string(),
    }),
  }),
);

/** `GET /api/chat/groupMarks/:id`: a message is read by those whose mark is not below its number. */
export const wireGroupMarks = z.object({
  enabled: z.boolean(),
  marks: z.array(
    z.object({
      account_id: wireId,
      read_seq: seq,
      /** Members are counted for messages since then. */
      first_seq: z.number().int().positive(),
    }),
  ),
});

const reader = z.object({ id: wireId, uuid: z.string(), name: z.string(), avatar: z.string() });

/** `GET /api/chat/groupReaders/:id?seq=N`: the same by name, for one message. */
export const wireGroupReaders = z.object({
  enabled: z.boolean(),
  read: z.array(reader),
  unread: z.array(reader),
});

/** To an account: something happened to its membership. The change log tells the same. */
export const membershipFrame = z.looseObject({
  type: z.literal('membership'),
  data: z.object({
    id: wireId,
    name: z.string(),
    event: z.enum(['joined', 'waiting', 'refused', 'removed', 'left', 'dissolved']),
  }),
});

/** To members: marks that rose, gathered for a second. */
export const groupReadFrame = z.looseObject({
  type: z.literal('group_read'),
  data: z.object({
    id: wireId,
    marks: z.array(z.object({ account_id: wireId, read_seq: seq })),
  }),
});

/** Names in the capabilities answer. `group_receipts` carries the size of a group up to which there are any. */
export const GROUP_EXTENSIONS = {
  groups: 'groups',
  mentions: 'mentions',
  receipts: 'group_receipts',
} as const;
