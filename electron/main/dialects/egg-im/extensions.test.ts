import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { testNetwork } from '../../../../tests/helpers/test-network.ts';
import { createEggImDialect } from './egg-im-dialect.ts';
import { parseFrame } from './parse-frame.ts';

const reader = { origin: 'http://x', accountId: 7 };
const signal = (frame: unknown) => {
  const parsed = parseFrame(JSON.stringify(frame), reader);
  return parsed.type === 'signal' ? parsed.signal : parsed;
};

describe('frames of the extensions', () => {
  test('each becomes a signal about the conversation it concerns', () => {
    expect(signal({ type: 'ready', cursor: 4 })).toEqual({ type: 'ready', cursor: 4 });
    expect(signal({ type: 'changed', cursor: 5, later: true })).toEqual({ type: 'changed', cursor: 5 });
    const read = (account_id: number) =>
      signal({ type: 'read', data: { chatType: 'single', id: 9, account_id, read_seq: 3 } });
    expect(read(7)).toEqual({ type: 'read', marks: { conversationId: 'single:9', own: 3, peer: null } });
    expect(read(9)).toEqual({ type: 'read', marks: { conversationId: 'single:9', own: null, peer: 3 } });
    expect(signal({ type: 'typing', data: { chatType: 'single', id: 7, from_id: 9 } })).toEqual({
      type: 'typing',
      conversationId: 'single:9',
      accountId: 9,
    });
    expect(signal({ type: 'presence', data: { account_id: 9, online: true } })).toEqual({
      type: 'presence',
      accountId: 9,
      online: true,
    });
  });

  test('damaged ones are malformed and nothing worse', () => {
    for (const frame of [
      { type: 'ready' },
      { type: 'changed', cursor: -1 },
      { type: 'read', data: null },
      { type: 'presence', data: { account_id: 'x', online: 1 } },
    ])
      expect(signal(frame)).toMatchObject({ type: 'malformed' });
  });
});

describe('answers of the extensions', () => {
  let server: Server;
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const dialect = async (answers: Record<string, unknown>, extensions = true) => {
    server = createServer((request, response) => {
      const path = (request.url ?? '').split('?', 1)[0] ?? '';
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ msg: 'ok', data: answers[path] ?? null }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return createEggImDialect({ origin, accountId: 7, token: 't', deviceId: 'd', extensions }, testNetwork());
  };

  test('abilities are those that the server names, and none of a plain one', async () => {
    const names = {
      sync: 1,
      history: 1,
      read_state: 1,
      recall: { limit_ms: 1_000 },
      uploads: { max_bytes: 5 },
    };
    const capabilities = { '/api/capabilities': { server: 's', version: '1', extensions: names } };
    const known = {
      sync: true,
      read: true,
      presence: false,
      typing: false,
      recallLimit: 1_000,
      uploadLimit: 5,
      contacts: false,
    };
    expect(await (await dialect(capabilities)).abilities()).toEqual(known);
    server.close();
    expect((await (await dialect(capabilities, false)).abilities()).sync).toBe(false);
  });

  test("the server's default picture is no avatar in the log either", async () => {
    const state = { chatType: 'single', id: 9, name: 'Bo', head_seq: 0, first_seq: 1, read_seq: 0 };
    const conversations = ['/public/chat/user.png', '/public/uploads/own.png'].map((avatar) => ({
      kind: 'conversation',
      conversation: { ...state, avatar },
    }));
    const one = await dialect({
      '/api/chat/sync': { reset: false, changes: conversations, cursor: 1, more: false },
    });
    const avatars = (await one.sync(0)).conversations.map(({ facts }) => facts.avatars);
    expect(avatars).toEqual([[], [expect.stringMatching(/^http.*own\.png$/u)]]);
  });

  test('a change or message of a later version costs nothing but itself', async () => {
    const state = {
      chatType: 'single',
      id: 9,
      name: 'Bo',
      avatar: '',
      head_seq: 2,
      first_seq: 1,
      read_seq: 0,
    };
    const message = (seq: number, change = {}) => ({
      id: `s${seq}`,
      from_id: 9,
      to_id: 7,
      chatType: 'single',
      type: 'text',
      data: 'hi',
      create_time: 5,
      seq,
      ...change,
    });
    const one = await dialect({
      '/api/chat/sync': {
        reset: false,
        changes: [
          { kind: 'reaction' },
          5,
          { kind: 'conversation', conversation: state },
          { kind: 'contacts' },
        ],
        cursor: 8,
        more: false,
      },
      '/api/chat/history': {
        messages: [
          { id: 1 },
          message(1),
          message(2, { recalled: true, data: '' }),
          message(3, { from_id: 5 }),
        ],
        head_seq: 3,
        first_seq: 1,
      },
    });
    const page = await one.sync(null);
    expect(page).toMatchObject({ cursor: 8, contacts: true, recalls: [] });
    expect(page.conversations).toMatchObject([{ facts: { id: 'single:9' }, headSeq: 2, peerReadSeq: null }]);
    const { messages } = await one.history('single:9', { afterSeq: 0, limit: 50 });
    // The one of another conversation has no business here.
    expect(messages.map(({ sequence, recalled }) => [sequence, recalled])).toEqual([
      [1, false],
      [2, true],
    ]);
  });
});
