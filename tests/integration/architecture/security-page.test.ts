/** What docs/security.md says is proved by something that is there. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/security.md'), 'utf8');
const files = [
  'electron',
  'server',
  'src',
  'protocol',
  'tests',
  'scripts',
  'packaging',
  'resources',
  'deploy',
].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
    join(folder, name).replaceAll('\\', '/'),
  ),
);
/** A path from the root, or the end of one. */
const filesCalled = (name: string): string[] =>
  existsSync(join(root, name)) ? [name] : files.filter((file) => file.endsWith(`/${name}`));

/** Rows of the tables that have evidence, as their cells. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (?:requirement|#) /u.test(line))
  .map((line) =>
    line
      .split(/(?<!\\)\|/u)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .filter((cells) => cells.length >= 3);

test('every line has evidence, or says that it does not apply', () => {
  expect(rows.length).toBeGreaterThan(70);
  const bare = rows.filter((cells) => cells.at(-1) === '').map(([name]) => name);
  expect(bare).toEqual([]);
});

test('every file that is named is there', () => {
  const named = [...page.matchAll(/`([^`\s]+\.(?:ts|js|mjs|vue|json|yml|html|md))`/gu)].map(
    ([, name = '']) => name,
  );
  expect(named.length).toBeGreaterThan(60);
  expect(named.filter((name) => filesCalled(name).length === 0)).toEqual([]);
});

test('every test that is quoted is in the file beside it', () => {
  const quoted = [...page.matchAll(/`([^`\s]+\.test\.ts)`(?:,)? ?\(?(?::)? ?"([^"…]+)…?"/gu)].map(
    ([, name = '', title = '']) => [name, title.trim()] as const,
  );
  expect(quoted.length).toBeGreaterThan(4);
  for (const [name, title] of quoted)
    expect(
      filesCalled(name).some((file) => readFileSync(join(root, file), 'utf8').includes(title)),
      `${name}: ${title}`,
    ).toBe(true);
});

test('the window keeps nothing in the storage of browsers', () => {
  const kept = files.filter(
    (file) =>
      /^src\/.*\.(?:ts|vue)$/u.test(file) &&
      statSync(join(root, file)).isFile() &&
      /\b(?:localStorage|sessionStorage|indexedDB|cookieStore|document\.cookie)\b/u.test(
        readFileSync(join(root, file), 'utf8'),
      ),
  );
  expect(kept).toEqual([]);
});
