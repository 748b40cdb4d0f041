import { MagpieError, toWireError } from '#protocol/errors';
import type { Account, Presence } from '#protocol/model/account';
import { isMedia, type MediaContent, type Message } from '#protocol/model/message';
import type { ConversationId } from '#protocol/model/conversation';
import type { StorageState } from '#protocol/model/session';
import type { UploadKind, UploadPlace } from '#protocol/model/settings';
import type { ServerTime } from '../connection/server-time.ts';
import type { ChatDialect } from '../dialects/chat-dialect.ts';
import type { History } from '../history/history.ts';
import { storageStateOf, watchStorage } from '../history/storage-watch.ts';
import { createAccountMedia } from '../media/account-media.ts';
import { createGroups } from '../messaging/groups.ts';
import { createInbox } from '../messaging/inbox.ts';
import { createOutbox } from '../messaging/outbox.ts';
import { createReadMarks } from '../messaging/read-marks.ts';
import { createRetentionRounds } from '../messaging/retention-rounds.ts';
import { createSignals } from '../messaging/signals.ts';
import { createSync } from '../messaging/sync.ts';
import { createPeople } from '../people/people.ts';
import { createServiceDesk } from '../people/service-desk.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import { createApplicationCount } from './application-count.ts';
import { createCompletenessKeeper } from './completeness.ts';
import { createConversations } from './conversations.ts';
import { createExports } from './exports.ts';
import { createLine } from './line.ts';
import { createMessagePages } from './message-pages.ts';
import { createOwnMessages } from './own-messages.ts';
import type { RuntimeEvents } from './runtime-events.ts';
import { createServerReach } from './server-reach.ts';
import { createWaitingFiles } from './waiting-files.ts';
import { createWindowView } from './window-view.ts';

const STOP_PATIENCE = 1_000;

export interface RuntimeOptions {
  account: Account;
  /** Where files of the account may be kept. */
  folder: string;
  /** Seals them; hexadecimal. */
  secret: string;
  dialect: ChatDialect;
  history: History;
  clock: Clock;
  logger: Logger;
  /** What time it is for the server. */
  serverTime: Pick<ServerTime, 'now'>;
  events: RuntimeEvents;
  /** Bytes, where the history lies. */
  freeSpace(): Promise<number>;
  /** Seconds in which what is sent can be undone. */
  undoSeconds(): number;
  /** Bytes that loaded files may take. */
  mediaCache(): number;
  /** Where the person wants files of this kind. */
  uploadPlace(kind: UploadKind): UploadPlace;
  /** Days for which messages stay on this machine; 0 for good. */
  keepDays(): number;
  /** For tests: frames that never arrived. */
  dropFrame?(text: string): boolean;
}

export type AccountRuntime = ReturnType<typeof createAccountRuntime>;

/**
 * Everything that runs while one account is signed in: its history, socket, outbox and inbox. This file makes the parts
 * and ties them together; each of them is called only once all of them are made.
 */
