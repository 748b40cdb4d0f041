import { describe, expect, test, vi } from 'vitest';
import { MagpieError } from '#protocol/errors';
import { invokes, type AccountChanges, type InvokeChannel } from '#protocol/ipc';
import { INVOKE_CHANNELS } from '#protocol/ipc-channels';
import { createFakeClock } from '../support/fake-clock.ts';
import { silentLogger } from '../support/logger.ts';
import { BURST, createChangesBatcher, FRAME } from './changes-batcher.ts';
import { dispatch, type Handlers } from './dispatch.ts';

const handlers = (handler: (input: unknown) => unknown) =>
  Object.fromEntries(Object.keys(invokes).map((channel) => [channel, handler])) as unknown as Handlers;

describe('calls', () => {
  test('no handler sees input that does not fit', async () => {
    const handler = vi.fn();
    const wrong: [InvokeChannel, unknown][] = [
      ['messages:page', { conversationId: '../x', limit: 10 }],
      ['messages:page', { conversationId: 'single:1', limit: 1_000_000 }],
      ['messages:send-text', { conversationId: 'single:1', text: '' }],
      ['app:open-external', { url: 'file:///etc/passwd' }],
      ['app:open-external', { url: 'javascript:alert(1)' }],
      ['app:open-privacy-settings', { device: 'ms-settings:privacy-webcam' }],
      ['settings:update', { listWidth: 9_999 }],
      ['session:sign-in', null],
      ['app:get-snapshot', { surprise: true }],
    ];
    for (const [channel, input] of wrong) {
      const outcome = await dispatch(channel, input, handlers(handler), silentLogger);
      expect(outcome, `${channel} ${JSON.stringify(input)}`).toMatchObject({
        ok: false,
        error: { code: 'invalid-input' },
      });
    }
    expect(handler).not.toHaveBeenCalled();
  });

  test('errors come back as values, with code and details', async () => {
    const refused = handlers(() => {
      throw new MagpieError('refused', 'no', { serverText: '不行' });
    });
    expect(await dispatch('app:get-snapshot', undefined, refused, silentLogger)).toEqual({
      ok: false,
      error: { code: 'refused', message: 'no', details: { serverText: '不行' } },
    });
    const broken = handlers(() => Promise.reject(new TypeError('bug')));
    expect(await dispatch('app:get-snapshot', undefined, broken, silentLogger)).toMatchObject({
      error: { code: 'internal' },
    });
  });

  test('the page knows exactly the channels of the map, except the one that names files', () => {
    const forPage = Object.keys(invokes).filter((channel) => channel !== 'media:stage');
    expect([...INVOKE_CHANNELS].sort()).toEqual(forPage.sort());
  });
});

test('changes go out once per frame, merged, the later state winning', () => {
  const clock = createFakeClock();
  const sent: AccountChanges[] = [];
  const batcher = createChangesBatcher(clock, (changes) => void sent.push(changes));
  const changes = (part: Partial<Record<keyof AccountChanges, unknown>>) =>
    ({
      accountKey: 'mine',
      conversations: [],
      removedConversations: [],
      messages: [],
      removedMessages: [],
      unreadTotal: 0,
      ...part,
    }) as AccountChanges;
  batcher.add(
    changes({
      conversations: [{ id: 'a', unread: 1 }],
      messages: [{ id: '1', status: 'pending' }, { id: '2' }],
    }),
  );
  batcher.add(
    changes({
      conversations: [{ id: 'a', unread: 2 }],
      messages: [{ id: '1', status: 'sent' }],
      unreadTotal: 2,
    }),
  );
  batcher.add(
    changes({
      removedMessages: [{ conversationId: 'a', messageId: '2' }],
      removedConversations: ['b'],
      unreadTotal: 2,
    }),
  );
  expect(sent).toEqual([]);
  clock.advance(FRAME);
  expect(sent).toEqual([
    changes({
      conversations: [{ id: 'a', unread: 2 }],
      messages: [{ id: '1', status: 'sent' }],
      removedMessages: [{ conversationId: 'a', messageId: '2' }],
      removedConversations: ['b'],
      unreadTotal: 2,
    }),
  ]);
  clock.advance(FRAME);
  expect(sent).toHaveLength(1);
});

test('what changes in several accounts goes out apart, each under its own key', () => {
  const clock = createFakeClock();
  const sent: AccountChanges[] = [];
  const batcher = createChangesBatcher(clock, (changes) => void sent.push(changes));
  const change = (accountKey: string, unread: number) =>
    ({
      ...{ accountKey, removedConversations: [], messages: [], removedMessages: [], unreadTotal: unread },
      conversations: [{ id: 'single:1', unread }],
    }) as unknown as AccountChanges;
  batcher.add(change('home', 1));
  batcher.add(change('work', 5));
  batcher.add(change('home', 2));
  clock.advance(FRAME);
  expect(sent).toEqual([change('home', 2), change('work', 5)]);
});

test('in a burst the window is told a few times a second, after it at once again, and the last word is never lost', () => {
  const clock = createFakeClock();
  const sent: number[] = [];
  const batcher = createChangesBatcher(clock, ({ unreadTotal }) => void sent.push(unreadTotal));
  const add = (unreadTotal: number) =>
    batcher.add({
      accountKey: 'mine',
      conversations: [],
      removedConversations: [],
      messages: [],
      removedMessages: [],
      unreadTotal,
    });
  for (let count = 1; count <= 640; count++) {
    add(count);
    clock.advance(1);
  }
  expect(sent.length).toBeLessThanOrEqual(640 / BURST + 1);
  clock.advance(BURST);
  expect(sent.at(-1)).toBe(640);
  clock.advance(BURST);
  add(641);
  clock.advance(FRAME);
  expect(sent.at(-1)).toBe(641);
});
