import type {
  AppSnapshot,
  CapturableWindow,
  Device,
  LockState,
  OpenChat,
  SpellingOffer,
} from '#protocol/ipc';
import type { Diagnostics } from '#protocol/model/diagnostics';
import type { DoctorReport } from '#protocol/model/doctor';
import type { ExportFormat } from '#protocol/model/completeness';
import type { Conversation, ConversationId } from '#protocol/model/conversation';
import type { SessionState } from '#protocol/model/session';
import type { Locale, Settings } from '#protocol/model/settings';
import { normaliseAddress } from '../dialects/egg-im/probe.ts';
import type { SessionManager } from '../session/session-manager.ts';
import type { Handlers } from './dispatch.ts';
import { createMediaHandlers, type FileActions, type TrayWindows } from './media-handlers.ts';
import { createDeskHandlers } from './desk-handlers.ts';
import { createOfficeHandlers, type OfficeHandlerParts } from './office-handlers.ts';
import { createGroupHandlers } from './group-handlers.ts';
import { createUpdateHandlers } from './update-handlers.ts';
import type { LinkPreviews } from '../links/link-previews.ts';
import type { Updates } from '../updates/updates.ts';
import type { OpenNetwork } from '../network/open-network.ts';
import { createNetworkHandlers } from './network-handlers.ts';
import {
  presentAccounts,
  presentApplication,
  presentAvatar,
  presentConversation,
  presentMessage,
  presentSession,
} from './present.ts';

export interface HandlerParts {
  session: SessionManager;
  network: OpenNetwork;
  diagnostics(): Promise<Diagnostics>;
  openLogs(): Promise<void>;
  /** Of the chosen server without an address. */
  examine(address: string | undefined): Promise<DoctorReport>;
  snapshot(): AppSnapshot;
  /** The window has stored what was being typed. */
  readyToEnd(windowId: number): void;
  updateSettings(change: Partial<Settings>): Settings;
  openExternal(url: string): Promise<void>;
  openPrivacySettings(device: Device): Promise<void>;
  copyText(text: string): void;
  readClipboard(): Promise<{ picture: Uint8Array | null; text: string }>;
  captureScreens(): Promise<Uint8Array[]>;
  listWindows(): Promise<CapturableWindow[]>;
  /** What the page captures next. */
  showWindow(id: string): void;
  captureWindow(id: string, size?: { width: number; height: number }): Promise<Uint8Array>;
  spellingOffer(): Promise<SpellingOffer>;
  lock: {
    lock(): void;
    unlock(passphrase: string): Promise<void>;
    setPassphrase(current: string, next: string | null): Promise<LockState>;
    forget(): Promise<SessionState>;
  };
  windows: TrayWindows & {
    openChat(conversationId: ConversationId): Promise<void>;
    closeChat(conversationId: ConversationId): void;
    showInMain(path: string): void;
    tellChat(windowId: number, chat: OpenChat | null): void;
  };
  locale(): Locale;
  /** Asks the person where a file shall go; null when they named none. */
  chooseFile(fileName: string, format: ExportFormat): Promise<string | null>;
  files: FileActions;
  office: OfficeHandlerParts;
  updates: Updates;
  links: LinkPreviews;
  /** The page has drawn its first screen. */
  drawn(): void;
}

