import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFewEmoji, linkify } from './linkify.ts';

const links = (text: string) =>
  linkify(text).flatMap((part) => (part.kind === 'link' ? [[part.text, part.href]] : []));

describe('linkify', () => {
  it('finds addresses and leaves the sentence around them', () => {
    expect(linkify('see https://a.example/x?y=1#z, please')).toEqual([
      { kind: 'text', text: 'see ' },
      { kind: 'link', text: 'https://a.example/x?y=1#z', href: 'https://a.example/x?y=1#z' },
      { kind: 'text', text: ', please' },
    ]);
    expect(links('看http://a.example/路径，好吗')).toEqual([
      ['http://a.example/路径', 'http://a.example/%E8%B7%AF%E5%BE%84'],
    ]);
    expect(links('www.a.example.')).toEqual([['www.a.example', 'https://www.a.example/']]);
  });
  it('balances brackets', () => {
    expect(links('(https://a.example/b_(c))')).toEqual([
      ['https://a.example/b_(c)', 'https://a.example/b_(c)'],
    ]);
  });
  it('makes nothing of other schemes, credentials and broken hosts', () => {
    for (const text of [
      'javascript:alert(1)',
      'file:///etc/passwd',
      'magpie://x',
      'https://bank.example@evil.example/',
      'http://',
      'https://[',
      'awww.x.example',
    ]) {
      expect(links(text)).toEqual([]);
    }
  });
  it('never changes what was written', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.webUrl(), fc.constant('www.')), { maxLength: 6 }),
        (pieces) => {
          const text = pieces.join(' ');
          expect(
            linkify(text)
              .map((part) => part.text)
              .join(''),
          ).toBe(text);
        },
      ),
    );
  });
});

it('enlarges up to three emoji', () => {
  expect(isFewEmoji('👍')).toBe(true);
  expect(isFewEmoji('👨‍👩‍👧 🎉🇨🇳')).toBe(true);
  expect(isFewEmoji('🎉🎉🎉🎉')).toBe(false);
  expect(isFewEmoji('好👍')).toBe(false);
  expect(isFewEmoji('1')).toBe(false);
});

it('links to people and groups are links, other words of that scheme are not', () => {
  const link = 'magpie://group/33?name=Team';
  expect(linkify(`join ${link}, please`)).toEqual([
    { kind: 'text', text: 'join ' },
    { kind: 'link', text: link, href: link },
    { kind: 'text', text: ', please' },
  ]);
  expect(linkify('magpie://settings/1')).toEqual([{ kind: 'text', text: 'magpie://settings/1' }]);
});
