/** The judge is judged: a broken promise of each kind is seen. */
import { expect, it } from 'vitest';
import { violations, type Witness } from './invariants.ts';
import type { SeenMessage } from './person-protocol.ts';
import type { StoredConversation } from './server-truth.ts';

const stored = (seq: number, text: string, senderId = 1) => ({
  seq,
  senderId,
  text,
  isNotice: false,
  recalled: false,
});
const seen = (major: number, text: string, own: boolean): SeenMessage => ({
  text,
  isNotice: false,
  recalled: false,
  own,
  status: 'sent',
  major,
  minor: 0,
});

function world(): { server: StoredConversation; ann: Witness; bob: Witness } {
  const texts = ['ann>bob#1', 'ann>bob#2'];
  const witness = (id: number, name: string, unread: number): Witness => ({
    id,
    name,
    journal: {
      tried: [],
      accepted: id === 1 ? [...texts] : [],
      shown: new Set(id === 1 ? texts : []),
      recalling: new Set(),
      refused: new Set(),
    },
    report: {
      phase: 'signed-in',
      unreadTotal: unread,
      rows: [{ id: `single:${3 - id}`, unread, muted: false }],
      conversations: [
        {
          id: `single:${3 - id}`,
          unread,
          messages: texts.map((text, index) => seen(index + 1, text, id === 1)),
        },
      ],
    },
  });
  return {
    server: {
      members: [1, 2],
      messages: texts.map((text, index) => stored(index + 1, text)),
      groupId: null,
      marks: new Map([[2, 1]]),
      windows: new Map([
        [1, [{ first: 1, last: null }]],
        [2, [{ first: 1, last: null }]],
      ]),
    },
    ann: witness(1, 'ann', 0),
    bob: witness(2, 'bob', 1),
  };
}

const judge = ({ server, ann, bob }: ReturnType<typeof world>) => violations([server], [ann, bob]).join('\n');
const messagesOf = (who: Witness) => who.report.conversations[0]?.messages ?? [];

it('finds nothing where nothing is wrong', () => {
  expect(judge(world())).toBe('');
});

it('lets a text that was refused come in late, and no other', () => {
  const late = world();
  late.server.messages.push(stored(3, 'ann>bob#0'));
  expect(judge(late)).toMatch(/out of order/);
  late.ann.journal.refused.add('ann>bob#0');
  expect(judge(late)).not.toMatch(/out of order/);
});

it.each<[string, (broken: ReturnType<typeof world>) => unknown, RegExp]>([
  ['a second copy', ({ server }) => server.messages.push(stored(3, 'ann>bob#2')), /2 copies/],
  ['a lost text', ({ ann }) => ann.journal.accepted.push('ann>bob#3'), /accepted, but lost/],
  ['a false tick', ({ ann }) => ann.journal.shown.add('ann>bob#3'), /shown as sent, but lost/],
  ['a hole', ({ server }) => server.messages.shift(), /number 1 is missing/],
  ['a wrong turn', ({ server }) => server.messages.push(stored(3, 'ann>bob#0')), /out of order/],
  ['a history that lacks one', ({ bob }) => messagesOf(bob).pop(), /found "nothing"/],
  ['a history with one more', ({ bob }) => messagesOf(bob).push(seen(3, 'x', false)), /nowhere else/],
  ['a history in another order', ({ bob }) => messagesOf(bob).reverse(), /expected/],
  [
    'a bubble that waits for ever',
    ({ ann }) => messagesOf(ann).push({ ...seen(9, 'x', true), status: 'pending' }),
    /still pending/,
  ],
  ['a wrong count', ({ server }) => server.marks.set(2, 2), /1 unread instead of 0/],
  ['a wrong total', ({ bob }) => (bob.report.unreadTotal = 2), /2 unread in all instead of 1/],
  [
    'words that were taken back and are still there',
    ({ server }) => Object.assign(server.messages[1] ?? {}, { text: '', recalled: true }),
    /taken back[^]*accepted, but lost[^]*expected "2 recalled"/,
  ],
  [
    'somebody who sees more than a member may',
    ({ server }) => server.windows.set(2, [{ first: 2, last: null }]),
    /expected "2 ann>bob#2", found "1 ann>bob#1"/,
  ],
  [
    'a refusal without a reason',
    ({ ann }) => messagesOf(ann).push({ ...seen(9, 'x', true), status: 'failed' }),
    /still failed/,
  ],
  ['a lost session', ({ bob }) => (bob.report.phase = 'signed-out'), /signed-out/],
])('sees %s', (_name, spoil, complaint) => {
  const broken = world();
  spoil(broken);
  expect(judge(broken)).toMatch(complaint);
});