/** What every call of the window does: one line each, because the work is done elsewhere. */
export function createHandlers({ session, network, ...app }: HandlerParts): Handlers {
  /** Of the account that a row of the list names; without a key that of the one on screen. */
  const runtimeOf = (accountKey: string | undefined) =>
    accountKey === undefined ? session.runtime() : session.runtimeOf(accountKey);
  const presentList = <List extends { conversations: Conversation[] }>(list: List): List => ({
    ...list,
    conversations: list.conversations.map(presentConversation),
  });
  return {
    ...createGroupHandlers(async () => (await session.runtime()).groups),
    ...createDeskHandlers(async () => (await session.runtime()).desk),
    ...createOfficeHandlers(app.office),
    ...createNetworkHandlers(network),

    ...createUpdateHandlers(app.updates),

    'app:get-snapshot': () => app.snapshot(),
    'app:drawn': () => app.drawn(),
    'app:open-external': ({ url }) => app.openExternal(url),
    'app:open-privacy-settings': ({ device }) => app.openPrivacySettings(device),
    'app:copy-text': ({ text }) => app.copyText(text),
    'settings:update': (change) => app.updateSettings(change),
    'spelling:offer': () => app.spellingOffer(),
    'lock:lock': () => app.lock.lock(),
    'lock:unlock': ({ passphrase }) => app.lock.unlock(passphrase),
    'lock:forget': () => app.lock.forget(),
    'lock:set-passphrase': ({ current, next }) => app.lock.setPassphrase(current, next),

    'windows:open-chat': ({ conversationId }) => app.windows.openChat(conversationId),
    'windows:close-chat': ({ conversationId }) => app.windows.closeChat(conversationId),
    'windows:tell-chat': ({ chat }, { windowId }) => app.windows.tellChat(windowId, chat),
    'windows:show-in-main': ({ path }) => app.windows.showInMain(path),

    'server:use-this-computer': async () => presentSession(await session.useThisComputer()),
    'server:connect': async ({ address, guestSalt, dialect, fingerprint }) => {
      if (fingerprint !== undefined) network.certificates.expect(normaliseAddress(address), fingerprint);
      return presentSession(await session.connect(address, guestSalt, dialect));
    },
    'server:leave': async () => presentSession(await session.leaveServer()),
    'session:sign-in': async (credentials) => presentSession(await session.signIn(credentials)),
    'session:register': async (credentials) => presentSession(await session.register(credentials)),
    'session:enter-as-guest': async () => presentSession(await session.enterAsGuest()),
    'session:sign-out': async () => presentSession(await session.signOut()),
    'session:sign-out-to-guest': async () => presentSession(await session.signOutToGuest()),
    'accounts:list': () => presentAccounts(session.accounts()),
    'accounts:conversations': async ({ key }) =>
      presentList(await (await session.runtimeOf(key)).listConversations()),
    'accounts:switch': async ({ key }) => presentSession(await session.switchAccount(key)),
    'accounts:add': async () => presentSession(await session.addAccount()),
    'accounts:remove': async ({ key }) => presentSession(await session.removeAccount(key)),
    'session:acknowledge-end': async () => presentSession(await session.acknowledgeEnd()),
    'session:ready-to-end': (_input, { windowId }) => app.readyToEnd(windowId),
    'diagnostics:gather': () => app.diagnostics(),
    'diagnostics:open-logs': () => app.openLogs(),
    'doctor:examine': ({ address }) => app.examine(address),
    'connection:check': async () => {
      // Heard of before anybody has signed in, too.
      for (const runtime of await session.runtimes()) runtime.checkConnection();
    },
    'connection:reconnect': async () => (await session.runtime()).reconnectNow(),

    'storage:retry': async () => (await session.runtime()).retryStorage(),

    'conversations:list': async () => presentList(await (await session.runtime()).listConversations()),
    'conversations:open-single': async ({ accountId }) =>
      presentConversation(await (await session.runtime()).openSingle(accountId)),
    'conversations:set-active': async (input, { windowId }) =>
      (await session.runtime()).setActive(input, windowId),
    'conversations:save-draft': async ({ conversationId, text }) =>
      (await session.runtime()).saveDraft(conversationId, text),
    'conversations:set-switch': async ({ accountKey, conversationId, name, value }) =>
      presentConversation(await (await runtimeOf(accountKey)).setSwitch(conversationId, name, value)),
    'conversations:hide': async ({ accountKey, conversationId }) =>
      (await runtimeOf(accountKey)).hide(conversationId),
    'conversations:unhide': async ({ accountKey, ...input }) => (await runtimeOf(accountKey)).unhide(input),
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

    'conversations:mark-read': async ({ accountKey, conversationId }) =>
      (await runtimeOf(accountKey)).markRead(conversationId),
    'conversations:mark-unread': async ({ accountKey, conversationId }) =>
      (await runtimeOf(accountKey)).markUnread(conversationId),
    'conversations:set-typing': async ({ conversationId }) =>
      (await session.runtime()).setTyping(conversationId),

    'messages:page': async (input, { windowId }) => {
      const { messages, hasOlder } = await (await session.runtime()).page(input, windowId);
      return { messages: messages.map(presentMessage), hasOlder };
    },
    'messages:page-at-date': async (input) => {
      const page = await (await session.runtime()).pageAtDate(input);
      return { ...page, messages: page.messages.map(presentMessage) };
    },
    'messages:page-around': async (input) => {
      const page = await (await session.runtime()).pageAround(input);
      return { ...page, messages: page.messages.map(presentMessage) };
    },
    'messages:page-after': async (input) => {
      const page = await (await session.runtime()).pageAfter(input);
      return { ...page, messages: page.messages.map(presentMessage) };
    },
    'messages:search': async (input) => (await session.runtime()).search(input),
    'messages:send-text': async ({ conversationId, text, mentions, card }) =>
      presentMessage(
        await (
          await session.runtime()
        ).sendText(conversationId, text, { mentions: mentions ?? null, ...(card && { card }) }),
      ),
    'links:preview': ({ url }) => app.links.look(url),
    'messages:undo': async ({ messageId }) => (await session.runtime()).undo(messageId),
    'messages:retry': async ({ messageId }) =>
      presentMessage(await (await session.runtime()).retry(messageId)),
    'messages:set-aside': async ({ messageId }) =>
      presentMessage(await (await session.runtime()).setAside(messageId)),
    'messages:keep': async ({ messageId }) => presentMessage(await (await session.runtime()).keep(messageId)),
    'messages:delete': async ({ messageId }) => (await session.runtime()).deleteMessage(messageId),

    'messages:recall': async ({ messageId }) =>
      presentMessage(await (await session.runtime()).recall(messageId)),

    ...createMediaHandlers(session, app.files, app.windows),

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
    'contacts:person': async ({ accountId, uuid }) =>
      presentAvatar(
        await (await session.runtime()).person({ accountId, ...(uuid === undefined ? {} : { uuid }) }),
      ),
    'contacts:set-starred': async ({ accountId, value }) =>
      (await session.runtime()).setStarred(accountId, value),
    'contacts:set-blocked': async ({ accountId, value }) =>
      (await session.runtime()).setBlocked(accountId, value),
    'contacts:set-visibility': async ({ accountId, ...flags }) =>
      (await session.runtime()).setVisibility(accountId, flags),
    'contacts:set-alias': async ({ accountId, alias }) =>
      (await session.runtime()).setAlias(accountId, alias.trim()),
    'contacts:remove': async ({ accountId, withHistory }) =>
      (await session.runtime()).removeContact(accountId, withHistory),

    'codes:read-clipboard': () => app.readClipboard(),
    'codes:capture-screens': () => app.captureScreens(),
    'capture:list-windows': () => app.listWindows(),
    'capture:show-window': ({ id }) => app.showWindow(id),
    'capture:take-window': ({ id, size }) => app.captureWindow(id, size),

    'profile:get': async () => (await session.runtime()).ownProfile(),
    'profile:set-nickname': async ({ nickname }) => (await session.runtime()).setNickname(nickname),
    'profile:set-avatar': async ({ bytes }) =>
      (await session.runtime()).setAvatar({ bytes: new Uint8Array(bytes), type: 'image/jpeg' }),
    'profile:set-confirmation': async ({ confirmsFriends }) =>
      (await session.runtime()).setConfirmsFriends(confirmsFriends),
    'profile:set-limits': async (limits) => (await session.runtime()).setLimits(limits),
    'profile:change-password': async (passwords) => (await session.runtime()).changePassword(passwords),
  };
}
