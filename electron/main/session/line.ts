import { assertNever, toWireError } from '#protocol/errors';
import type { AccountId } from '#protocol/model/account';
import { parseConversationId } from '#protocol/model/conversation';
import { createConnection, type Connection } from '../connection/connection.ts';
import type { ChatDialect, Frame, Signal } from '../dialects/chat-dialect.ts';
import type { History } from '../history/history.ts';
import type { AccountMedia } from '../media/account-media.ts';
import type { Groups } from '../messaging/groups.ts';
import type { Inbox } from '../messaging/inbox.ts';
import type { Outbox } from '../messaging/outbox.ts';
import type { ReadMarks } from '../messaging/read-marks.ts';
import type { Signals } from '../messaging/signals.ts';
import type { Sync } from '../messaging/sync.ts';
import type { People } from '../people/people.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import type { RuntimeEvents } from './runtime-events.ts';
import type { ServerReach } from './server-reach.ts';
import type { WindowView } from './window-view.ts';

export interface LineOptions {
  accountId: AccountId;
  dialect: ChatDialect;
  history: Pick<History, 'raiseMarks' | 'listConversations'>;
  clock: Clock;
  logger: Logger;
  /** Learns here what the server can do. */
  reach: ServerReach;
  view: Pick<WindowView, 'told' | 'tellRecallable'>;
  sync: Sync;
  inbox: Pick<Inbox, 'settled'>;
  outbox: Pick<Outbox, 'reconnected'>;
  media: Pick<AccountMedia, 'wake'>;
  groups: Pick<Groups, 'raise' | 'refresh'>;
  marks: Pick<ReadMarks, 'poke'>;
  signals: Signals;
  people: Pick<People, 'refreshOwn'>;
  pages: { fillCrossed(): void };
  countApplications(): Promise<void>;
  events: Pick<RuntimeEvents, 'connection' | 'notice' | 'ended'>;
  /** For tests: frames that never arrived. */
  dropFrame?(text: string): boolean;
}

/** The socket of one account: what comes through it goes to its part, and each opening of it wakes what waited. */
export function createLine(options: LineOptions): Connection {
  const { dialect, history, clock, reach, view, sync, groups, marks, signals, events } = options;
  const log = options.logger.module('account');

  const onSignal = (signal: Signal) => {
    switch (signal.type) {
      case 'ready':
        sync.ready();
        break;
      case 'changed':
        sync.changed(signal.cursor);
        break;
      case 'read':
        history
          .raiseMarks([signal.marks])
          .then(view.told, (thrown: unknown) => log.error('mark-lost', thrown));
        break;
      case 'typing':
        if (signal.accountId !== options.accountId)
          signals.someoneTypes(signal.conversationId, signal.accountId);
        break;
      case 'membership':
        sync.torn();
        break;
      case 'group-read':
        groups.raise(signal.groupId, signal.marks);
        break;
      case 'presence':
        signals.isThere(signal.accountId, signal.online);
        break;
      default:
        assertNever(signal, 'signal');
    }
  };

  const onEvent = ({ event, effect }: Extract<Frame, { type: 'event' }>) => {
    sync.accept(event);
    if (event.type === 'message') {
      signals.stopped(event.message.conversation.id, event.message.senderId);
      if (effect === 'contacts') signals.watchPeer(event.message.conversation.id);
    }
    if (effect === 'application') events.notice({ kind: 'application-received' });
    if (effect !== null) void options.countApplications();
  };

  /** The socket is registered: everything that happened without us, by the log where there is one. */
  const catchUp = async () => {
    const found = await dialect.abilities();
    reach.learned(found);
    if (found.sync) await sync.begin();
    else sync.end();
    // Service notices have no number anywhere: they wait in the queue on every server.
    await dialect.flushOffline();
  };

  /** Whose presence the window may show: the people at the top of the list. */
  const watchPeople = async () => {
    if (!reach.abilities.presence) return;
    const { conversations } = await history.listConversations();
    const people = conversations.filter(({ kind }) => kind === 'single');
    signals.watch(people.map(({ id }) => Number(parseConversationId(id).peer)));
  };

  const wakeAll = () => {
    options.media.wake();
    options.outbox.reconnected();
    groups.refresh();
    marks.poke();
    options.pages.fillCrossed();
    view.tellRecallable().catch((thrown: unknown) => log.error('recall-not-told', thrown));
    watchPeople().catch((thrown: unknown) => log.error('nobody-watched', thrown));
    void options.countApplications();
    options.people
      .refreshOwn()
      .catch((thrown: unknown) => log.warn('own-profile-unknown', { code: toWireError(thrown).code }));
  };

  return createConnection({
    dialect,
    clock,
    logger: options.logger,
    catchUp,
    onSignal,
    ...(options.dropFrame === undefined ? {} : { dropFrame: options.dropFrame }),
    onState(state) {
      events.connection(state);
      reach.connected(state.state === 'online');
      if (state.state === 'connecting') {
        dialect.renewLines();
        sync.opening();
      }
      if (reach.isOnline) {
        wakeAll();
        return;
      }
      if (state.state === 'offline') sync.end();
      signals.forget();
    },
    onEvent,
    stored: () => options.inbox.settled(),
    onEnded: events.ended,
  });
}
