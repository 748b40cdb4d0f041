/** Turns remote picture addresses into those that the window may load. Applied to everything that goes out. */
import type { AccountChanges } from '#protocol/ipc';
import type { Account } from '#protocol/model/account';
import type { Conversation } from '#protocol/model/conversation';
import type { Group } from '#protocol/model/group';
import type { FriendApplication } from '#protocol/model/contact';
import type { Message } from '#protocol/model/message';
import type { AccountList, SessionState } from '#protocol/model/session';
import { isMedia, withAddresses, type MessageContent } from '#protocol/model/message';
import { avatarUrl, fileUrl } from '../media/media-url.ts';

export function presentAvatar<Person extends { avatar: string }>(person: Person): Person {
  return { ...person, avatar: avatarUrl(person.avatar) };
}

export function presentSession(state: SessionState): SessionState {
  return state.phase === 'signed-in' ? { ...state, account: presentAvatar<Account>(state.account) } : state;
}

export function presentAccounts(list: AccountList): AccountList {
  return {
    ...list,
    accounts: list.accounts.map((entry) => ({ ...entry, account: presentAvatar(entry.account) })),
  };
}

/** The window never sees where a file is: it gets an address that main answers. */
function presentContent(content: MessageContent): MessageContent {
  return isMedia(content) ? withAddresses(content, fileUrl) : content;
}

export function presentConversation(conversation: Conversation): Conversation {
  return { ...conversation, avatars: conversation.avatars.map(avatarUrl) };
}

export function presentGroup(group: Group): Group {
  return { ...group, avatars: group.avatars.map(avatarUrl) };
}

export function presentMessage(message: Message): Message {
  const { content, senderAvatar } = message;
  return { ...message, content: presentContent(content), senderAvatar: avatarUrl(senderAvatar) };
}

export function presentApplication(application: FriendApplication): FriendApplication {
  return { ...application, applicant: presentAvatar(application.applicant) };
}

export function presentChanges(changes: AccountChanges): AccountChanges {
  return {
    ...changes,
    conversations: changes.conversations.map(presentConversation),
    messages: changes.messages.map(presentMessage),
  };
}
