// `npm start`: gets everything that is needed, builds the app if its sources changed, and runs it. What follows `--`
// goes to the app, for example: npm start -- --user-data-dir=/tmp/second-profile
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { keepScreenshot } from './desktop/screenshot.ts';
import { withDesktop } from './desktop/with-desktop.ts';
import { provideElectron } from './electron/provide-electron.ts';
import { buildIfNeeded } from './lib/build-app.ts';
import { electronFlags } from './lib/electron-flags.ts';
import { runScript } from './lib/fatal.ts';
import { cacheFolder, repositoryRoot } from './lib/paths.ts';
import { runChild } from './lib/run-child.ts';

await runScript(async () => {
  const electron = await provideElectron();
  await buildIfNeeded();
  return withDesktop('run', async ({ env, virtual }) => {
    const args = [...electronFlags(virtual), repositoryRoot, ...process.argv.slice(2)];
    console.log(`Starting Magpie on Electron ${electron.version}. Press Ctrl+C to quit.`);
    if (!virtual) return runChild(electron.executablePath, args, { env });

    const picture = join(cacheFolder(), `screenshot-${process.pid}.png`);
    console.log(`There is no screen here, so it runs on a virtual one; what it shows is kept in ${picture}`);
    const screenshot = keepScreenshot(env, picture);
    try {
      return await runChild(electron.executablePath, args, { env });
    } finally {
      await screenshot.stop();
      rmSync(picture, { force: true });
    }
  });
});
