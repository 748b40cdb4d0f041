import fc from 'fast-check';
import { expect, test } from 'vitest';
import { announcementText, readAnnouncement, spreadFingerprint } from './discovery.ts';
import { formatInvitation, originAt, parseInvitation } from './invitation.ts';
import { parseLink } from './link.ts';

const fingerprint = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':'));
const origin = fc
  .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 1, max: 65_535 }))
  .map(([address, port]) => new URL(originAt(address, port)).origin);
const plainName = fc
  .string({ minLength: 1, maxLength: 30 })
  .map((text) => `Büro ${text.replaceAll(/[\p{C}]/gu, '')}x`);

test('an invitation says after the way through a link what it said before', () => {
  fc.assert(
    fc.property(origin, plainName, fingerprint, (one, name, print) => {
      const invitation = { origin: one, name, fingerprint: print };
      expect(parseInvitation(`  ${formatInvitation(invitation)}\n`)).toEqual(invitation);
      expect(parseLink(formatInvitation(invitation))).toBeNull();
    }),
  );
});

test('whatever the text, the worst outcome is that it is no invitation', () => {
  fc.assert(
    fc.property(fc.string(), fc.webQueryParameters(), (text, query) => {
      for (const one of [text, `magpie://join?${query}`, `magpie://${text}`, `magpie:join?${text}`]) {
        const found = parseInvitation(one);
        if (found !== null) expect(found.origin).toMatch(/^https:\/\//u);
      }
    }),
  );
});

const FP = 'ab'.repeat(32);
test.each([
  ['no encryption', `magpie://join?server=http%3A%2F%2F10.0.0.1%3A7001&fp=${FP}`],
  ['no fingerprint', 'magpie://join?server=https%3A%2F%2F10.0.0.1%3A7001'],
  ['half a fingerprint', `magpie://join?server=https%3A%2F%2F10.0.0.1%3A7001&fp=${FP.slice(2)}`],
  ['a password in the address', `magpie://join?server=https%3A%2F%2Fa%3Ab%4010.0.0.1&fp=${FP}`],
  ['another kind of link', `magpie://person/7?server=https%3A%2F%2F10.0.0.1&fp=${FP}`],
  ['another scheme', `https://join?server=https%3A%2F%2F10.0.0.1%3A7001&fp=${FP}`],
])('%s is no invitation', (_name, text) => {
  expect(parseInvitation(text)).toBeNull();
});

test('the name of an invitation hides nothing and turns nothing around', () => {
  const name = encodeURIComponent('Office\u202etxt.exe\u0000');
  const text = `magpie://join?server=https%3A%2F%2F10.0.0.1%3A7001&fp=${FP}&name=${name}`;
  expect(parseInvitation(text)?.name).toBe('Office txt.exe');
});

test('an announcement is read as it was written, and what is none is not', () => {
  const said = { name: 'Workshop', fingerprint: spreadFingerprint(FP) ?? '' };
  expect(readAnnouncement(announcementText(said))).toEqual(said);
  for (const strange of [null, 7, {}, { v: '2', name: 'a', fp: FP }, { v: '1', name: 'a', fp: 'x' }])
    expect(readAnnouncement(strange)).toBeNull();
});
