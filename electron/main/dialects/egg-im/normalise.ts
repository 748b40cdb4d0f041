import { conversationId, type ServiceLink } from '#protocol/model/conversation';
import type { WireMessage } from '#protocol/wire/message';
import type { ConversationFacts, IncomingMessage } from '../chat-dialect.ts';
import { readContent } from './content.ts';

/** Who reads: decides which side of a message is the conversation, and where relative URLs lead. */
export interface Reader {
  origin: string;
  accountId: number;
}

const NAME_LIMIT = 200;

/** Absolute URL of a stored file, or empty when there is none. */
export function resolveUrl(origin: string, value: string | null | undefined): string {
  const trimmed = (value ?? '').trim();
  if (trimmed === '') return '';
  if (/^https?:\/\//iu.test(trimmed)) return trimmed;
  return trimmed.startsWith('/') ? origin + trimmed : `${origin}/${trimmed}`;
}

/** The grey figure that servers give to everybody; an initial in the person's own colour tells people apart better. */
const DEFAULT_PICTURE = /^(?:https?:\/\/[^/]+)?(?:\/public)?\/chat\/user\.(?:png|jpe?g)$/iu;

/** Absolute URL of the picture that a person chose, or empty when there is none. */
export function resolveAvatar(origin: string, value: string | null | undefined): string {
  const trimmed = (value ?? '').trim();
  return DEFAULT_PICTURE.test(trimmed) ? '' : resolveUrl(origin, trimmed);
}

/**
 * Avatars of a group come as one comma list, mixed relative and absolute. A member without a picture of their own is an
 * empty one; a group of such members alone has none.
 */
export function resolveUrlList(origin: string, value: string | null | undefined): string[] {
  const items = (value ?? '').split(',').filter((item) => item.trim() !== '');
  const urls = items.map((item) => resolveAvatar(origin, item)).slice(0, 9);
  return urls.every((url) => url === '') ? [] : urls;
}

/** Account id behind a `from_id`, or null for service senders such as `redirect-search-6` and `0`. */
export function accountIdOf(raw: string): number | null {
  return /^[1-9]\d{0,15}$/u.test(raw) ? Number(raw) : null;
}

export function toIncomingMessage(message: WireMessage, reader: Reader): IncomingMessage {
  const senderId = accountIdOf(message.from_id);
  const own = senderId === reader.accountId;
  const conversation = factsOf(message, reader, senderId, own);
  const isStanding =
    conversation.kind === 'service' &&
    conversation.link !== 'applications' &&
    !message.from_id.startsWith('redirect-applyAddGroup');
  return {
    serverId: message.id,
    clientMessageId: own ? (message.client_msg_id ?? null) : null,
    conversation,
    sequence: message.seq ?? null,
    senderId: senderId ?? 0,
    senderName: clip(message.from_name),
    senderAvatar: resolveAvatar(reader.origin, message.from_avatar),
    own,
    content: readContent(message, (url) => resolveUrl(reader.origin, url)),
    createdAt: timeOf(message.create_time),
    counts: !own && !isStanding,
    // The oldest servers remind a guest without saying where to (N24): from nobody, and every time.
    standing: isStanding && ((message.redirect ?? null) !== null || message.from_id === '0'),
    ...(isStanding && message.redirect?.doaction === 'avatar' ? { refreshes: true } : {}),
    recalled: false,
    ...mentionsOf(message, reader, own),
  };
}

function mentionsOf({ mentions, chatType }: WireMessage, { accountId }: Reader, own: boolean) {
  if (mentions === undefined || chatType !== 'group') return {};
  return { mentions, meansMe: !own && (mentions === 'all' || mentions.includes(accountId)) };
}

/** What an acknowledged own message tells about its conversation: the peer's current name and avatar. */
export function factsOfOwn(message: WireMessage, reader: Reader): ConversationFacts {
  return factsOf(message, reader, reader.accountId, true);
}

export function timeOf(milliseconds: number): number {
  const whole = Math.trunc(milliseconds);
  return whole >= 0 && whole <= 8.64e15 ? whole : 0;
}

function factsOf(
  message: WireMessage,
  reader: Reader,
  senderId: number | null,
  own: boolean,
): ConversationFacts {
  const { origin } = reader;
  if (message.chatType === 'group') {
    return {
      id: conversationId('group', message.to_id.slice(0, 190)),
      kind: 'group',
      name: textOrNull(message.to_name),
      avatars: (message.to_avatar ?? null) === null ? null : resolveUrlList(origin, message.to_avatar),
      link: null,
    };
  }
  if (senderId === null) {
    const link = linkOf(message);
    // Every applicant has a sender of their own; a person wants one place for all who ask.
    const sender = link === 'applications' ? 'applications' : message.from_id.slice(0, 190) || '0';
    return {
      id: conversationId('service', sender),
      kind: 'service',
      name: textOrNull(message.from_name),
      avatars: one(resolveAvatar(origin, message.from_avatar)),
      link,
    };
  }
  const [peer, name, avatar] = own
    ? [message.to_id, message.to_name, message.to_avatar]
    : [message.from_id, message.from_name, message.from_avatar];
  return {
    id: conversationId('single', peer.slice(0, 190)),
    kind: 'single',
    name: textOrNull(name),
    avatars: (avatar ?? null) === null ? null : one(resolveAvatar(origin, avatar)),
    link: null,
  };
}

const SETTINGS_PAGES: Readonly<Record<string, ServiceLink | null>> = {
  setPassword: 'password',
  userinfoSet: 'profile',
  chatset: 'privacy',
  applyAddMeFriendSet: 'privacy',
  groupQrcode: 'own-code',
  AskAndAnswerSet: 'auto-reply',
  // Requests of a moment: they carry what they ask for, the second for the group of a code.
  applyAddGroup: 'join-request',
  autoAddGroup: null,
};

/** Where the mini-program style page of a notice leads in this app. */
function linkOf(message: WireMessage): ServiceLink | null {
  const url = message.redirect?.url;
  if (url === undefined) return null;
  const [path = '', query = ''] = url.split('?');
  const action = new URLSearchParams(query).get('action');
  switch (path) {
    case '/pages/loginCenter/loginCenter':
      return 'sign-in';
    case '/pages/applyMyfriend/applyMyfriend':
      return action === 'grouplist' ? 'groups' : 'applications';
    case '/pages/friendsList/friendsList':
      return 'contacts';
    case '/pages/search/search':
      return 'search';
    case '/pages/setpageInfo/setpageInfo':
      return action !== null && Object.hasOwn(SETTINGS_PAGES, action)
        ? (SETTINGS_PAGES[action] ?? null)
        : 'settings';
    default:
      return null;
  }
}

export const clip = (text: string | null | undefined) => (text ?? '').slice(0, NAME_LIMIT);
const textOrNull = (text: string | null | undefined) => ((text ?? '') === '' ? null : clip(text));
const one = (url: string) => (url === '' ? [] : [url]);
