/** Which server, the one inside the app and what it does for others, and those that announce themselves. */
import { z } from 'zod';
import {
  BACKUP_HOURS,
  OFFICE_NAME,
  type FoundBackup,
  type FoundServer,
  type OfficeState,
} from '../model/office.ts';
import type { SessionState } from '../model/session.ts';
import { invoke, nothing, fingerprint } from './call.ts';

export const serverCalls = {
  /** Starts the server inside the app and makes it the chosen one. */
  'server:use-this-computer': invoke<SessionState>()(nothing),
  /** Asks the address whether a chat server lives there and makes it the chosen one. */
  'server:connect': invoke<SessionState>()(
    z.object({
      address: z.string().min(1).max(500),
      guestSalt: z.string().max(200).optional(),
      /** `detect` asks the server; a named one is believed where the server does not say what it speaks. */
      dialect: z.enum(['detect', 'egg-im']).default('detect'),
      /** Of the certificate, as an invitation names it: it is trusted then, and no other one. */
      fingerprint: fingerprint.optional(),
    }),
  ),
  /** Back to the welcome screen; histories stay on this machine. */
  'server:leave': invoke<SessionState>()(nothing),

  /** What the server inside the app does for others; also while it does not run. */
  'office:get': invoke<OfficeState>()(nothing),
  /** Lets others on the network join, or no longer. Off closes their connections before it answers. */
  'office:set-open': invoke<OfficeState>()(z.object({ open: z.boolean() })),
  /** What others read where they find it; empty for the name of the computer. */
  'office:set-name': invoke<OfficeState>()(z.object({ name: z.string().max(OFFICE_NAME) })),
  /** Answers when it is done; why it failed is in the state. */
  'office:back-up': invoke<OfficeState>()(nothing),
  /** Asks where backups go; unchanged when the person names no place. */
  'office:choose-backup-place': invoke<OfficeState>()(nothing),
  'office:plan-backups': invoke<OfficeState>()(z.object({ everyHours: z.literal(BACKUP_HOURS) })),
  /** Asks for a backup, or a folder of backups, to restore; null when the person named none. */
  'office:choose-backup': invoke<string | null>()(nothing),
  /** Reads every byte of what was chosen. */
  'office:verify-backup': invoke<FoundBackup>()(nothing),
  /** Puts what was chosen and read in the place of the server's data; `former` says where those lie now. */
  'office:restore-backup': invoke<{ former: string | null }>()(nothing),
  /** Begins or ends looking for servers on the network; `discovery:changed` tells what is found. */
  'discovery:look': invoke<FoundServer[]>()(z.object({ look: z.boolean() })),
} as const;
