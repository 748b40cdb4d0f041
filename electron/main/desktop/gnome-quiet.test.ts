import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gnomeIsQuiet } from './gnome-quiet.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-gnome-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A `gsettings` that knows one setting and says `value` for it. */
async function desktopThatSays(value: string): Promise<NodeJS.ProcessEnv> {
  const program = join(folder, 'gsettings');
  await writeFile(
    program,
    `#!/bin/sh\n[ "$*" = "get org.gnome.desktop.notifications show-banners" ] && echo ${value}\n`,
  );
  await chmod(program, 0o755);
  return { PATH: folder, XDG_CURRENT_DESKTOP: 'ubuntu:GNOME' };
}

test.skipIf(process.platform === 'win32')('GNOME is quiet while it shows no banners', async () => {
  expect(await gnomeIsQuiet(await desktopThatSays('false'))).toBe(true);
  expect(await gnomeIsQuiet(await desktopThatSays('true'))).toBe(false);
  const electron = { ...(await desktopThatSays('false')), XDG_CURRENT_DESKTOP: 'Unity' };
  expect(await gnomeIsQuiet(electron)).toBe(false);
  expect(await gnomeIsQuiet({ ...electron, ORIGINAL_XDG_CURRENT_DESKTOP: 'GNOME' })).toBe(true);
});

test('another desktop is not asked, and one that cannot answer is not quiet', async () => {
  expect(await gnomeIsQuiet({ PATH: folder, XDG_CURRENT_DESKTOP: 'KDE' })).toBe(false);
  expect(await gnomeIsQuiet({ PATH: folder, XDG_CURRENT_DESKTOP: 'GNOME' })).toBe(false);
});
