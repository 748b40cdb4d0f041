import type { AppSnapshot } from '#protocol/ipc';
import type { ExportFormat } from '#protocol/model/completeness';
import type { Locale, Settings } from '#protocol/model/settings';
import type { SessionManager } from '../session/session-manager.ts';
import type { Handlers } from './dispatch.ts';
import {
  presentApplication,
  presentAvatar,
  presentConversation,
  presentMessage,
  presentSession,
} from './present.ts';

export interface HandlerParts {
  session: SessionManager;
  snapshot(): AppSnapshot;
  updateSettings(change: Partial<Settings>): Settings;
  openExternal(url: string): Promise<void>;
  copyText(text: string): void;
  locale(): Locale;
  /** Asks the person where a file shall go; null when they named none. */
  chooseFile(fileName: string, format: ExportFormat): Promise<string | null>;
}

/** What every call of the window does: one line each, because the work is done elsewhere. */
export function createHandlers({ session, ...app }: HandlerParts): Handlers {
  return {
    'app:get-snapshot': () => app.snapshot(),
    'app:open-external': ({ url }) => app.openExternal(url),
    'app:copy-text': ({ text }) => app.copyText(text),
    'settings:update': (change) => app.updateSettings(change),

    'server:use-this-computer': async () => presentSession(await session.useThisComputer()),
    'server:connect': async ({ address, guestSalt }) =>
      presentSession(await session.connect(address, guestSalt)),
    'server:leave': async () => presentSession(await session.leaveServer()),
    'session:sign-in': async (credentials) => presentSession(await session.signIn(credentials)),
    'session:register': async (credentials) => presentSession(await session.register(credentials)),
    'session:enter-as-guest': async () => presentSession(await session.enterAsGuest()),
    'session:sign-out': async () => presentSession(await session.signOut()),
    'session:acknowledge-end': () => presentSession(session.acknowledgeEnd()),
    'connection:reconnect': async () => (await session.runtime()).reconnectNow(),

    'conversations:list': async () => {
      const { conversations, unreadTotal } = await (await session.runtime()).listConversations();
      return { conversations: conversations.map(presentConversation), unreadTotal };
    },
    'conversations:open-single': async ({ accountId }) =>
      presentConversation(await (await session.runtime()).openSingle(accountId)),
    'conversations:set-active': async (input) => (await session.runtime()).setActive(input),
    'conversations:save-draft': async ({ conversationId, text }) =>
      (await session.runtime()).saveDraft(conversationId, text),
    'conversations:set-switch': async ({ conversationId, name, value }) =>
      presentConversation(await (await session.runtime()).setSwitch(conversationId, name, value)),
    'conversations:hide': async ({ conversationId }) => (await session.runtime()).hide(conversationId),
    'conversations:clear': async ({ conversationId }) => (await session.runtime()).clear(conversationId),
    'conversations:completeness': async ({ conversationId }) =>
      (await session.runtime()).completeness(conversationId),
    'conversations:check': async ({ conversationId }) => (await session.runtime()).check(conversationId),
    'conversations:cancel-check': async ({ conversationId }) =>
      (await session.runtime()).cancelCheck(conversationId),
    'conversations:export': async (input) =>
      (await session.runtime()).export({ ...input, locale: app.locale() }, (fileName) =>
        app.chooseFile(fileName, input.format),
      ),
    'conversations:cancel-export': async ({ conversationId }) =>
      (await session.runtime()).cancelExport(conversationId),

    'conversations:mark-unread': async ({ conversationId }) =>
      (await session.runtime()).markUnread(conversationId),
    'conversations:set-typing': async ({ conversationId }) =>
      (await session.runtime()).setTyping(conversationId),

    'messages:page': async (input) => {
      const { messages, hasOlder } = await (await session.runtime()).page(input);
      return { messages: messages.map(presentMessage), hasOlder };
    },
    'messages:send-text': async ({ conversationId, text }) =>
      presentMessage(await (await session.runtime()).sendText(conversationId, text)),
    'messages:undo': async ({ messageId }) => (await session.runtime()).undo(messageId),
    'messages:retry': async ({ messageId }) =>
      presentMessage(await (await session.runtime()).retry(messageId)),
    'messages:delete': async ({ messageId }) => (await session.runtime()).deleteMessage(messageId),

    'messages:recall': async ({ messageId }) =>
      presentMessage(await (await session.runtime()).recall(messageId)),

    'contacts:list': async () => (await (await session.runtime()).listContacts()).map(presentAvatar),
    'contacts:search': async ({ keyword }) =>
      (await (await session.runtime()).searchAccounts(keyword)).map(presentAvatar),
    'contacts:apply': async ({ accountId, message }) => (await session.runtime()).apply(accountId, message),
    'contacts:list-applications': async ({ page }) => {
      const { applications, pendingCount } = await (await session.runtime()).listApplications(page);
      return { applications: applications.map(presentApplication), pendingCount };
    },
    'contacts:handle-application': async ({ applicationId, decision, alias }) =>
      (await session.runtime()).handleApplication(applicationId, decision, alias),
  };
}
