import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  beginAnew,
  sql,
  history,
  open,
  incoming,
  receive,
  enqueue,
  texts,
} from '../../../tests/helpers/history/engine-on-disk.ts';

describe('receiving', () => {
  test('keeps one copy per server id and conversation, and two across conversations', () => {
    expect(receive([incoming(), incoming()]).value.added).toBe(1);
    expect(receive([incoming()]).value.added).toBe(0);
    expect(receive([incoming({ peer: 3 })]).value.added).toBe(1);
    expect(texts()).toEqual(['s1']);
  });

  test('a new conversation counts its first message before the log has told of it', () => {
    const { changes } = receive([
      incoming({ serverId: 's1', sequence: 1, counts: false, content: { kind: 'notice', text: 'friends' } }),
      incoming({ serverId: 's2', sequence: 2 }),
    ]);
    expect(changes.conversations[0]?.unread).toBe(1);
    expect(history.markRead('single:2').changes.unreadTotal).toBe(0);
    expect(receive([incoming({ serverId: 's3', sequence: 3 })], 'single:2').changes.unreadTotal).toBe(0);
    expect(receive([incoming({ serverId: 's4', sequence: 4 })]).changes.unreadTotal).toBe(1);
  });

  test('counts unread in the same write, except where the person is looking', () => {
    const { changes } = receive([
      incoming(),
      incoming({ serverId: 's2' }),
      incoming({ serverId: 's3', own: true, counts: false }),
    ]);
    expect(changes.conversations[0]?.unread).toBe(2);
    expect(changes.unreadTotal).toBe(2);
    // Whoever looks at the end of it has read what stands before.
    expect(receive([incoming({ serverId: 's4' })], 'single:2').changes.unreadTotal).toBe(0);
    expect(receive([incoming({ serverId: 's5' })]).changes.unreadTotal).toBe(1);
    expect(history.markRead('single:2').changes.unreadTotal).toBe(0);
    receive([incoming({ serverId: 's5' })]);
    expect(
      history.setSwitch({ conversationId: 'single:2', name: 'muted', value: true }).changes.unreadTotal,
    ).toBe(0);
  });

  test('the preview and the place in the list follow the last message by position, not by arrival', () => {
    receive([incoming({ serverId: 'late', sequence: 2, createdAt: 2_000 })]);
    receive([incoming({ serverId: 'early', sequence: 1, createdAt: 1_000 })]);
    const [row] = history.listConversations().conversations;
    expect(row?.preview?.content).toEqual({ kind: 'text', text: 'late' });
    expect(row?.lastActivityAt).toBe(2_000);
  });

  test('a standing hint is kept once; a hidden row comes back with a message', () => {
    const hint = (serverId: string) => incoming({ serverId, standing: true, counts: false });
    receive([hint('h1'), hint('h2')]);
    expect(texts()).toEqual(['h1']);
    expect(history.hide('single:2').changes.removedConversations).toEqual(['single:2']);
    expect(receive([hint('h3')]).changes.conversations).toEqual([]);
    expect(receive([incoming({ serverId: 'm' })]).changes.conversations).toHaveLength(1);
  });

  test('a recall marks the message and leaves unknown ids alone', () => {
    receive([incoming()]);
    const recall = (serverId: string) =>
      history.receive({
        messages: [],
        recalls: [{ conversationId: 'single:2', serverId, tombstone: null }],
        reading: null,
      });
    expect(recall('s1').changes.messages[0]?.recalled).toBe(true);
    expect(recall('nobody').changes.messages).toEqual([]);
  });

  test('a deleted message does not come back with a late copy', () => {
    receive([incoming()]);
    const [message] = history.page({ conversationId: 'single:2', limit: 10 }).messages;
    history.deleteMessage(message?.id ?? '');
    receive([incoming()]);
    expect(texts()).toEqual([]);
    expect(history.listConversations().conversations[0]?.preview).toBeNull();
  });

  test("another person's client id cannot touch our own message", () => {
    enqueue('m1', 'mine');
    receive([incoming({ serverId: 'x', clientMessageId: null })]);
    expect(history.message('m1')?.status).toBe('pending');
  });
});

