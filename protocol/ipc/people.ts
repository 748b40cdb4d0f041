/** Contacts, applications, and the profile of the account itself. */
import { z } from 'zod';
import type { Contact, FoundAccount, FriendApplication } from '../model/contact.ts';
import type { OwnProfile, Person } from '../model/person.ts';
import { invoke, account, nothing } from './call.ts';

/** An avatar of 500×500 as JPEG is a tenth of it. */
const MAX_AVATAR_BYTES = 2 * 1024 * 1024;

const strangerLimit = z.enum(['none', 'one', 'any']);

export const peopleCalls = {
  'contacts:list': invoke<Contact[]>()(nothing),
  'contacts:search': invoke<FoundAccount[]>()(z.object({ keyword: z.string().min(1).max(50) })),
  /** `applied`: they must accept first. `friends`: they want no confirmation, so it is done. */
  'contacts:apply': invoke<{ outcome: 'applied' | 'friends' }>()(
    z.object({ accountId: z.number().int().positive(), message: z.string().max(50) }),
  ),
  'contacts:list-applications': invoke<{ applications: FriendApplication[]; pendingCount: number }>()(
    z.object({ page: z.number().int().min(1) }),
  ),
  'contacts:handle-application': invoke<void>()(
    z.object({
      applicationId: z.number().int().positive(),
      decision: z.enum(['agree', 'refuse', 'ignore']),
      alias: z.string().max(50).optional(),
    }),
  ),
  /** A person's card; with the public id also people whom the server tells about under that alone. */
  'contacts:person': invoke<Person>()(account.extend({ uuid: z.string().max(64).optional() })),
  'contacts:set-starred': invoke<void>()(account.extend({ value: z.boolean() })),
  /** Puts a friend on the blacklist, or takes them off. */
  'contacts:set-blocked': invoke<void>()(account.extend({ value: z.boolean() })),
  'contacts:set-visibility': invoke<void>()(
    account.extend({ showsMine: z.boolean(), showsTheirs: z.boolean() }),
  ),
  'contacts:set-alias': invoke<void>()(account.extend({ alias: z.string().max(50) })),
  /** Ends the friendship on both sides; `withHistory` also forgets the conversation on this machine. */
  'contacts:remove': invoke<void>()(account.extend({ withHistory: z.boolean() })),

  'profile:get': invoke<OwnProfile>()(nothing),
  'profile:set-nickname': invoke<void>()(z.object({ nickname: z.string().trim().min(1).max(30) })),
  /** A square picture, cut out already. */
  'profile:set-avatar': invoke<void>()(
    z.object({ bytes: z.instanceof(Uint8Array).refine(({ byteLength }) => byteLength <= MAX_AVATAR_BYTES) }),
  ),
  'profile:set-confirmation': invoke<void>()(z.object({ confirmsFriends: z.boolean() })),
  'profile:set-limits': invoke<void>()(z.object({ strangers: strangerLimit, guests: strangerLimit })),
  'profile:change-password': invoke<void>()(
    z.object({ current: z.string().min(1).max(200), next: z.string().min(6).max(20) }),
  ),
} as const;
