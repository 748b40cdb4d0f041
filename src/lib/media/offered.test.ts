import { describe, expect, test } from 'vitest';
import { readOffer, type Offered } from './offered.ts';

const offer = (given: Partial<Offered>) =>
  readOffer({ addresses: '', html: '', download: '', text: '', ...given });
const PHOTO = 'https://pictures.example/a.jpg?w=1&h=2';
const DOT = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';

describe('what is dragged out of a browser', () => {
  test('a picture of a page is its address, and said to be no more', () => {
    const picture = { kind: 'words', words: PHOTO, isPicture: true };
    const html = `<meta charset="utf-8"><img alt="a" src="${PHOTO.replace('&', '&amp;')}">`;
    expect(offer({ addresses: PHOTO, html })).toEqual(picture);
    expect(offer({ html: html.replaceAll('"', "'") })).toEqual(picture);
    expect(offer({ download: `image/jpeg:a.jpg:${PHOTO}`, addresses: PHOTO })).toEqual(picture);
    const inLink = `<a href="https://pages.example/">${html}</a>`;
    expect(offer({ addresses: 'https://pages.example/', html: inLink })).toEqual(picture);
  });

  test('a picture that is inside its address is a picture', () => {
    for (const given of [{ addresses: DOT }, { html: `<img src="${DOT}">` }]) {
      const taken = offer(given);
      expect(taken).toMatchObject({ kind: 'picture', name: 'picture.gif', type: 'image/gif' });
      expect(taken.kind === 'picture' && Buffer.from(taken.bytes).toString('latin1')).toMatch(/^GIF89a/u);
    }
    const drawn = offer({ addresses: "data:image/svg+xml;utf8,%3Csvg%20a='b,c'/%3E" });
    expect(drawn).toMatchObject({ kind: 'picture', name: 'picture.svg', type: 'image/svg+xml' });
    expect(drawn.kind === 'picture' && new TextDecoder().decode(drawn.bytes)).toBe("<svg a='b,c'/>");
    expect(offer({ download: `image/gif:smile.gif:${DOT}` })).toMatchObject({ name: 'smile.gif' });
    expect(offer({ addresses: 'data:image/png;base64,%%%' })).toEqual({ kind: 'nothing' });
    expect(offer({ addresses: 'data:text/html,<script>' })).toEqual({ kind: 'nothing' });
  });

  test('a link is its address, whatever remarks stand before it and whatever its words are', () => {
    const link = { kind: 'words', words: 'https://pages.example/', isPicture: false };
    expect(offer({ addresses: '# a page\r\nhttps://pages.example/\r\nhttps://other.example/' })).toEqual(
      link,
    );
    expect(
      offer({ addresses: 'https://pages.example/', html: '<a href="#">Pages</a>', text: 'Pages' }),
    ).toEqual(link);
  });

  test('a piece of a page is its words, with pictures in it or not', () => {
    const html = '<p>One</p><img src="https://pictures.example/a.jpg"><p>two</p>';
    expect(offer({ html, text: 'One\ntwo' })).toEqual({ kind: 'words', words: 'One\ntwo', isPicture: false });
  });

  test('addresses that lead into a computer or run something are nothing', () => {
    for (const address of [
      'file:///etc/passwd',
      'javascript:alert(1)',
      'blob:https://a.example/1',
      'chrome://x',
    ])
      expect(offer({ addresses: address, html: `<img src="${address}">`, text: address })).toEqual({
        kind: 'nothing',
      });
  });
});