test('of conversations that nobody looks at the newest message of others is told, of the shown ones all', () => {
  const in_ = (peer: number, sequence: number, change = {}) =>
    incoming({
      serverId: `p${peer}-${sequence}`,
      conversation: { id: `single:${peer}`, kind: 'single', name: 'P', avatars: [], link: null },
      sequence,
      ...change,
    });
  const { changes } = history.receive({
    messages: [
      ...[1, 3, 2].map((sequence) => in_(7, sequence)),
      in_(7, 4, { own: true, clientMessageId: 'mine' }),
      ...[1, 2].map((sequence) => in_(8, sequence)),
    ],
    recalls: [],
    reading: null,
    shown: ['single:8'],
  });
  const told = changes.messages.map(({ serverId }) => serverId).sort();
  expect(told).toEqual(['p7-3', 'p8-1', 'p8-2']);
  expect(changes.conversations.map(({ id }) => id).sort()).toEqual(['single:7', 'single:8']);
});

test('what means the person is told as well, whoever writes on in the same batch', () => {
  const inTeam = (sequence: number, change = {}) =>
    incoming({
      serverId: `t${sequence}`,
      conversation: { id: 'group:8', kind: 'group', name: 'Team', avatars: [], link: null },
      sequence,
      ...change,
    });
  const meant = { mentions: 'all', meansMe: true };
  const { changes } = history.receive({
    messages: [inTeam(1, meant), inTeam(2, meant), inTeam(3), inTeam(4)],
    recalls: [],
    reading: null,
    shown: [],
  });
  expect(changes.messages.map(({ serverId }) => serverId).sort()).toEqual(['t2', 't4']);
});

describe('switches and the list', () => {
  const row = () => history.conversation('single:2');
  test('each switch is stored by itself and survives a restart', () => {
    receive([incoming()]);
    expect(row()).toMatchObject({ pinned: false, muted: false, strongAlert: false, showNicknames: true });
    for (const name of ['pinned', 'muted', 'strongAlert'] as const)
      history.setSwitch({ conversationId: 'single:2', name, value: true });
    history.setSwitch({ conversationId: 'single:2', name: 'showNicknames', value: false });
    sql.close();
    open();
    expect(row()).toMatchObject({ pinned: true, muted: true, strongAlert: true, showNicknames: false });
  });

  test('a removal that is taken back restores pin and mark; without it messages bring the row back plain', () => {
    receive([incoming()]);
    history.setSwitch({ conversationId: 'single:2', name: 'pinned', value: true });
    history.hide('single:2');
    expect(history.listConversations()).toMatchObject({ conversations: [], unreadTotal: 0 });
    const { changes } = history.unhide({ conversationId: 'single:2', pinned: true, unread: true });
    expect(changes.conversations).toMatchObject([{ id: 'single:2', pinned: true, unread: 1 }]);
    expect(texts()).toEqual(['s1']);
    history.hide('single:2');
    receive([incoming({ serverId: 's2' })]);
    expect(row()).toMatchObject({ pinned: false, unread: 1 });
  });
});

test('numbers that follow each other are one stretch, in whatever order they came', () => {
  const stretches = () =>
    sql.all('SELECT from_seq, to_seq FROM stretch').map((row) => [row['from_seq'], row['to_seq']]);
  for (const sequence of [1, 2, 4, 5, 9]) receive([incoming({ serverId: `s${sequence}`, sequence })]);
  expect(stretches()).toEqual([
    [1, 2],
    [4, 5],
    [9, 9],
  ]);
  for (const sequence of [3, 8, 6, 7]) receive([incoming({ serverId: `s${sequence}`, sequence })]);
  expect(stretches()).toEqual([[1, 9]]);
});

