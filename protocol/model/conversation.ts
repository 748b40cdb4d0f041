import type { MessageContent, MessageStatus } from './message.ts';

export type ConversationKind = 'single' | 'group' | 'service';

/** `single:<account id>`, `group:<group id>` or `service:<notice key>`: unique within one account. */
export type ConversationId = string;

export function conversationId(kind: ConversationKind, peer: string | number): ConversationId {
  return `${kind}:${peer}`;
}

export function parseConversationId(id: ConversationId): { kind: ConversationKind; peer: string } {
  const colon = id.indexOf(':');
  const kind = id.slice(0, colon);
  if (kind !== 'single' && kind !== 'group' && kind !== 'service')
    throw new Error('Malformed conversation id');
  return { kind, peer: id.slice(colon + 1) };
}

export interface ConversationPreview {
  content: MessageContent;
  own: boolean;
  senderName: string;
  status: MessageStatus;
  recalled: boolean;
}

/** One row of the conversation list. */
export interface Conversation {
  id: ConversationId;
  kind: ConversationKind;
  name: string;
  /** Absolute URLs: one for a person, up to nine for a group (empty for members without a picture), none when unknown. */
  avatars: string[];
  preview: ConversationPreview | null;
  /** Milliseconds; orders the list and is shown in the row. */
  lastActivityAt: number;
  unread: number;
  /** Unread messages that mean me; missing for none. */
  mentions?: number;
  /** Why my membership of a group is over; missing while it goes on, and where the server does not tell. */
  ended?: 'left' | 'removed' | 'dissolved';
  pinned: boolean;
  muted: boolean;
  /** The person wants to be alerted loudly. */
  strongAlert: boolean;
  /** Names stand above the messages of others; of groups only. */
  showNicknames: boolean;
  /** What is typed but not sent; empty when nothing is. */
  draft: string;
  /** Where a service entry leads, e.g. `applications`; null for real conversations and unknown targets. */
  link: ServiceLink | null;
}

export type ServiceLink =
  | 'applications'
  | 'contacts'
  | 'search'
  | 'sign-in'
  | 'groups'
  /** Somebody wants to come into one's group, see `joinRequestOf`. */
  | 'join-request'
  | 'settings'
  /** Parts of the settings. */
  | 'password'
  | 'profile'
  | 'privacy'
  | 'own-code'
  | 'auto-reply';

/** What a person can switch for one conversation, on this machine only. */
export const CONVERSATION_SWITCHES = ['pinned', 'muted', 'strongAlert', 'showNicknames'] as const;
export type ConversationSwitch = (typeof CONVERSATION_SWITCHES)[number];
