import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MediaContent } from '#protocol/model/message';
import { textContent, wireMessage } from '#protocol/wire/message';
import { readContent, writeContent } from './content.ts';

const ORIGIN = 'http://chat.example:7001';
const resolve = (url: string) => (url.startsWith('/') ? ORIGIN + url : url);

function read(message: { type: string; data: unknown; [field: string]: unknown }) {
  return readContent(
    wireMessage.parse({ id: 'a', from_id: 1, to_id: 2, chatType: 'single', create_time: 1, ...message }),
    resolve,
  );
}

describe('a card of a link', () => {
  const card = { url: 'https://example.org/a', title: 'Nest', description: '', site: '', picture: '' };
  const from = (text: string, sent: unknown, magpie: object = { card: sent }) =>
    read({ type: 'text', data: JSON.stringify({ data: text, dataType: false, otherData: { magpie } }) });

  test('travels inside a text, and other clients read the text alone', () => {
    const text = 'see https://example.org/a';
    expect(read({ type: 'text', data: JSON.stringify(textContent(text, card)) })).toEqual({
      ...{ kind: 'text', text, card },
    });
    expect(textContent(text, card)).toMatchObject({ data: text, dataType: false });
  });

  test.each([
    ['about another link than the text has', 'see https://example.com/', card],
    ['that loads a picture from somewhere', card.url, { ...card, picture: 'https://example.org/a.png' }],
    ['with a drawing that could run', card.url, { ...card, picture: 'data:image/svg+xml;base64,AAAA' }],
    ['without a title', card.url, { ...card, title: '' }],
    ['too long', card.url, { ...card, title: 'x'.repeat(301) }],
    ['for another program', 'javascript:alert(1)', { ...card, url: 'javascript:alert(1)' }],
    ['that is none', card.url, 'card'],
    ['that is nothing', card.url, null],
  ])('%s is left out', (_what, text, sent) => expect(from(text, sent)).toEqual({ kind: 'text', text }));
});

/** Contents as the reference client sends them (sections 8.3 and 8.4). */
describe('contents of the reference client', () => {
  test('a picture', () => {
    const data = JSON.stringify({
      data: `${ORIGIN}/public/uploads/Diy/chatImgs/20250827/1_2.png`,
      dataType: 'image',
      otherData: { type: 'image', typedata: { path: 'x', poster: '', duration: 0 } },
    });
    expect(read({ type: 'image', data })).toEqual({
      kind: 'image',
      text: '',
      thumb: '',
      preview: '',
      width: 0,
      height: 0,
      file: {
        url: `${ORIGIN}/public/uploads/Diy/chatImgs/20250827/1_2.png`,
        name: '1_2.png',
        size: 0,
        mime: 'image/jpeg',
      },
    });
  });
  test('a voice message in seconds', () => {
    const data = { data: '/public/v.mp3', dataType: 'audio', otherData: { duration: 7 } };
    expect(read({ type: 'audio', data })).toMatchObject({
      kind: 'voice',
      duration: 7000,
      waveform: [],
      file: { url: `${ORIGIN}/public/v.mp3` },
    });
  });
  test('a video: the content is its cover', () => {
    const otherData = { duration: '1:05', poster: '/c.png', videoData: '/v.mp4', showPoster: true };
    expect(read({ type: 'video', data: { data: '/c.png', dataType: 'video', otherData } })).toMatchObject({
      kind: 'video',
      poster: `${ORIGIN}/c.png`,
      duration: 65_000,
      file: { url: `${ORIGIN}/v.mp4`, mime: 'video/mp4' },
    });
  });
  test('a video without a cover is a video all the same', () => {
    const otherData = { duration: '1:05', poster: '', videoData: '/v.mp4', showPoster: true };
    expect(read({ type: 'video', data: { data: '', dataType: 'video', otherData } })).toMatchObject({
      kind: 'video',
      poster: '',
      file: { url: `${ORIGIN}/v.mp4` },
    });
    expect(read({ type: 'video', data: { data: '', dataType: 'video', otherData: {} } })).toMatchObject({
      kind: 'unsupported',
    });
  });
  test('a sticker, drawn or as a character', () => {
    const typedata = { name: '微笑', icon: '/s.gif', iconType: 'image', eventType: 'sendmessage' };
    const otherData = { type: 'iconMenus', typedata };
    expect(read({ type: 'iconMenus', data: { data: '/s.gif', dataType: 'image', otherData } })).toMatchObject(
      { kind: 'sticker', name: '微笑', file: { url: `${ORIGIN}/s.gif` } },
    );
    expect(read({ type: 'iconMenus', data: { data: '😀', dataType: 'emoji', otherData } })).toEqual({
      kind: 'text',
      text: '😀',
    });
  });
  test.each(['file', 'pdf', 'docx'])('a paper of type %s', (dataType) => {
    const data = { data: '/public/uploads/Diy/f/%E6%8A%A5.pdf', dataType, otherData: null };
    expect(read({ type: 'file', data })).toMatchObject({ kind: 'file', file: { name: '报.pdf' } });
  });
});

