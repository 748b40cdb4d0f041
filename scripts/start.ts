// `npm start`: gets everything that is needed, builds the app if its sources changed, and runs it. What follows `--`
// goes to the app, for example: npm start -- --user-data-dir=/tmp/second-profile
import { runApp } from './desktop/run-app.ts';
import { withDesktop } from './desktop/with-desktop.ts';
import { provideElectron } from './electron/provide-electron.ts';
import { buildIfNeeded } from './lib/build-app.ts';
import { electronFlags } from './lib/electron-flags.ts';
import { runScript } from './lib/fatal.ts';
import { repositoryRoot } from './lib/paths.ts';

await runScript(async () => {
  const electron = await provideElectron();
  await buildIfNeeded();
  return withDesktop('run', (desktop) => {
    const args = [...electronFlags(desktop.virtual), repositoryRoot, ...process.argv.slice(2)];
    console.log(`Starting Magpie on Electron ${electron.version}. Press Ctrl+C to quit.`);
    return runApp(desktop, electron.executablePath, args);
  });
});
