import type { Conversation, ConversationKind, ServiceLink } from '#protocol/model/conversation';
import type { Message, MessageContent, MessageFailure, MessageStatus } from '#protocol/model/message';
import type { Mentions } from '#protocol/model/group';
import type { SqlRow } from './database.ts';

/** Columns of a message with its conversation's id; the alias is `m`. */
export const MESSAGE_COLUMNS = `m.ordinal, m.conversation AS conversation_key, c.id AS conversation_id, m.server_id,
  m.client_message_id, m.sort_major, m.sort_minor, m.sender_id, m.sender_name, m.sender_avatar, m.own, m.body,
  m.status, m.failure, m.recalled, m.deleted, m.created_at, m.held_until, m.mentions, m.means_me, c.peer_read_seq`;

/** Columns of a conversation with the last message that its row shows. */
export const CONVERSATION_COLUMNS = `c.key, c.id, c.kind, c.name, c.avatars, c.link, c.last_activity_at, c.unread,
  c.pinned, c.muted, c.strong_alert, c.show_nicknames, c.hidden, c.draft, m.body AS last_body, m.own AS last_own, m.sender_name AS last_sender,
  m.status AS last_status, m.recalled AS last_recalled, m.sort_major AS last_major, m.sort_minor AS last_minor,
  c.peer_read_seq, c.mentions, c.ended`;

/** Our own messages keep the id they were born with; received ones are named by their row, which never changes. */
export function messageIdOf(row: SqlRow): string {
  return typeof row['client_message_id'] === 'string' ? row['client_message_id'] : `r${row['ordinal']}`;
}

/** Whether the other side has read it is a comparison of numbers and stored nowhere. */
function statusOf(row: SqlRow, own: unknown, status: unknown, major: unknown, minor: unknown): MessageStatus {
  const isRead =
    own === 1 && status === 'sent' && minor === 0 && Number(major) <= Number(row['peer_read_seq']);
  return isRead && Number(major) > 0 ? 'read' : (status as MessageStatus);
}

export function toMessage(row: SqlRow): Message {
  return {
    id: messageIdOf(row),
    conversationId: String(row['conversation_id']),
    serverId: row['server_id'] === null ? null : String(row['server_id']),
    position: {
      major: Number(row['sort_major']),
      minor: Number(row['sort_minor']),
      ordinal: Number(row['ordinal']),
    },
    senderId: Number(row['sender_id']),
    senderName: String(row['sender_name']),
    senderAvatar: String(row['sender_avatar']),
    own: row['own'] === 1,
    content: JSON.parse(String(row['body'])) as MessageContent,
    status: statusOf(row, row['own'], row['status'], row['sort_major'], row['sort_minor']),
    failure: row['failure'] === null ? null : (JSON.parse(String(row['failure'])) as MessageFailure),
    recalled: row['recalled'] === 1,
    ...(row['mentions'] === null ? {} : { mentions: JSON.parse(String(row['mentions'])) as Mentions }),
    ...(row['means_me'] === 1 ? { meansMe: true } : {}),
    recallable: false,
    ...(row['status'] === 'pending' && Number(row['held_until']) > 0
      ? { heldUntil: Number(row['held_until']) }
      : {}),
    createdAt: Number(row['created_at']),
  };
}

export function toConversation(row: SqlRow): Conversation {
  return {
    id: String(row['id']),
    kind: row['kind'] as ConversationKind,
    name: String(row['name']),
    avatars: JSON.parse(String(row['avatars'])) as string[],
    preview:
      row['last_body'] === null
        ? null
        : {
            content: JSON.parse(String(row['last_body'])) as MessageContent,
            own: row['last_own'] === 1,
            senderName: String(row['last_sender']),
            status: statusOf(row, row['last_own'], row['last_status'], row['last_major'], row['last_minor']),
            recalled: row['last_recalled'] === 1,
          },
    lastActivityAt: Number(row['last_activity_at']),
    unread: Number(row['unread']),
    ...(Number(row['mentions']) > 0 ? { mentions: Number(row['mentions']) } : {}),
    ...(typeof row['ended'] === 'string'
      ? { ended: row['ended'] as NonNullable<Conversation['ended']> }
      : {}),
    pinned: row['pinned'] === 1,
    muted: row['muted'] === 1,
    strongAlert: row['strong_alert'] === 1,
    showNicknames: row['show_nicknames'] === 1,
    draft: String(row['draft']),
    link: row['link'] as ServiceLink | null,
  };
}
