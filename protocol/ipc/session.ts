/** Who is signed in: one account on screen, others behind it. */
import { z } from 'zod';
import type { Conversation } from '../model/conversation.ts';
import type { AccountList, SessionState } from '../model/session.ts';
import { invoke, nothing } from './call.ts';

const accountKey = z.object({ key: z.string().min(1).max(64) });

// Limits that the server also checks are repeated here only as upper bounds: its answer is the one a person sees.
const credentials = z.object({ username: z.string().min(1).max(200), password: z.string().min(1).max(200) });

export const sessionCalls = {
  'session:sign-in': invoke<SessionState>()(credentials),
  'session:register': invoke<SessionState>()(credentials),
  'session:enter-as-guest': invoke<SessionState>()(nothing),
  'session:sign-out': invoke<SessionState>()(nothing),
  /** Signs out and goes on as the guest of this device; refused when the server lets none in, and then signed out. */
  'session:sign-out-to-guest': invoke<SessionState>()(nothing),
  /** The person has read why the session ended. */
  'session:acknowledge-end': invoke<SessionState>()(nothing),

  /** The answer to `session:ending`: what was being typed is stored. */
  'session:ready-to-end': invoke<void>()(nothing),

  'accounts:list': invoke<AccountList>()(nothing),
  /** The list of an account that is signed in, on screen or behind; what changes in it is told by `history:changed`. */
  'accounts:conversations': invoke<{ conversations: Conversation[]; unreadTotal: number }>()(accountKey),
  /** Shows another account; the one on screen so far stays signed in. */
  'accounts:switch': invoke<SessionState>()(accountKey),
  /** To the choice of a server; whoever is on screen stays signed in. */
  'accounts:add': invoke<SessionState>()(nothing),
  /** Signs out and takes off the list; the history stays on this machine. */
  'accounts:remove': invoke<SessionState>()(accountKey),
} as const;
