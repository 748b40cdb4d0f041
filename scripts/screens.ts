/**
 * `npm run screens`: every screen of the app, light and dark, in Chinese and in English, into `docs/screens/`, so that a
 * change of look is seen in review. What differs from run to run (times, ports) is the same in all pictures.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDesktopSession } from '../tests/helpers/desktop/desktop-session.ts';
import { ServerProcess } from '../tests/helpers/server-process.ts';
import { ensurePackages } from './desktop/apt.ts';
import { provideElectron } from './electron/provide-electron.ts';
import { buildIfNeeded } from './lib/build-app.ts';
import { runScript } from './lib/fatal.ts';
import { OUT } from './screens/camera.ts';
import { entrance } from './screens/entrance.ts';
import { morning } from './screens/morning.ts';
import { ownServer } from './screens/own-server.ts';

/** All of them on one page, one screen a line. */
function index(pictures: readonly string[]): string {
  const names = [...new Set(pictures.map((file) => file.replace(/-(?:light|dark)-(?:zh|en)\.png$/u, '')))];
  const cell = (file: string) => `<img src="${file}" width="270" alt="${file.replace('.png', '')}">`;
  return [
    '# Screens',
    '',
    'Made by `npm run screens`; not to be changed by hand.',
    ...names.flatMap((name) => [
      '',
      `## ${name}`,
      '',
      ['light-zh', 'light-en', 'dark-zh', 'dark-en']
        .map((kind) => `${name}-${kind}.png`)
        .filter((file) => pictures.includes(file))
        .map(cell)
        .join(' '),
    ]),
    '',
  ].join('\n');
}

await runScript(async () => {
  const { executablePath: electronPath } = await provideElectron();
  await buildIfNeeded();
  await ensurePackages('test');
  await rm(OUT, { recursive: true, force: true });
  await mkdir(OUT, { recursive: true });
  const desktop = await startDesktopSession();
  const server = await ServerProcess.start();
  try {
    const stage = { desktop, electronPath, server };
    const pictures = [...(await entrance(stage)), ...(await morning(stage)), ...(await ownServer(stage))];
    await writeFile(join(OUT, 'README.md'), index(pictures));
    console.log(`${pictures.length} pictures in ${OUT}`);
    return 0;
  } finally {
    await server.dispose();
    await desktop.stop();
  }
});
