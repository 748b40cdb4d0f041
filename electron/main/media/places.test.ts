import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePath, safeName } from './places.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-places-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('names of others lead nowhere', () => {
  expect(safeName('../../etc/passwd')).toBe('_.._etc_passwd');
  expect(safeName('a\u202egnp.exe')).toBe('a_gnp.exe');
  expect(safeName('CON.txt')).toBe('_CON.txt');
  expect(safeName('...')).toBe('file');
  expect(safeName('报告 v2.pdf')).toBe('报告 v2.pdf');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      const safe = safeName(name);
      expect(safe).not.toBe('');
      expect(/[/\\:\0]|^\.|[. ]$/u.test(safe)).toBe(false);
      expect(safeName(safe)).toBe(safe);
    }),
  );
});

test.each([
  ['Chinese', '关于'.repeat(200), '.docx'],
  ['signs of two units', '😀'.repeat(150), '.png'],
  ['no ending but a long word', `会议.${'纪要'.repeat(100)}`, ''],
])(
  'a long name (%s) is one that the disk takes, twice, and none of its characters is cut',
  async (_what, stem, end) => {
    const taken = new Set<string>();
    for (const number of [1, 2]) {
      const path = await freePath(folder, safeName(stem + end), taken);
      await writeFile(`${path}.part`, String(number));
      await rename(`${path}.part`, path);
      expect(path.endsWith(end)).toBe(true);
      expect(basename(path)).not.toMatch(/[\p{Surrogate}\ufffd]/u);
    }
    expect(await readdir(folder)).toHaveLength(2);
  },
);
