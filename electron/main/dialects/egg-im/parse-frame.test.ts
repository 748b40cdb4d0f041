import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFrame } from './parse-frame.ts';

const reader = { origin: 'http://chat.example:7001', accountId: 7 };
const base = {
  id: 'm1',
  from_id: 6,
  from_name: 'Bo',
  from_avatar: '/public/b.png',
  to_id: 7,
  to_name: 'Me',
  to_avatar: '',
  chatType: 'single',
  type: 'text',
  data: '{"data":"hi","dataType":false,"otherData":null}',
  create_time: 1_753_934_390_663,
};
const parse = (change: Record<string, unknown> = {}) =>
  parseFrame(JSON.stringify({ type: 'singleChat', data: { ...base, ...change } }), reader);
const message = (change: Record<string, unknown> = {}) => {
  const frame = parse(change);
  if (frame.type !== 'event' || frame.event.type !== 'message')
    throw new Error(`not a message: ${frame.type}`);
  return { ...frame.event.message, effect: frame.effect };
};

describe('frames', () => {
  test('nothing that a server sends makes it throw', () => {
    const like = fc.record(
      {
        type: fc.oneof(fc.constantFrom('singleChat', 'ping', 'system'), fc.anything()),
        msg: fc.anything(),
        data: fc.oneof(
          fc.anything(),
          fc.record(
            Object.fromEntries(
              [...Object.keys(base), 'redirect', 'actionType', 'seq', 'client_msg_id'].map((key) => [
                key,
                fc.oneof(fc.anything(), fc.constant((base as Record<string, unknown>)[key])),
              ]),
            ),
            { requiredKeys: [] },
          ),
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          like.map((value) => String(safeJson(value))),
        ),
        (text) => {
          expect(parseFrame(text, reader).type).toMatch(
            /^(ping|pong|system|refused|kicked|event|malformed)$/u,
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('control frames', () => {
    expect(parseFrame('{"type":"ping"}', reader)).toEqual({ type: 'ping' });
    expect(parseFrame('{"msg":"fail","data":"Token 不合法"}', reader)).toEqual({
      type: 'refused',
      serverText: 'Token 不合法',
      badToken: true,
    });
    expect(parseFrame('{"msg":"fail","data":"你已被管理员禁用"}', reader)).toMatchObject({ badToken: false });
    expect(parseFrame('{"msg":"force_logout","data":"x"}', reader)).toEqual({
      type: 'kicked',
      serverText: 'x',
    });
    expect(parseFrame('{"type":"news"}', reader).type).toBe('malformed');
    expect(parseFrame('ping', reader).type).toBe('malformed');
  });
});

describe('messages', () => {
  test('a received text belongs to its sender, an own one to its receiver', () => {
    expect(message()).toMatchObject({
      conversation: { id: 'single:6', name: 'Bo', avatars: ['http://chat.example:7001/public/b.png'] },
      own: false,
      content: { kind: 'text', text: 'hi' },
      counts: true,
    });
    expect(message({ from_id: '7', to_id: 6, client_msg_id: 'c1' })).toMatchObject({
      conversation: { id: 'single:6', name: 'Me' },
      own: true,
      clientMessageId: 'c1',
      counts: false,
    });
  });

  test("another person's client id is not taken over", () => {
    expect(message({ client_msg_id: 'c1' }).clientMessageId).toBeNull();
  });

  test('a group message belongs to the group', () => {
    expect(
      message({ chatType: 'group', to_id: 33, to_name: 'Team', to_avatar: 'https://c/a.png, /b.png,,' }),
    ).toMatchObject({
      conversation: {
        id: 'group:33',
        name: 'Team',
        avatars: ['https://c/a.png', 'http://chat.example:7001/b.png'],
      },
      senderName: 'Bo',
    });
  });

  test.each([
    ['{"data":"a","dataType":false}', { kind: 'text', text: 'a' }],
    ['bare', { kind: 'text', text: 'bare' }],
    [
      { data: 'object', dataType: false, otherData: null },
      { kind: 'text', text: 'object' },
    ],
    [5, { kind: 'text', text: '5' }],
  ])('content %j', (data, content) => {
    expect(message({ data }).content).toEqual(content);
  });

  test('kinds that we cannot draw keep their label and address', () => {
    const card = message({ type: 'mingpian', data: { data: '/public/x.card', dataType: 'mingpian' } });
    expect(card.content).toEqual({
      kind: 'unsupported',
      label: 'mingpian',
      text: '',
      url: 'http://chat.example:7001/public/x.card',
    });
    // A film without a film: the picture of it is all there is.
    const video = { data: '/cover.png', dataType: 'video', otherData: {} };
    expect(message({ type: 'video', data: video }).content).toMatchObject({
      kind: 'unsupported',
      url: 'http://chat.example:7001/cover.png',
    });
  });

  test('an application is a service conversation that leads to the applications and counts', () => {
    expect(
      message({
        from_id: 'redirect-applyFriend-6',
        redirect: { url: '/pages/applyMyfriend/applyMyfriend', type: 'navigateTo' },
      }),
    ).toMatchObject({
      conversation: { id: 'service:applications', kind: 'service', link: 'applications' },
      counts: true,
      standing: false,
      effect: 'application',
    });
  });

  test('a standing hint neither counts nor piles up', () => {
    expect(
      message({
        from_id: 'redirect-search-7',
        redirect: { url: '/pages/search/search', type: 'navigateTo' },
      }),
    ).toMatchObject({ conversation: { link: 'search' }, counts: false, standing: true, effect: null });
  });

  test('"we are friends" is a notice and the contacts have changed', () => {
    const friends = message({ type: 'systemNotice', data: { data: '我们已经是好友了', dataType: false } });
    expect(friends).toMatchObject({ content: { kind: 'notice' }, effect: 'contacts' });
  });

  test('a recall names the message', () => {
    const recall = parse({
      actionType: 'revoke',
      type: 'systemNotice',
      chatType: 'group',
      to_id: 33,
      group: null,
    });
    expect(recall).toMatchObject({ event: { type: 'recall', conversationId: 'group:33', serverId: 'm1' } });
  });
});

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'undefined';
  } catch {
    return '';
  }
}

test('content nested deeper than the stack goes is shown as it came, and never thrown', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const frame = (data: string) =>
    parseFrame(
      `{"type":"singleChat","data":{"id":"d","from_id":6,"to_id":7,"chatType":"single","type":"text","data":${data},"create_time":1}}`,
      { origin: 'http://x', accountId: 7 },
    );
  expect(frame(JSON.stringify(deep))).toMatchObject({
    type: 'event',
    event: { message: { content: { kind: 'text', text: deep } } },
  });
  expect(frame(deep).type).toBe('event');
});
