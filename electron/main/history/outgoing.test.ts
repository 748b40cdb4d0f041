import { describe, expect, test } from 'vitest';
import { PENDING_MAJOR } from '#protocol/model/message';
import { history, incoming, receive, enqueue, texts } from '../../../tests/helpers/history/engine-on-disk.ts';

describe('sending', () => {
  const acknowledge = (
    clientMessageId: string,
    serverId: string,
    sequence: number | null,
    createdAt: number,
  ) =>
    history.acknowledge({
      clientMessageId,
      acknowledgement: { serverId, sequence, createdAt, conversation: incoming().conversation },
    });

  test('a pending message is at the end, clears the draft, and takes its place when acknowledged', () => {
    receive([incoming({ sequence: 1 })]);
    history.saveDraft({ conversationId: 'single:2', text: 'half' });
    const { value, changes } = enqueue('m1', 'hello');
    expect(value).toMatchObject({ id: 'm1', status: 'pending', serverId: null, own: true });
    expect(value.position.major).toBe(PENDING_MAJOR);
    expect(changes.conversations[0]).toMatchObject({ draft: '', lastActivityAt: 9_000 });
    receive([incoming({ serverId: 's3', sequence: 3 })]);
    expect(texts()).toEqual(['s1', 's3', 'hello']);
    acknowledge('m1', 's2', 2, 1_500);
    expect(texts()).toEqual(['s1', 'hello', 's3']);
    expect(history.message('m1')).toMatchObject({ status: 'sent', serverId: 's2', createdAt: 1_500 });
  });

  test('an echo before the answer, or after it, is the same message', () => {
    enqueue('m1', 'hello');
    const echo = incoming({ serverId: 's9', clientMessageId: 'm1', own: true, sequence: 1, counts: false });
    receive([echo]);
    expect(history.message('m1')?.status).toBe('sent');
    acknowledge('m1', 's9', 1, 1_000);
    receive([echo]);
    expect(texts()).toEqual(['hello']);
  });

  test('an echo that came without the client id makes way for the row that the window knows', () => {
    enqueue('m1', 'hello');
    receive([incoming({ serverId: 's9', own: true, counts: false })]);
    const { changes } = acknowledge('m1', 's9', null, 1_000);
    expect(changes.removedMessages).toHaveLength(1);
    expect(history.page({ conversationId: 'single:2', limit: 9 }).messages.map(({ id }) => id)).toEqual([
      'm1',
    ]);
  });

  test('refused, retried, deleted: the outbox follows', () => {
    enqueue('m1');
    enqueue('m2');
    expect(history.nextPending('single:2')?.clientMessageId).toBe('m1');
    history.settle({
      clientMessageId: 'm1',
      status: 'failed',
      failure: { code: 'refused', serverText: 'no' },
    });
    expect(history.nextPending('single:2')?.clientMessageId).toBe('m2');
    expect(history.retry('m1').value).toMatchObject({ status: 'pending', failure: null });
    expect(history.nextPending('single:2')?.clientMessageId).toBe('m1');
    history.deleteMessage('m1');
    history.deleteMessage('m2');
    expect(history.nextPending('single:2')).toBeNull();
    expect(history.pendingConversations()).toEqual([]);
    expect(() => history.retry('m1')).toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});

test('a server that gives two of our messages one id costs neither of them its text', () => {
  enqueue('one');
  enqueue('two');
  const acknowledgement = {
    serverId: 'same',
    sequence: 1,
    createdAt: 1,
    conversation: { id: 'single:2', kind: 'single' as const, name: null, avatars: null, link: null },
  };
  history.acknowledge({ clientMessageId: 'one', acknowledgement });
  history.acknowledge({ clientMessageId: 'two', acknowledgement: { ...acknowledgement, sequence: 2 } });
  expect(texts()).toEqual(['one', 'two']);
  expect(history.pendingConversations()).toEqual([]);
});

test('a text with a NUL keeps what stands behind it', () => {
  enqueue('first');
  history.saveDraft({ conversationId: 'single:2', text: 'before\0behind' });
  expect(history.conversation('single:2')?.draft).toBe('before\u{fffd}behind');
  enqueue('second', 'a\0b');
  expect(texts()).toEqual(['first', 'a\0b']);
});

describe('messages that wait for a decision', () => {
  test('kept: it stands before what came after it was written, and is sent', () => {
    receive([incoming({ serverId: 'a', createdAt: 100 })]);
    enqueue('mine');
    history.settle({ clientMessageId: 'mine', status: 'unconfirmed', failure: null });
    receive([incoming({ serverId: 'b', createdAt: 200 })]);
    expect(texts()).toEqual(['a', 'b', 'mine']);
    expect(history.keep('mine').value).toMatchObject({ status: 'sent', serverId: null });
    expect(texts()).toEqual(['a', 'mine', 'b']);
    expect(() => history.keep('mine')).toThrow(expect.objectContaining({ code: 'not-allowed' }));
  });

  test('set aside: the next one is the head; an answer that comes all the same makes it sent', () => {
    enqueue('first');
    enqueue('second');
    expect(history.unsentCount()).toBe(2);
    expect(history.setAside('first').value).toMatchObject({
      status: 'failed',
      failure: { code: 'set-aside' },
    });
    expect(history.nextPending('single:2')?.clientMessageId).toBe('second');
    expect(history.unsentCount()).toBe(1);
    history.acknowledge({
      clientMessageId: 'first',
      acknowledgement: {
        serverId: 's9',
        sequence: 1,
        createdAt: 5,
        conversation: { id: 'single:2', kind: 'single', name: null, avatars: null, link: null },
      },
    });
    expect(history.message('first')).toMatchObject({ status: 'sent', failure: null });
  });

  test('set aside while it is under way on a server without repeats: nobody knows', () => {
    enqueue('first');
    history.setAttempted({ clientMessageId: 'first', attempted: true });
    expect(history.setAside('first').value).toMatchObject({ status: 'unconfirmed', failure: null });
  });
});