describe('unread is one formula', () => {
  const own = fc.boolean();
  const event = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('message' as const),
        peer: fc.integer({ min: 2, max: 4 }),
        own,
        notice: fc.boolean(),
        look: fc.boolean(),
      }),
    },
    fc.record({ type: fc.constant('recall' as const), peer: fc.integer({ min: 2, max: 4 }), nth: fc.nat(9) }),
    fc.record({ type: fc.constant('read' as const), peer: fc.integer({ min: 2, max: 4 }) }),
    fc.record({ type: fc.constant('mark' as const), peer: fc.integer({ min: 2, max: 4 }) }),
    fc.record({
      type: fc.constant('mute' as const),
      peer: fc.integer({ min: 2, max: 4 }),
      value: fc.boolean(),
    }),
  );
  /** What a person would count: theirs, no notice, not taken back, since they last looked. */
  interface Row {
    muted: boolean;
    marked: boolean;
    unread: Set<string>;
    ids: string[];
  }

  test.each([true, false])(
    'whatever happens, with numbers of the server: %s',
    (numbered) => {
      fc.assert(
        fc.property(fc.array(event, { maxLength: 40 }), (events) => {
          beginAnew();
          const model = new Map<number, Row>();
          for (const peer of [2, 3, 4]) {
            history.ensureConversation({
              facts: { id: `single:${peer}`, kind: 'single', name: 'x', avatars: [], link: null },
              now: 1,
            });
            model.set(peer, { muted: false, marked: false, unread: new Set(), ids: [] });
            if (!numbered) continue;
            const facts = {
              id: `single:${peer}`,
              kind: 'single' as const,
              name: 'x',
              avatars: [],
              link: null,
            };
            // One number before all, so that the server's numbers are known from the start.
            history.applySync({
              reset: false,
              page: {
                reset: false,
                conversations: [{ facts, headSeq: 1, firstSeq: 1, readSeq: 1, peerReadSeq: 0 }],
                recalls: [],
                contacts: false,
                cursor: 1,
                more: false,
              },
            });
            history.storeStretch({
              conversationId: facts.id,
              from: 1,
              to: 1,
              messages: [incoming({ peer, serverId: 'zero', sequence: 1, own: true })],
              reading: null,
            });
          }
          let step = 0;
          for (const one of events) {
            const row = model.get(one.peer) as Row;
            const id = `single:${one.peer}`;
            step += 1;
            switch (one.type) {
              case 'message': {
                const serverId = `m${step}`;
                row.ids.push(serverId);
                receive(
                  [
                    incoming({
                      peer: one.peer,
                      serverId,
                      own: one.own,
                      counts: !one.own,
                      sequence: numbered ? row.ids.length + 1 : null,
                      createdAt: step,
                      content: { kind: one.notice ? 'notice' : 'text', text: serverId },
                    }),
                  ],
                  one.look ? id : null,
                );
                // Looking at it reads all that is there.
                if (one.look) {
                  history.markRead(id);
                  row.unread.clear();
                  row.marked = false;
                } else if (!one.own && !one.notice) row.unread.add(serverId);
                break;
              }
              case 'recall': {
                const serverId = row.ids[one.nth];
                if (serverId === undefined) break;
                history.receive({
                  messages: [],
                  recalls: [{ conversationId: id, serverId, tombstone: null }],
                  reading: null,
                });
                row.unread.delete(serverId);
                break;
              }
              case 'read':
                history.markRead(id);
                row.unread.clear();
                row.marked = false;
                break;
              case 'mark':
                history.markUnread(id);
                row.marked = true;
                break;
              case 'mute':
                history.setSwitch({ conversationId: id, name: 'muted', value: one.value });
                row.muted = one.value;
                break;
            }
            const expected = [...model].map(([, { unread, marked }]) =>
              Math.max(unread.size, Number(marked)),
            );
            const actual = [...model.keys()].map((peer) => history.conversation(`single:${peer}`)?.unread);
            expect(actual).toEqual(expected);
            const total = [...model.values()].reduce(
              (sum, { muted, unread, marked }) => sum + (muted ? 0 : Math.max(unread.size, Number(marked))),
              0,
            );
            expect(history.listConversations().unreadTotal).toBe(total);
          }
        }),
        { numRuns: 40 },
      );
    },
    60_000,
  );
});
