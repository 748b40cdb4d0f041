import { conversationId, type ServiceLink } from '#protocol/model/conversation';
import type { MessageContent } from '#protocol/model/message';
import { parseContent, type WireMessage } from '#protocol/wire/message';
import type { ConversationFacts, IncomingMessage } from '../chat-dialect.ts';

/** Who reads: decides which side of a message is the conversation, and where relative URLs lead. */
export interface Reader {
  origin: string;
  accountId: number;
}

const NAME_LIMIT = 200;
const TEXT_LIMIT = 1_000_000;

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

/** Avatars of a group come as one comma list, mixed relative and absolute. */
export function resolveUrlList(origin: string, value: string | null | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((item) => resolveUrl(origin, item))
    .filter((url) => url !== '')
    .slice(0, 9);
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
    message.redirect?.doaction !== 'avatar' &&
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
    content: contentOf(message, reader.origin),
    createdAt: timeOf(message.create_time),
    counts: !own && !isStanding,
    standing: isStanding && (message.redirect ?? null) !== null,
    recalled: false,
  };
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
    return {
      id: conversationId('service', message.from_id.slice(0, 190) || '0'),
      kind: 'service',
      name: textOrNull(message.from_name),
      avatars: one(resolveAvatar(origin, message.from_avatar)),
      link: linkOf(message),
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
      return action === 'applyAddGroup' || action === 'autoAddGroup' ? null : 'settings';
    default:
      return null;
  }
}

function contentOf(message: WireMessage, origin: string): MessageContent {
  const content = parseContent(message.data);
  const text = content.data.slice(0, TEXT_LIMIT);
  if (message.type === 'text' && content.dataType === false) return { kind: 'text', text };
  if (message.type === 'systemNotice') return { kind: 'notice', text };
  const label = content.dataType === false ? message.type : content.dataType;
  const target = videoOf(content.otherData) ?? text;
  const isUrl = /^(https?:\/)?\//iu.test(target) && !/\s/u.test(target);
  return {
    kind: 'unsupported',
    label: label.slice(0, 50),
    text: isUrl ? '' : text,
    ...(isUrl ? { url: resolveUrl(origin, target) } : {}),
  };
}

/** The content of a video is its cover; the film itself hides in `otherData`. */
function videoOf(otherData: unknown): string | null {
  if (typeof otherData !== 'object' || otherData === null || !('videoData' in otherData)) return null;
  return typeof otherData.videoData === 'string' ? otherData.videoData : null;
}

export const clip = (text: string | null | undefined) => (text ?? '').slice(0, NAME_LIMIT);
const textOrNull = (text: string | null | undefined) => ((text ?? '') === '' ? null : clip(text));
const one = (url: string) => (url === '' ? [] : [url]);
