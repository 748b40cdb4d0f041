/** Turns remote picture addresses into those that the window may load. Applied to everything that goes out. */
import type { HistoryChanges } from '#protocol/ipc';
import type { Account } from '#protocol/model/account';
import type { Conversation } from '#protocol/model/conversation';
import type { FriendApplication } from '#protocol/model/contact';
import type { Message } from '#protocol/model/message';
import type { SessionState } from '#protocol/model/session';
import { avatarUrl } from '../media/media-url.ts';

export function presentAvatar<Person extends { avatar: string }>(person: Person): Person {
  return { ...person, avatar: avatarUrl(person.avatar) };
}

export function presentSession(state: SessionState): SessionState {
  return state.phase === 'signed-in' ? { ...state, account: presentAvatar<Account>(state.account) } : state;
}

export function presentConversation(conversation: Conversation): Conversation {
  return { ...conversation, avatars: conversation.avatars.map(avatarUrl) };
}

export function presentMessage(message: Message): Message {
  return { ...message, senderAvatar: avatarUrl(message.senderAvatar) };
}

export function presentApplication(application: FriendApplication): FriendApplication {
  return { ...application, applicant: presentAvatar(application.applicant) };
}

export function presentChanges(changes: HistoryChanges): HistoryChanges {
  return {
    ...changes,
    conversations: changes.conversations.map(presentConversation),
    messages: changes.messages.map(presentMessage),
  };
}
