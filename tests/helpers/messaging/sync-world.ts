/** A server in memory and the client in front of it: history has to end equal to the server whatever the wire does. */
import { expect } from 'vitest';
import { MagpieError } from '#protocol/errors';
import type { Message } from '#protocol/model/message';
import { countsAsUnread } from '#protocol/wire/sync';
import type {
  ChatDialect,
  ConversationFacts,
  DomainEvent,
  IncomingMessage,
  SendResult,
  Signal,
  SyncPage,
} from '../../../electron/main/dialects/chat-dialect.ts';
import type { History } from '../../../electron/main/history/history.ts';
import { inProcessHistory } from '../../../electron/main/history/in-process.ts';
import { createInbox } from '../../../electron/main/messaging/inbox.ts';
import { createOutbox } from '../../../electron/main/messaging/outbox.ts';
import { createReadMarks } from '../../../electron/main/messaging/read-marks.ts';
import { createSync } from '../../../electron/main/messaging/sync.ts';
import type { createFakeClock } from '../../../electron/main/support/fake-clock.ts';
import { silentLogger } from '../../../electron/main/support/logger.ts';
import { temporaryHistory } from '../history/temporary-history.ts';

export const [ME, PEER] = [1, 2];
export const ID = `single:${PEER}`;
export const FACTS: ConversationFacts = { id: ID, kind: 'single', name: 'Bo', avatars: [], link: null };

export function openHistory(): History {
  const { sql, engine } = temporaryHistory();
  sql.all('PRAGMA synchronous = OFF');
  return inProcessHistory(engine);
}

type Frame = { event: DomainEvent } | { signal: Signal };
interface Stored {
  message: IncomingMessage;
  seq: number;
  clientId: string | null;
}

/** The server's half of the contract in memory: numbers, log, marks, and a wire that a test may disturb. */
export function createWorld() {
  const messages: Stored[] = [];
  const read = new Map([
    [ME, 0],
    [PEER, 0],
  ]);
  /** Subject → cursor of its only entry. */
  const entries = new Map<string, number>();
  let cursor = 0;
  const wire: Frame[] = [];
  const asked = { sync: 0, history: 0 };
  const world = {
    messages,
    read,
    wire,
    asked,
    online: false,
    /** Questions that get no answer from now on. */
    deaf: 0,
    /** Lets everything in flight see what others did meanwhile. */
    note(subject: string) {
      cursor += 1;
      entries.delete(subject);
      entries.set(subject, cursor);
      if (world.online) wire.push({ signal: { type: 'changed', cursor } });
    },
    send(from: number, clientId: string | null, type: 'text' | 'notice' = 'text'): Stored {
      const known = clientId === null ? undefined : messages.find((one) => one.clientId === clientId);
      if (known !== undefined) return known;
      const seq = messages.length + 1;
      const message: IncomingMessage = {
        serverId: `s${seq}`,
        clientMessageId: from === ME ? clientId : null,
        conversation: FACTS,
        sequence: seq,
        senderId: from,
        senderName: `n${from}`,
        senderAvatar: '',
        own: from === ME,
        content: { kind: type, text: `text ${seq}` },
        createdAt: seq,
        counts: from !== ME,
        standing: false,
        recalled: false,
      };
      const stored = { message, seq, clientId };
      messages.push(stored);
      if (world.online) wire.push({ event: { type: 'message', message } });
      world.note('conversation');
      return stored;
    },
    recall(index: number) {
      const stored = messages[index % Math.max(1, messages.length)];
      if (stored === undefined || stored.message.recalled) return;
      stored.message = { ...stored.message, content: { kind: 'text', text: '' }, recalled: true };
      if (world.online)
        wire.push({
          event: { type: 'recall', conversationId: ID, serverId: stored.message.serverId },
        });
      world.note(`recall ${stored.seq}`);
    },
    mark(who: number, seq: number) {
      const mark = Math.min(seq, messages.length);
      if (mark <= (read.get(who) ?? 0)) return;
      read.set(who, mark);
      const marks = { conversationId: ID, own: who === ME ? mark : null, peer: who === ME ? null : mark };
      if (world.online) wire.push({ signal: { type: 'read', marks } });
      world.note('conversation');
    },
    async answer<Value>(work: () => Value): Promise<Value> {
      await Promise.resolve();
      if (!world.online) throw new MagpieError('server-unreachable', 'offline');
      const value = work();
      if (world.deaf > 0) {
        world.deaf -= 1;
        throw new MagpieError('server-unreachable', 'the answer was lost');
      }
      await Promise.resolve();
      return value;
    },
  };
  const dialect: Pick<ChatDialect, 'sync' | 'history' | 'markRead' | 'sendText' | 'idempotentSend'> = {
    idempotentSend: true,
    sync: (from) =>
      world.answer((): SyncPage => {
        asked.sync += 1;
        const reset = from === null || from > cursor;
        const news = [...entries].filter(([, at]) => at > (reset ? 0 : from));
        const page = news.slice(0, 2);
        const more = news.length > page.length;
        const isMentioned = page.some(([subject]) => subject === 'conversation');
        return {
          reset,
          more,
          cursor: more ? (page.at(-1)?.[1] ?? cursor) : cursor,
          contacts: false,
          conversations: isMentioned
            ? [
                {
                  facts: FACTS,
                  headSeq: messages.length,
                  firstSeq: 1,
                  readSeq: read.get(ME) ?? 0,
                  peerReadSeq: read.get(PEER) ?? 0,
                },
              ]
            : [],
          recalls: page.flatMap(([subject]) => {
            const seq = Number(/^recall (\d+)$/u.exec(subject)?.[1] ?? 0);
            const stored = messages[seq - 1];
            if (stored === undefined) return [];
            const { serverId, senderId, senderName, own, createdAt } = stored.message;
            const tombstone = { sequence: seq, senderId, senderName, own, createdAt };
            return [{ conversationId: ID, serverId, tombstone }];
          }),
        };
      }),
    history: (_, bounds) =>
      world.answer(() => {
        asked.history += 1;
        const found =
          'afterSeq' in bounds
            ? messages.filter(({ seq }) => seq > bounds.afterSeq).slice(0, bounds.limit)
            : messages.filter(({ seq }) => seq < bounds.beforeSeq).slice(-bounds.limit);
        return { messages: found.map(({ message }) => message), headSeq: messages.length, firstSeq: 1 };
      }),
    markRead: (_, seq) => world.answer(() => world.mark(ME, seq)),
    async sendText({ clientMessageId }): Promise<SendResult> {
      try {
        return await world.answer(() => {
          const { message, seq } = world.send(ME, clientMessageId);
          return {
            kind: 'acknowledged',
            acknowledgement: {
              serverId: message.serverId,
              sequence: seq,
              createdAt: message.createdAt,
              conversation: FACTS,
            },
          };
        });
      } catch {
        return { kind: 'retry', afterSeconds: null };
      }
    },
  };
  return { ...world, world, dialect };
}

