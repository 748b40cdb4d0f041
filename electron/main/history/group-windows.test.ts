import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { numberedMessage } from '../../../tests/helpers/history/sample-messages.ts';
import { temporaryHistory } from '../../../tests/helpers/history/temporary-history.ts';
import type { ConversationState, IncomingMessage } from '../dialects/chat-dialect.ts';
import type { GroupState } from '../dialects/group-calls.ts';
import type { Sql } from './database.ts';
import type { HistoryMethods } from './history.ts';

const ID = 'group:7';
const facts = { id: ID, kind: 'group', name: 'Team', avatars: [] as string[], link: null } as const;
let sql: Sql;
let history: HistoryMethods;

beforeEach(() => {
  ({ sql, engine: history } = temporaryHistory());
});

const numbered = (sequence: number, change: Partial<IncomingMessage> = {}) =>
  numberedMessage(sequence, { conversation: { ...facts }, ...change });

type Windows = NonNullable<ConversationState['windows']>;
const isInside = (windows: Windows, sequence: number) =>
  windows.some(({ first, last }) => sequence >= first && sequence <= (last ?? Infinity));

function log(windows: Windows, headSeq: number, readSeq: number, groups: GroupState[] = []) {
  const last = windows.at(-1)?.last ?? null;
  const conversation: ConversationState = {
    facts,
    headSeq: last ?? headSeq,
    firstSeq: windows[0]?.first ?? 1,
    readSeq,
    peerReadSeq: null,
    windows,
    ended: last === null ? null : 'removed',
  };
  const page = {
    reset: false,
    conversations: [conversation],
    recalls: [],
    groups,
    contacts: false,
    cursor: 1,
    more: false,
  };
  return history.applySync({ page, reset: false }).value;
}

/** What the server would answer for a range. */
function fetchAll(windows: Windows): number {
  let turns = 0;
  for (let gaps = history.gaps(); gaps.length > 0 && turns < 50; gaps = history.gaps()) {
    for (const { conversationId, from, to } of gaps) {
      const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index);
      const messages = numbers.filter((one) => isInside(windows, one)).map((one) => numbered(one));
      history.storeStretch({ conversationId, from, to, messages, reading: null });
    }
    turns += 1;
  }
  return turns;
}

/** Memberships in order: how many messages each lasts, and how many are missed before the next. */
const memberships = fc.array(
  fc.record({ stays: fc.integer({ min: 1, max: 6 }), misses: fc.integer({ min: 1, max: 6 }) }),
  {
    minLength: 1,
    maxLength: 5,
  },
);

test('numbers between memberships are no holes, whenever the log tells of them', () => {
  fc.assert(
    fc.property(memberships, fc.boolean(), fc.boolean(), (spans, isOpen, toldEachTime) => {
      sql.transaction(() => {
        for (const table of ['message', 'stretch', 'outside', 'conversation', 'meta'])
          sql.run(`DELETE FROM ${table}`);
      });
      const windows: Windows = [];
      let next = 1;
      for (const [index, { stays, misses }] of spans.entries()) {
        const last = next + stays - 1;
        const goesOn = isOpen && index === spans.length - 1;
        windows.push({ first: next, last: goesOn ? null : last });
        if (toldEachTime || index === spans.length - 1) {
          // The server reads up to the beginning of a membership.
          log(windows, last, next - 1);
          fetchAll(windows);
        }
        next = last + 1 + misses;
      }
      const visible = spans.reduce((sum, { stays }) => sum + stays, 0);
      const { first, head, here, outside } = history.standing(ID);
      expect(here).toBe(visible);
      expect(head - first + 1 - outside).toBe(visible);
      expect(history.gaps()).toEqual([]);
      expect(history.holeOnPage({ conversationId: ID, limit: 100 })).toBeNull();
      const { messages, hasOlder } = history.page({ conversationId: ID, limit: 100 });
      expect(hasOlder).toBe(false);
      expect(messages.every(({ position }) => isInside(windows, position.major))).toBe(true);
      expect(history.conversation(ID)?.unread).toBe(spans.at(-1)?.stays);
      expect(history.conversation(ID)?.ended).toBe(isOpen ? undefined : 'removed');
    }),
    { numRuns: 60 },
  );
}, 30_000);

const team = (change: Partial<GroupState>): GroupState => ({
  groupId: 7,
  name: 'Team',
  avatars: [],
  membership: 'member',
  dissolved: false,
  details: null,
  ...change,
});

test('what others decide about a membership is news; what one knows or did oneself is none', () => {
  const all: Windows = [{ first: 1, last: null }];
  // At first the log tells how things are.
  expect(log(all, 1, 0, [team({ membership: 'waiting' })]).membership).toEqual([]);
  expect(log(all, 1, 0, [team({})]).membership).toMatchObject([
    { groupId: 7, name: 'Team', event: 'approved' },
  ]);
  expect(log(all, 1, 0, [team({})]).membership).toEqual([]);
  expect(log([{ first: 1, last: 1 }], 1, 0, [team({ membership: 'none' })]).membership).toMatchObject([
    { event: 'removed' },
  ]);
  history.setMembership({ groupId: 7, membership: 'waiting' });
  expect(log([{ first: 1, last: 1 }], 1, 0, [team({ membership: 'none' })]).membership).toMatchObject([
    { event: 'refused' },
  ]);
  history.setMembership({ groupId: 7, membership: 'member' });
  expect(log(all, 1, 0, [team({ membership: 'none', dissolved: true })]).membership).toMatchObject([
    { event: 'dissolved' },
  ]);
  history.setMembership({ groupId: 7, membership: 'none' });
  expect(log(all, 1, 0, [team({ membership: 'none', dissolved: true })]).membership).toEqual([]);
});

test('mentions are counted until read, and end with a recall', () => {
  log([{ first: 1, last: null }], 3, 0);
  const meant = { mentions: 'all' as const, meansMe: true };
  const messages = [numbered(1, meant), numbered(2), numbered(3, meant)];
  history.storeStretch({ conversationId: ID, from: 1, to: 3, messages, reading: null });
  expect(history.conversation(ID)).toMatchObject({ unread: 3, mentions: 2 });
  // Muted, it calls the person by those alone.
  const mute = (value: boolean) =>
    history.setSwitch({ conversationId: ID, name: 'muted', value }).changes.unreadTotal;
  expect([mute(true), mute(false), mute(true)]).toEqual([2, 3, 2]);
  history.receive({
    messages: [],
    recalls: [{ conversationId: ID, serverId: 's3', tombstone: null }],
    reading: null,
  });
  expect(history.conversation(ID)).toMatchObject({ unread: 2, mentions: 1 });
  expect(history.markRead(ID).changes.unreadTotal).toBe(0);
  expect(history.conversation(ID)?.mentions).toBeUndefined();
});
