import { expect, test } from 'vitest';
import type { Conversation } from '#protocol/model/conversation';
import { createAttentions, partsOf, placeOf } from './places.ts';

const row = (id: string, unread: number, lastActivityAt: number, more: Partial<Conversation> = {}) =>
  ({
    ...{ id, kind: 'single', name: id, avatars: [], preview: null, lastActivityAt, unread },
    ...{ pinned: false, muted: false, strongAlert: false, showNicknames: false, draft: '', link: null },
    ...more,
  }) satisfies Conversation;
const stored = (conversations: Conversation[], unreadTotal: number) => ({
  kind: 'stored' as const,
  changes: {
    conversations,
    unreadTotal,
    ...{ messages: [], removedConversations: [], removedMessages: [] },
  },
});

test('the same conversation of two accounts is two places, counted together and read apart', () => {
  const attentions = createAttentions();
  attentions.tell('a1', { kind: 'opened', conversations: [row('single:2', 1, 10)], unreadTotal: 1 });
  const { arrivals } = attentions.tell('b2', stored([row('single:2', 2, 20)], 2));
  expect(arrivals.map(({ conversation }) => partsOf(conversation.id))).toEqual([
    { accountKey: 'b2', id: 'single:2' },
  ]);
  expect(attentions.total).toBe(3);
  expect(attentions.newest(5).map(({ id }) => id)).toEqual([
    placeOf('b2', 'single:2'),
    placeOf('a1', 'single:2'),
  ]);
  expect(attentions.tell('a1', stored([row('single:2', 0, 10)], 0)).read).toEqual([
    placeOf('a1', 'single:2'),
  ]);
  expect(attentions.total).toBe(2);
});

test('nothing waits for an account that is signed out', () => {
  const attentions = createAttentions();
  attentions.tell('a1', stored([row('single:2', 1, 10)], 1));
  // Muted ones too: a mention in them may be on the desktop.
  attentions.tell('b2', stored([row('group:7', 4, 20), row('group:8', 1, 30, { muted: true })], 4));
  expect(attentions.keepOnly(new Set(['a1']))).toEqual([placeOf('b2', 'group:7'), placeOf('b2', 'group:8')]);
  expect(attentions.total).toBe(1);
  expect(attentions.newest(5)).toHaveLength(1);
});
