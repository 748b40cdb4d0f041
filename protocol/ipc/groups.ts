/** Groups, their members, and how far those have read. */
import { z } from 'zod';
import type { Conversation } from '../model/conversation.ts';
import {
  JOIN_POLICIES,
  type Group,
  type GroupMarks,
  type GroupProfile,
  type JoinRequest,
  type MessageReaders,
} from '../model/group.ts';
import { invoke, message, accountId, nothing } from './call.ts';

const group = z.object({ groupId: z.number().int().positive() });

export const groupCalls = {
  /** All groups I am in, newest first. */
  'groups:list': invoke<Group[]>()(nothing),
  /** What is known of a group without asking the server; null when nothing is. */
  'groups:known': invoke<Group | null>()(group),
  /** With its members; also for a group I am not in. */
  'groups:profile': invoke<GroupProfile>()(group),
  /** Founds a group with some of my contacts, by their account ids, and shows it. */
  'groups:create': invoke<Conversation>()(z.object({ accountIds: z.array(accountId).min(1).max(2_000) })),
  /** Shows the conversation of a group. */
  'groups:open': invoke<Conversation>()(group),
  'groups:rename': invoke<void>()(group.extend({ name: z.string().min(1).max(40) })),
  'groups:announce': invoke<void>()(group.extend({ text: z.string().min(1).max(1_000) })),
  'groups:set-nickname': invoke<void>()(group.extend({ nickname: z.string().min(1).max(40) })),
  'groups:set-policy': invoke<void>()(group.extend({ policy: z.enum(JOIN_POLICIES) })),
  'groups:set-read-receipts': invoke<void>()(group.extend({ enabled: z.boolean() })),
  /** Dissolves my own group, leaves another one's; messages stay on this machine. */
  'groups:quit': invoke<void>()(group),
  'groups:remove-member': invoke<void>()(group.extend({ accountId })),
  /** `waiting`: the owner has to agree first. */
  'groups:invite': invoke<'joined' | 'waiting'>()(group.extend({ accountId })),
  'groups:join': invoke<'joined' | 'waiting'>()(group.extend({ reason: z.string().max(500) })),
  /** Who waits for my approval; null on servers that do not tell (there the notices do). */
  'groups:requests': invoke<JoinRequest[] | null>()(group),
  /** Lets somebody in or not; the notice that asked goes from the list, even if it was decided elsewhere. */
  'groups:decide': invoke<void>()(group.extend({ accountId, agree: z.boolean() })),
  /** How far everybody has read; from then on `groups:marks-changed` tells. */
  'groups:marks': invoke<GroupMarks>()(group),
  /** Who has read a message of a group, by name. */
  'groups:readers': invoke<MessageReaders>()(message),
} as const;
