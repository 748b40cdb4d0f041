import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MessageContent } from '#protocol/model/message';
import { openDatabase, type Sql } from './database.ts';
import { createHistoryEngine } from './engine.ts';
import type { HistoryMethods } from './history.ts';

let folder: string;
let sql: Sql;
let history: HistoryMethods;
let conversationId: string;
let runs = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'magpie-media-pages-'));
  sql = openDatabase(join(folder, 'history.db'), 'ab'.repeat(32)).sql;
  history = createHistoryEngine(sql);
});
afterEach(() => {
  sql.close();
  rmSync(folder, { recursive: true });
});

type Kind = 'text' | 'image' | 'video' | 'file' | 'sticker';
const file = { url: 'http://x/a', name: 'a', size: 1, mime: 'image/png' };
const shape = { text: '', file, width: 1, height: 1, preview: '' } as const;
const contents: Record<Kind, MessageContent> = {
  text: { kind: 'text', text: '{"kind":"image", said somebody' },
  image: { kind: 'image', ...shape, thumb: '' },
  video: { kind: 'video', ...shape, poster: '', duration: 1 },
  file: { kind: 'file', text: '', file },
  sticker: { kind: 'sticker', text: '', name: '', file, width: 1, height: 1 },
};

function receive(kinds: readonly Kind[]): void {
  runs += 1;
  conversationId = `single:${runs + 1}`;
  const conversation = { id: conversationId, kind: 'single' as const, name: 'Bo', avatars: [], link: null };
  history.receive({
    messages: kinds.map((kind, index) => ({
      ...{ serverId: `s${runs}-${index}`, clientMessageId: null, conversation, sequence: index + 1 },
      ...{ senderId: 2, senderName: 'Bo', senderAvatar: '', own: false, content: contents[kind] },
      ...{ createdAt: index, counts: true, standing: false, recalled: false },
    })),
    recalls: [],
    reading: null,
  });
}

const kinds = fc.constantFrom<Kind>('text', 'image', 'video', 'file', 'sticker');
const sorts = { pictures: ['image', 'video'], files: ['file'] } as const;

test('pages of pictures and of files lie side by side without a hole, and count what is around them', () => {
  fc.assert(
    fc.property(
      fc.array(kinds, { maxLength: 40 }),
      fc.constantFrom('pictures' as const, 'files' as const),
      fc.integer({ min: 2, max: 7 }),
      fc.nat(39),
      (sent, sort, limit, at) => {
        receive(sent);
        const wanted = sent.flatMap((kind, index) =>
          (sorts[sort] as readonly Kind[]).includes(kind) ? [index + 1] : [],
        );
        const ask = (where: object) => history.mediaPage({ conversationId, sort, limit, ...where });
        const check = (page: ReturnType<typeof ask>): number[] => {
          const places = page.messages.map(({ position }) => position.major);
          const [first, last] = [places[0], places.at(-1)];
          if (first !== undefined && last !== undefined) {
            expect(places).toEqual(wanted.filter((place) => place >= first && place <= last));
            expect(page.before).toBe(wanted.filter((place) => place < first).length);
            expect(page.after).toBe(wanted.filter((place) => place > last).length);
          }
          return places;
        };
        let page = ask({});
        const seen = check(page);
        expect(page.after).toBe(0);
        while (page.before > 0) {
          page = ask({ before: page.messages[0]?.position });
          seen.unshift(...check(page));
        }
        expect(seen).toEqual(wanted);
        const centre = wanted[at % Math.max(1, wanted.length)];
        if (centre === undefined) return;
        const message = history
          .pageAfter({ conversationId, limit: 100 })
          .find((one) => one.position.major === centre);
        const around = ask({ around: message?.position });
        expect(check(around)).toContain(centre);
        if (around.after > 0) {
          const next = check(ask({ after: around.messages.at(-1)?.position }));
          expect(next[0]).toBe(wanted.find((place) => place > (around.messages.at(-1)?.position.major ?? 0)));
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('what was deleted or taken back is not among them, and an index finds the others', () => {
  receive(['image', 'image', 'image', 'text']);
  const [first, second] = history.mediaPage({ conversationId, sort: 'pictures', limit: 9 }).messages;
  history.deleteMessage(first?.id ?? '');
  history.receive({
    messages: [],
    recalls: [{ conversationId, serverId: second?.serverId ?? '', tombstone: null }],
    reading: null,
  });
  expect(history.mediaPage({ conversationId, sort: 'pictures', limit: 9 })).toMatchObject({
    messages: [{ position: { major: 3 } }],
    before: 0,
    after: 0,
  });
  const plan = sql.all(
    `EXPLAIN QUERY PLAN SELECT COUNT(*) FROM message m WHERE m.conversation = 1 AND m.media = 1 AND m.deleted = 0
     AND (m.sort_major, m.sort_minor, m.ordinal) < (5, 0, 5)`,
  );
  expect(plan.map(({ detail }) => String(detail)).join()).toContain('message_media');
});
