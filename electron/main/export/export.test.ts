import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ExportFormat } from '#protocol/model/completeness';
import { MagpieError } from '#protocol/errors';
import { comparePositions, type Message, type MessageContent } from '#protocol/model/message';
import { exportConversation, suggestedFileName, type ExportInput } from './export-conversation.ts';
import { escapeHtml } from './formats.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'magpie-export-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function message(at: number, change: Partial<Message> = {}): Message {
  return {
    id: `r${at}`,
    conversationId: 'single:2',
    serverId: `s${at}`,
    position: { major: at, minor: 0, ordinal: at },
    senderId: 2,
    senderName: 'Bo',
    senderAvatar: '',
    own: false,
    content: { kind: 'text', text: `text ${at}` },
    status: 'sent',
    failure: null,
    recalled: false,
    recallable: false,
    createdAt: 1_763_724_000_000 + at * 1_000,
    ...change,
  };
}

function run(messages: Message[], format: ExportFormat, change: Partial<ExportInput> = {}) {
  const path = join(folder, `out.${format}`);
  const pages: number[] = [];
  const done = exportConversation({
    history: {
      countMessages: async () => messages.length,
      async pageAfter({ after, limit }) {
        const page = messages
          .filter(({ position }) => after === undefined || comparePositions(position, after) > 0)
          .slice(0, limit);
        pages.push(page.length);
        return page;
      },
    },
    conversation: { id: 'single:2', kind: 'single', name: 'Bo <b>' },
    completeness: { tellable: true, total: messages.length, here: messages.length, checkedAt: null },
    exportedAt: 1_763_724_000_000,
    locale: 'en',
    format,
    path,
    saveFile: async (file, place) => writeFileSync(place, `bytes of ${file.url}`),
    onProgress: () => undefined,
    signal: new AbortController().signal,
    ...change,
  });
  return { done, path, pages };
}

interface Exported {
  conversation: { name: string };
  completeness: unknown;
  messages: { sequence: number | null; text?: string; recalled: boolean; time: string | null }[];
}

test('JSON holds every message once and in order, whatever the texts are', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 1_100 }),
      async (words) => {
        const { done, path } = run(
          words.map((text, index) => message(index + 1, { content: { kind: 'text', text } })),
          'json',
        );
        expect((await done).count).toBe(words.length);
        const read = JSON.parse(readFileSync(path, 'utf8')) as Exported;
        expect(read.messages.map(({ text }) => text)).toEqual(words);
        expect(read.messages.map(({ sequence }) => sequence)).toEqual(words.map((_, index) => index + 1));
      },
    ),
    { numRuns: 20 },
  );
});

test('pages keep a long conversation out of memory', async () => {
  const { done, pages } = run(
    Array.from({ length: 1_200 }, (_, at) => message(at + 1)),
    'html',
  );
  await done;
  expect(pages).toEqual([500, 500, 200]);
});

test('HTML: nothing that somebody wrote becomes markup, and nothing is loaded', async () => {
  const evil = `</div><script>alert("1")</script><img src=x onerror='x'>&amp;`;
  const { done, path } = run(
    [
      message(1, { content: { kind: 'text', text: evil }, senderName: '<i>Bo</i>' }),
      message(2, { content: { kind: 'unsupported', label: evil, text: evil, url: 'javascript:1"' } }),
      message(3, { content: { kind: 'notice', text: evil } }),
    ],
    'html',
  );
  await done;
  const html = readFileSync(path, 'utf8');
  expect(html).not.toMatch(/<(script|img|i)\b/u);
  expect(html).not.toMatch(/<[^>]*\b(src|href)=/u);
  expect(html).toContain(escapeHtml(evil));
  expect(html).toContain("default-src 'none'");
  expect(html).toContain('<title>Conversation with Bo &lt;b&gt;</title>');
});

test('words of a recalled message are in neither format, even if they were still there', async () => {
  const messages = [message(1, { recalled: true, content: { kind: 'text', text: 'regretted' } }), message(2)];
  for (const format of ['html', 'json'] as const) {
    const { done, path } = run(messages, format);
    await done;
    expect(readFileSync(path, 'utf8')).not.toContain('regretted');
  }
});

test('both languages; what is not here and what was not delivered is said', async () => {
  const messages = [message(1, { own: true, status: 'failed' })];
  const completeness = { tellable: true, total: 12_408, here: 12_000, checkedAt: null };
  const { done, path } = run(messages, 'html', { locale: 'zh-CN', completeness });
  await done;
  const html = readFileSync(path, 'utf8');
  for (const words of ['lang="zh-CN"', '12,408', '12,000', '未送达', '我']) expect(html).toContain(words);
});

