import type { ConversationFacts, IncomingMessage } from '../../../electron/main/dialects/chat-dialect.ts';

/** The conversation with Bo, whose account has the id 2. */
export const WITH_BO = {
  id: 'single:2',
  kind: 'single',
  name: 'Bo',
  avatars: [] as string[],
  link: null,
} as const satisfies ConversationFacts;

/** What Bo wrote as the message of this number, as it comes from the server; `change` makes it another one. */
export function numberedMessage(sequence: number, change: Partial<IncomingMessage> = {}): IncomingMessage {
  return {
    serverId: `s${sequence}`,
    clientMessageId: null,
    conversation: { ...WITH_BO },
    sequence,
    senderId: 2,
    senderName: 'Bo',
    senderAvatar: '',
    own: false,
    content: { kind: 'text', text: `t${sequence}` },
    createdAt: sequence,
    counts: true,
    standing: false,
    recalled: false,
    ...change,
  };
}
