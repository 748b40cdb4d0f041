/** What a page says of itself in its head: enough for a card, and nothing that is run. */
import { Parser } from 'htmlparser2';
import { LINK_CARD } from '#protocol/wire/link-card';

export interface PageFacts {
  title: string;
  description: string;
  site: string;
  /** Address of a picture, as the page writes it; empty for none. */
  picture: string;
}

/** Names of `meta` elements, the best first. */
const SOURCES = {
  title: ['og:title', 'twitter:title'],
  description: ['og:description', 'twitter:description', 'description'],
  site: ['og:site_name', 'application-name'],
  picture: ['og:image:secure_url', 'og:image', 'og:image:url', 'twitter:image'],
} as const;
const WANTED: ReadonlySet<string> = new Set(Object.values(SOURCES).flat());

export interface PageReader {
  write(text: string): void;
  /** All that could be of use has been read. */
  readonly done: boolean;
  facts(): PageFacts;
}

export function createPageReader(): PageReader {
  const found = new Map<string, string>();
  let title = '';
  let inTitle = false;
  let done = false;
  const parser = new Parser({
    onopentag(name, attributes) {
      if (name === 'body') done = true;
      // Drawings have titles of their own; the page's is the first one.
      if (name === 'title') inTitle = title === '';
      if (name !== 'meta') return;
      const key = (attributes['property'] ?? attributes['name'] ?? '').trim().toLowerCase();
      const content = attributes['content'] ?? '';
      if (WANTED.has(key) && content.trim() !== '' && !found.has(key)) found.set(key, content);
    },
    ontext(text) {
      if (inTitle && title.length < LINK_CARD.title * 4) title += text;
    },
    onclosetag(name) {
      if (name === 'title') inTitle = false;
      if (name === 'head') done = true;
    },
  });
  const best = (names: readonly string[]): string =>
    names.map((name) => found.get(name)).find((value) => value !== undefined) ?? '';
  return {
    write: (text) => parser.write(text),
    get done() {
      return done;
    },
    facts: () => ({
      title: inOneLine(best(SOURCES.title) || title, LINK_CARD.title),
      description: inOneLine(best(SOURCES.description), LINK_CARD.description),
      site: inOneLine(best(SOURCES.site), LINK_CARD.site),
      picture: best(SOURCES.picture).trim(),
    }),
  };
}

/** Characters that turn the direction of what follows, or are not to be seen, would let a page pretend. */
const INVISIBLE = /[\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu;

/** Cut between characters, with a sign that it was. */
function inOneLine(text: string, most: number): string {
  const line = text
    .replaceAll(INVISIBLE, '')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  if (line.length <= most) return line;
  let cut = '';
  for (const { segment } of new Intl.Segmenter().segment(line)) {
    if (cut.length + segment.length >= most) break;
    cut += segment;
  }
  return `${cut.trimEnd()}…`;
}