const file = fc.record({
  url: fc.constantFrom(`${ORIGIN}/public/uploads/Diy/a/1_2.bin`, 'https://cdn.example/x.bin'),
  name: fc.string({ minLength: 1, maxLength: 50, unit: 'grapheme' }),
  size: fc.nat(),
  mime: fc.constantFrom('image/png', 'application/pdf', 'video/mp4'),
});
const side = fc.integer({ min: 1, max: 20_000 });
const preview = fc.constantFrom('', 'data:image/webp;base64,AAAA');
const text = fc.constant('' as const);
const contents: fc.Arbitrary<MediaContent> = fc.oneof(
  fc.record({
    kind: fc.constant('image' as const),
    text,
    file,
    thumb: fc.constantFrom('', `${ORIGIN}/t.webp`),
    width: side,
    height: side,
    preview,
  }),
  fc.record({
    kind: fc.constant('video' as const),
    text,
    file,
    poster: fc.constant(`${ORIGIN}/p.jpg`),
    width: side,
    height: side,
    preview,
    duration: fc.integer({ min: 1, max: 3_600_000 }),
  }),
  fc.record({
    kind: fc.constant('voice' as const),
    text,
    file,
    duration: fc.integer({ min: 1, max: 60_000 }),
    waveform: fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 100 }),
  }),
  fc.record({ kind: fc.constant('file' as const), text, file }),
);

test('what one of ours writes, another one reads the same', () => {
  fc.assert(
    fc.property(contents, (content) => {
      const wire = writeContent(content);
      if (wire === null) throw new Error('not written');
      expect(read({ type: wire.type, data: JSON.stringify(wire.data) })).toEqual(content);
    }),
  );
});

test('whatever comes, something can be shown and nothing throws', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('text', 'image', 'audio', 'video', 'iconMenus', 'file', 'zzz'),
      fc.record({
        data: fc.oneof(fc.string(), fc.constant('/x')),
        dataType: fc.constantFrom(false, 'image', 'audio', 'video', 'emoji', 'pdf'),
        otherData: fc.anything(),
      }),
      (type, data) => {
        expect(read({ type, data })).toHaveProperty('kind');
      },
    ),
  );
});

test('an answer that was prepared is marked, where the server says so', () => {
  const data = JSON.stringify({ data: 'Ten to six', dataType: false, otherData: null });
  expect(read({ type: 'text', data, auto_reply: true })).toEqual({
    kind: 'text',
    text: 'Ten to six',
    automatic: true,
  });
  expect(read({ type: 'text', data })).toEqual({ kind: 'text', text: 'Ten to six' });
});

test('whom the notice of a new member speaks of: by our field, by the sender, or by nothing', () => {
  const data = { data: '[Ann]邀请 [Bo] 加入了群聊', dataType: false, otherData: null };
  const notice = { type: 'systemNotice', data, chatType: 'group', from_id: 'redirect-applyAddGroup33-9-171' };
  const about = { account_id: 9, inviter_id: 6 };
  expect(read({ ...notice, about })).toMatchObject({ about: { accountId: 9, inviterId: 6 } });
  expect(read(notice)).toMatchObject({ about: { accountId: 9 } });
  expect(read({ ...notice, from_id: '6' })).not.toHaveProperty('about');
});
