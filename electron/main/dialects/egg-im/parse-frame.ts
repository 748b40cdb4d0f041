import { assertNever } from '#protocol/errors';
import { SERVER_TEXTS } from '#protocol/wire/envelope';
import { serverFrame } from '#protocol/wire/frames';
import type { WireMessage } from '#protocol/wire/message';
import type { Frame } from '../chat-dialect.ts';
import { parseExtension } from './extensions.ts';
import { accountIdOf, toIncomingMessage, type Reader } from './normalise.ts';

/** What servers say to a token that is none, or to one of an account that is gone. */
const BAD_TOKEN: ReadonlySet<string> = new Set([
  SERVER_TEXTS.socketInvalidToken,
  SERVER_TEXTS.socketExpiredToken,
  SERVER_TEXTS.socketUnknownAccount,
]);

/** Reads one frame of the socket. Never throws: whatever a server sends, the worst outcome is `malformed`. */
export function parseFrame(text: string, reader: Reader): Frame {
  try {
    return understand(text, reader);
  } catch (thrown) {
    // An exception inside of the socket's event would leave the socket itself in an undefined state.
    return { type: 'malformed', why: thrown instanceof Error ? thrown.name : 'unknown' };
  }
}

function understand(text: string, reader: Reader): Frame {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { type: 'malformed', why: 'not JSON' };
  }
  const extension = parseExtension(json, reader);
  if (extension !== null) return extension;
  const parsed = serverFrame.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return {
      type: 'malformed',
      why: issue === undefined ? 'unknown' : `${issue.code} at ${issue.path.join('.')}`,
    };
  }
  const frame = parsed.data;
  if ('type' in frame) {
    const typed = frame as Extract<typeof frame, { type: string }>;
    switch (typed.type) {
      case 'ping':
      case 'pong':
      case 'system':
        return { type: typed.type };
      case 'singleChat':
        return chatFrame(typed.data, reader);
      default:
        return assertNever(typed, 'frame');
    }
  }
  return frame.msg === 'fail'
    ? { type: 'refused', serverText: frame.data, badToken: BAD_TOKEN.has(frame.data) }
    : { type: 'kicked', serverText: frame.data };
}

function chatFrame(message: WireMessage, reader: Reader): Frame {
  const incoming = toIncomingMessage(message, reader);
  if (message.actionType === 'revoke') {
    return {
      type: 'event',
      event: { type: 'recall', conversationId: incoming.conversation.id, serverId: message.id },
      effect: null,
    };
  }
  // Early servers told a kick this way when the socket lived in another of their processes (N25).
  if (message.from_id.startsWith('redirect-forceLogout'))
    return { type: 'kicked', serverText: incoming.content.text };
  const event = { type: 'message', message: incoming } as const;
  if (message.from_id.startsWith('redirect-applyFriend'))
    return { type: 'event', event, effect: 'application' };
  // "We are friends now" is the only notice in single chats that concerns contacts; its text must not be parsed.
  const isPersonalNotice =
    message.chatType === 'single' && message.type === 'systemNotice' && accountIdOf(message.from_id) !== null;
  return { type: 'event', event, effect: isPersonalNotice ? 'contacts' : null };
}