export function createAccountRuntime(options: RuntimeOptions) {
  const { dialect, clock, logger, events } = options;
  const log = logger.module('account');
  let { account } = options;
  const reach = createServerReach();

  const storage = watchStorage({
    history: options.history,
    clock,
    freeSpace: options.freeSpace,
    onState(state) {
      events.storage(state);
      if (state !== 'ok') return;
      inbox.wake();
      outbox.wake();
      sync.torn();
      marks.poke();
    },
  });
  const { history } = storage;
  const shared = { history, dialect, clock, logger };

  const view = createWindowView({
    ...{ history, clock, reach, events, serverTime: options.serverTime },
    // Not only when something is read: a mark may become tellable when the server's numbers of its conversation come.
    onShown: () => marks.poke(),
  });
  const media = createAccountMedia({
    ...shared,
    folder: options.folder,
    secret: options.secret,
    cacheLimit: options.mediaCache,
    uploadPlace: options.uploadPlace,
    isOnline: () => reach.isOnline,
    onProgress: events.transferred,
  });
  const outbox = createOutbox({
    ...shared,
    files: media.files,
    onChanges: view.tell,
    onSessionEnded: (error) => events.ended({ kicked: false, error }),
    onMembershipEnded: (conversationId, ended) =>
      void groups.ended(conversationId, ended).catch((thrown: unknown) => log.error('end-not-kept', thrown)),
  });
  const inbox = createInbox({
    ...shared,
    reading: view.reading,
    shown: view.shown,
    onChanges: view.tell,
    onTorn: () => sync.torn(),
    onTrouble(thrown) {
      // What the disk refuses is told for as long as it does.
      if (storageStateOf(thrown) === null) events.notice({ kind: 'error', error: toWireError(thrown) });
    },
  });
  const sync = createSync({
    ...shared,
    reading: view.reading,
    shown: view.shown,
    deliver: (event) => inbox.accept(event),
    onChanges: view.tell,
    onContacts: () => void countApplications(),
    onGroups: ({ groupIds, membership }) => groups.changed(groupIds, membership),
  });
  const groups = createGroups({
    accountId: account.id,
    calls: dialect.groups,
    history,
    clock,
    listContacts: () => dialect.people.listContacts(),
    told: view.told,
    onChanged: (groupIds) => events.groups({ groupIds }),
    onMarks: (groupId, found) => events.groupMarks({ groupId, marks: found }),
    onMembership: ({ name, event }) => events.notice({ kind: 'membership', event, groupName: name }),
  });
  const marks = createReadMarks({ ...shared, possible: () => reach.isOnline && reach.abilities.read });
  const retention = createRetentionRounds({
    ...shared,
    keepDays: options.keepDays,
    now: () => (reach.isOnline ? options.serverTime.now() : null),
    onChanges: view.tell,
  });
  const signals = createSignals({
    ...shared,
    abilities: () => reach.abilities,
    send: (text) => line.send(text),
    onTyping: events.typing,
    onPresence: events.presence,
  });
  const people = createPeople({
    dialect: dialect.people,
    logger,
    account: () => account,
    canRename: () => reach.abilities.contacts,
    onChanged: () => void countApplications(),
    onAccount(next) {
      account = next;
      events.account(next);
    },
  });
  const countApplications = createApplicationCount({
    ...{ people, log, account: () => account },
    onCount: events.contacts,
  });

  const pages = createMessagePages({ history, sync, clock, log, reach, view });
  const completeness = createCompletenessKeeper({ history, dialect, sync, clock, reach, view, events });
  const exports = createExports({ history, clock, media, completeness, events });
  const line = createLine({
    ...{ ...shared, accountId: account.id, reach, view, sync, inbox, outbox, media, groups, marks, signals },
    ...{ people, pages, countApplications, events },
    ...(options.dropFrame === undefined ? {} : { dropFrame: options.dropFrame }),
  });

  return {
    ...people,
    ...createConversations({ history, clock, view, people, signals, marks, completeness }),
    ...createOwnMessages({
      ...{ ...shared, account: () => account, outbox, media, signals, reach, view },
      undoSeconds: options.undoSeconds,
    }),
    ...createWaitingFiles({ history, media, view }),
    media,
    groups,
    desk: createServiceDesk({ dialect: dialect.desk, message: (id) => history.message(id) }),
    get account(): Account {
      return account;
    },
    /** History is open: look into the outbox and connect. */
    async start(): Promise<void> {
      events.attention({ kind: 'opened', ...(await history.listConversations()) });
      line.start();
      await media.start((await history.unsentContents()).map(({ content }) => content));
      await outbox.start();
      retention.start();
    },
    /** Stops everything and closes history; what is unsent stays for the next run. */
    async stop(): Promise<void> {
      line.stop();
      sync.stop();
      marks.stop();
      retention.stop();
      signals.stop();
      completeness.stop();
      exports.stop();
      // An answer that is about to come is worth a moment; one that never comes must not hold anybody up.
      const giveUp = clock.after(STOP_PATIENCE, () => dialect.abandon());
      const unsent = outbox.stop();
      // After the outbox: an upload that ends now must not look like one that a person gave up.
      media.stop();
      await Promise.all([unsent, inbox.stop()]);
      giveUp();
      dialect.abandon();
      await history.close();
    },
    signOutOnServer: () => dialect.signOut(),
    /** How long messages stay was set anew. */
    retentionChanged: () => retention.soon(),
    reconnectNow() {
      line.reconnectNow();
      outbox.wake();
    },
    renewConnection: () => line.renew(),
    checkConnection() {
      line.check();
      outbox.wake();
    },
    get storage(): StorageState {
      return storage.state;
    },
    retryStorage: () => storage.look(),
    uploadLimit: () => reach.uploadLimit,
    choosesPlace: () => dialect.choosesPlace,

    page: pages.page,
    pageAtDate: pages.pageAtDate,
    pageAround: pages.pageAround,
    pageAfter: pages.pageAfter,
    search: pages.search,
    mediaPage: pages.mediaPage,
    completeness: completeness.of,
    check: completeness.check,
    cancelCheck: completeness.cancel,
    export: exports.export,
    cancelExport: exports.cancel,
    setTyping: (conversationId: ConversationId) => signals.iType(conversationId),
    get presence(): Presence {
      return signals.presence;
    },
    /** A message with a file, for what people do with files. */
    async mediaMessage(messageId: string): Promise<Message & { content: MediaContent }> {
      const message = await history.message(messageId);
      if (message === null || message.recalled || !isMedia(message.content))
        throw new MagpieError('not-found', 'no file in such a message');
      return { ...message, content: message.content };
    },
  };
}
