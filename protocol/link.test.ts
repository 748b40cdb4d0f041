import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCode, formatLink, parseLink } from './link.ts';

const kind = fc.constantFrom('person' as const, 'group' as const);
const id = fc.integer({ min: 1, max: 10 ** 15 - 1 });
const server = fc.webUrl().map((url) => new URL(url).origin);
const name = fc.string({ unit: 'binary', maxLength: 150 });
const visible = (text: string) =>
  [...text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, ' ').trim()].slice(0, 100).join('');

describe('links', () => {
  it('lead where they were made to lead, whatever the name is', () => {
    fc.assert(
      fc.property(kind, id, name, fc.option(server), (kind, id, name, server) => {
        expect(parseLink(formatLink({ kind, id, name, server }))).toEqual({
          kind,
          id,
          name: visible(name),
          server,
          automatic: false,
          ask: '',
        });
      }),
    );
  });

  it('survive the way through a code', () => {
    fc.assert(
      fc.property(kind, id, name, server, (kind, id, name, server) => {
        expect(parseLink(formatCode({ kind, id, name, server }))).toMatchObject({ kind, id, server });
      }),
    );
  });

  it('of any kind are understood or refused, never thrown, and name nothing but a number on a web server', () => {
    const pieces = fc.constantFrom(
      'magpie://', 'magpie:', 'MAGPIE://', 'group', 'person', '/', '//', '..', '%00', '%', '?', '#', '&', '=', '33', '-1', '1e9',
      'javascript:alert(1)', 'file:///etc/passwd', 'http://127.0.0.1:9', 'https://user:pass@host', '{"id":', '}', '"name":',
      '/pages/setpageInfo/setpageInfo?', 'action=autoAddGroup', 'chatType=single', 'id=', 'server=', 'redirect=true', '\u202E',
      '\u0000', '\uD800', ' ', '\n', '😀', '__proto__', 'constructor',
    ); // prettier-ignore
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.array(pieces, { maxLength: 14 }).map((parts) => parts.join('')),
      fc.json().map((json) => json),
      fc.tuple(fc.webUrl({ withFragments: true }), fc.string()).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        const link = parseLink(text);
        if (link === null) return;
        expect(Number.isSafeInteger(link.id) && link.id > 0).toBe(true);
        expect(link.server ?? 'http://none').toMatch(/^https?:\/\/[^/@]+$/u);
        expect(link.name).toBe(visible(link.name));
        expect(link.ask.length).toBeLessThanOrEqual(1_000);
      }),
      { numRuns: 3_000 },
    );
  });

  it('of old clients are understood: bare, web, unencoded names', () => {
    expect(parseLink('{"id":33,"name":"群 A"}')).toMatchObject({
      kind: 'group',
      id: 33,
      name: '群 A',
      server: null,
    });
    const page = 'http://im.example/h5/#/pages/setpageInfo/setpageInfo';
    expect(
      parseLink(
        `${page}?action=autoAddGroup&title=x&id=7&chatType=single&name=100% Ann&avatar=/a.png&redirect=true`,
      ),
    ).toMatchObject({
      kind: 'person',
      id: 7,
      name: '100% Ann',
      server: 'http://im.example',
      automatic: true,
    });
    expect(parseLink(`${page}?action=userinfoSet&id=7&chatType=single`)).toBeNull();
    expect(parseLink('magpie://group/33?server=ftp://x')).toBeNull();
    expect(parseLink('magpie://group/33/../../settings')).toBeNull();
    expect(parseLink('https://example.com/')).toBeNull();
  });
});