export const flush = async () => {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** The client under test: everything between history and wire, on a clock of the test's own. */
export function createClient(
  { world, dialect }: ReturnType<typeof createWorld>,
  history: History,
  clock: ReturnType<typeof createFakeClock>,
) {
  const shared = { history, dialect, clock, logger: silentLogger, onChanges: () => marks.poke() };
  const inbox = createInbox({
    ...shared,
    reading: () => null,
    shown: () => [],
    onTorn: () => sync.torn(),
    onTrouble: (thrown) => {
      throw thrown;
    },
  });
  const sync = createSync({
    ...shared,
    reading: () => null,
    shown: () => [],
    deliver: (event) => inbox.accept(event),
    onContacts: () => undefined,
  });
  const outbox = createOutbox({ ...shared, onSessionEnded: () => expect.unreachable() });
  const marks = createReadMarks({ ...shared, possible: () => world.online });
  return {
    sync,
    outbox,
    marks,
    start: () => outbox.start(),
    async connect(withReady = true) {
      if (world.online) return;
      world.online = true;
      sync.opening();
      if (withReady) sync.ready();
      const began = sync.begin().then(
        () => {
          outbox.wake();
          marks.poke();
        },
        () => {
          // The connection would be given up and opened again.
          world.online = false;
          world.wire.length = 0;
          sync.end();
        },
      );
      await flush();
      if (!withReady) clock.advance(2_000);
      await began;
    },
    disconnect() {
      world.online = false;
      world.wire.length = 0;
      sync.end();
    },
    async frame(frame: Frame) {
      if ('event' in frame) sync.accept(frame.event);
      else if (frame.signal.type === 'changed') sync.changed(frame.signal.cursor);
      else if (frame.signal.type === 'read') await history.raiseMarks([frame.signal.marks]);
      await flush();
    },
    async stop() {
      sync.stop();
      marks.stop();
      await Promise.all([outbox.stop(), inbox.stop()]);
    },
  };
}

/** What a person sees who scrolls up to the beginning. */
export async function readAll(history: History, client: ReturnType<typeof createClient>): Promise<Message[]> {
  const seen: Message[] = [];
  for (;;) {
    const before = seen[0]?.position;
    const input = { conversationId: ID, limit: 60, ...(before === undefined ? {} : { before }) };
    for (let turn = 0; turn < 5; turn++) {
      const hole = await history.holeOnPage(input);
      if (hole === null) break;
      await client.sync.fetch(hole);
    }
    const page = await history.page(input);
    seen.unshift(...page.messages);
    if (!page.hasOlder) return seen;
    expect(page.messages).not.toEqual([]);
  }
}

export async function expectEqual(
  { world }: ReturnType<typeof createWorld>,
  history: History,
  client: ReturnType<typeof createClient>,
) {
  const readByPeer = world.read.get(PEER) ?? 0;
  const expected = world.messages.map(({ message, seq }) => ({
    serverId: message.serverId,
    content: message.content.text,
    recalled: message.recalled,
    own: message.own,
    status: message.own && seq <= readByPeer ? 'read' : 'sent',
  }));
  const seen = await readAll(history, client);
  expect(
    seen.map(({ serverId, content, recalled, own, status }) => ({
      serverId,
      content: content.text,
      recalled,
      own,
      status,
    })),
  ).toEqual(expected);
  const unread = world.messages.filter(
    ({ message, seq }) =>
      seq > (world.read.get(ME) ?? 0) &&
      countsAsUnread({
        type: message.content.kind === 'notice' ? 'systemNotice' : 'text',
        own: message.own,
        recalled: message.recalled,
      }),
  ).length;
  const { conversations, unreadTotal } = await history.listConversations();
  expect(conversations[0]?.unread ?? 0).toBe(unread);
  expect(unreadTotal).toBe(unread);
}

export async function calmDown(
  { world }: ReturnType<typeof createWorld>,
  client: ReturnType<typeof createClient>,
  clock: ReturnType<typeof createFakeClock>,
) {
  world.deaf = 0;
  for (let turn = 0; turn < 140; turn++) {
    if (!world.online) await client.connect();
    for (const frame of world.wire.splice(0)) await client.frame(frame);
    clock.advance(500);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
