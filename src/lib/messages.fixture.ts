import type { Message } from '#protocol/model/message';

/** A message for unit tests; only what a test is about needs naming. */
export function makeMessage(part: Partial<Message> & { id: string }): Message {
  return {
    conversationId: 'single:2',
    serverId: part.id,
    position: { major: 1, minor: 0, ordinal: 0 },
    senderId: 2,
    senderName: 'B',
    senderAvatar: '',
    own: false,
    content: { kind: 'text', text: part.id },
    status: 'sent',
    failure: null,
    recalled: false,
    recallable: false,
    createdAt: 0,
    ...part,
  };
}