test('a full disk is told as such, leaves no half file and keeps the one that was there', async () => {
  const target = join(folder, 'out.json');
  writeFileSync(target, 'earlier');
  let writes = 0;
  const { done } = run([message(1)], 'json', {
    openFile: async (path) => {
      writeFileSync(path, '');
      return {
        async writeFile() {
          if (++writes > 1) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
        },
        sync: async () => undefined,
        close: async () => undefined,
      };
    },
  });
  await expect(done).rejects.toMatchObject({ code: 'disk-full' });
  expect(readdirSync(folder)).toEqual(['out.json']);
  expect(readFileSync(target, 'utf8')).toBe('earlier');
});

test('a place that cannot be written and a cancelled export', async () => {
  const nowhere = run([message(1)], 'json', { path: join(folder, 'missing', 'out.json') });
  await expect(nowhere.done).rejects.toMatchObject({ code: 'file-not-writable' });
  const cancelled = run([message(1)], 'html', { signal: AbortSignal.abort() });
  await expect(cancelled.done).rejects.toMatchObject({ code: 'cancelled' });
  expect(existsSync(cancelled.path)).toBe(false);
});

test('file names that every system takes', () => {
  const now = new Date(2026, 10, 21).getTime();
  expect(suggestedFileName('a/b:c*?"<>|\u0000', now, 'html')).toBe('a_b_c_______ 2026-11-21.html');
  expect(suggestedFileName('...', now, 'json')).toBe('Magpie 2026-11-21.json');
  expect(suggestedFileName('产品组', now, 'json')).toBe('产品组 2026-11-21.json');
  const long = suggestedFileName('产品组'.repeat(60), now, 'html');
  expect(long.endsWith(' 2026-11-21.html')).toBe(true);
  expect(Buffer.byteLength(`${long}.part`)).toBeLessThanOrEqual(255);
});

describe('files of messages', () => {
  const file = (name: string, url = `http://127.0.0.1/${name}`) => ({ url, name, size: 3, mime: '' });
  const image = (name: string): MessageContent => ({
    kind: 'image',
    text: '',
    file: file(name),
    thumb: '',
    preview: '',
    width: 2,
    height: 2,
  });

  test('lie beside the export, each under its own name, and are shown or linked', async () => {
    const messages = [
      message(1, { content: image('a b"<.png') }),
      message(2, { content: image('a b"<.png') }),
      message(3, { content: { kind: 'file', text: '', file: file('../../etc/passwd') } }),
      message(4, { content: { kind: 'voice', text: '', file: file('v.ogg'), duration: 1, waveform: [] } }),
      message(5, { content: image('taken back.png'), recalled: true }),
    ];
    const html = run(messages, 'html');
    expect(await html.done).toMatchObject({ count: 5, missing: 0 });
    const names = readdirSync(join(folder, 'out files')).sort();
    expect(names).toEqual([
      '00001 a b__.png',
      '00002 a b__.png',
      expect.stringMatching(/^00003 [^/]*passwd$/u),
      '00004 v.ogg',
    ]);
    const text = readFileSync(html.path, 'utf8');
    expect(text).toContain('<img src="out%20files/00001%20a%20b__.png"');
    expect(text).toContain('<audio src="out%20files/00004%20v.ogg"');
    expect(text).not.toContain('taken back');
    expect(text).toMatch(/img-src 'self' file:/u);

    const json = run(messages, 'json');
    await json.done;
    const { messages: entries } = JSON.parse(readFileSync(json.path, 'utf8')) as {
      messages: { attachment?: string | null }[];
    };
    expect(entries.map(({ attachment }) => attachment)).toEqual([
      'out files/00001 a b__.png',
      'out files/00002 a b__.png',
      `out files/${names[2]}`,
      'out files/00004 v.ogg',
      undefined,
    ]);
  });

  test('one with a long name in Chinese does not end the export', async () => {
    const { done } = run([message(1, { content: image(`${'纪要'.repeat(150)}.png`) })], 'html', {
      saveFile: (_file, path) => Promise.resolve(writeFileSync(`${path}.part`, '')),
    });
    expect(await done).toMatchObject({ count: 1, missing: 0 });
    expect(readdirSync(join(folder, 'out files'))).toEqual([
      expect.stringMatching(/^00001 纪要.*\.png\.part$/u),
    ]);
  });

  test('one that is gone is named as missing and counted; a full disk ends the export and leaves nothing', async () => {
    const messages = [message(1, { content: image('gone.png') }), message(2)];
    const failing = (code: 'file-gone' | 'disk-full') => async () => {
      throw new MagpieError(code, 'no');
    };
    const { done, path } = run(messages, 'html', { saveFile: failing('file-gone') });
    expect(await done).toMatchObject({ count: 2, missing: 1 });
    expect(readFileSync(path, 'utf8')).toContain('gone.png · the file could not be loaded');
    rmSync(join(folder, 'out files'), { recursive: true });
    rmSync(path);
    await expect(run(messages, 'html', { saveFile: failing('disk-full') }).done).rejects.toMatchObject({
      code: 'disk-full',
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});
