/** Dictionaries for spell checking: what an administrator put there, and nothing beside it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testServer } from './harness.ts';

test('files of the folder are listed and given, in whatever case they are asked for', async () => {
  const { origin, directory } = await testServer();
  const list = async () => (await fetch(`${origin}/dictionaries/`)).json() as Promise<unknown>;
  expect(await list()).toEqual({ files: [] });
  const folder = join(directory, 'dictionaries');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'en-US-10-1.bdic'), 'words');
  writeFileSync(join(folder, 'notes.txt'), 'secret');
  writeFileSync(join(directory, 'de-DE-3-0.bdic'), 'outside');
  expect(await list()).toEqual({ files: ['en-US-10-1.bdic'] });

  for (const name of ['en-US-10-1.bdic', 'en-us-10-1.bdic']) {
    const answer = await fetch(`${origin}/dictionaries/${name}`);
    expect([answer.status, await answer.text()]).toEqual([200, 'words']);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  }
  for (const name of ['notes.txt', '..%2fde-DE-3-0.bdic', 'fr-FR-3-0.bdic', '%2e%2e%2fmagpie.db'])
    expect((await fetch(`${origin}/dictionaries/${name}`)).status, name).toBe(404);
});
