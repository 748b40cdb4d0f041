import { describe, expect, it } from 'vitest';
import { LINK_CARD } from '#protocol/wire/link-card';
import { createPageReader } from './page-facts.ts';

function factsOf(html: string, pieces = 7) {
  const reader = createPageReader();
  for (let at = 0; at < html.length; at += pieces) reader.write(html.slice(at, at + pieces));
  return { ...reader.facts(), done: reader.done };
}

describe('page facts', () => {
  it('prefers what a page says for cards, and takes its title and description otherwise', () => {
    const open = `<meta property="og:title" content="Nest &amp; egg"><meta property=og:site_name content=Birds>
      <meta name="twitter:image" content="/small.png"><meta property="og:image" content=" /nest.png ">`;
    expect(factsOf(`<html><head><title>Title</title>${open}</head>`)).toEqual({
      ...{ title: 'Nest & egg', description: '', site: 'Birds', picture: '/nest.png', done: true },
    });
    const plain = '<title>\n  Only\n a title</title><meta name=description content="Words">';
    expect(factsOf(plain)).toMatchObject({ title: 'Only a title', description: 'Words', done: false });
  });

  it('stops at the body, and takes no title out of a drawing', () => {
    const facts = factsOf('<head><title>Page</title></head><body><svg><title>Drawing</title></svg>');
    expect(facts).toMatchObject({ title: 'Page', done: true });
  });

  it('keeps text as text, in one line, of bounded length, without signs that turn its direction', () => {
    const script = factsOf(
      '<title><b>bold</b></title><meta property="og:description" content="<img src=x>">',
    );
    expect(script).toMatchObject({ title: '<b>bold</b>', description: '<img src=x>' });
    expect(factsOf('<title>moc.\u202Eexample\u0000\u200B!</title>').title).not.toMatch(
      /[\u202E\u200B\p{Cc}]/u,
    );
    const long = factsOf(`<title>${'👩‍👩‍👧‍👦'.repeat(400)}</title>`, 999).title;
    expect(long.length).toBeLessThanOrEqual(LINK_CARD.title);
    expect(long).toMatch(/^(?:👩‍👩‍👧‍👦)+…$/u);
  });

  it('has nothing of a page without a head', () => {
    expect(factsOf('')).toMatchObject({ title: '', picture: '' });
    expect(factsOf('\u0000<<<>>>&&&&;<meta <meta property content')).toMatchObject({ title: '' });
  });
});
