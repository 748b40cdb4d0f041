// `npm run dev`: the app with hot reload. What follows `--` goes to the app.
import { runApp } from './desktop/run-app.ts';
import { withDesktop } from './desktop/with-desktop.ts';
import { provideElectron } from './electron/provide-electron.ts';
import { electronViteProgram } from './lib/build-app.ts';
import { electronFlags } from './lib/electron-flags.ts';
import { runScript } from './lib/fatal.ts';
import { repositoryRoot } from './lib/paths.ts';

await runScript(async () => {
  const electron = await provideElectron();
  return withDesktop('run', (desktop) =>
    runApp(
      desktop,
      process.execPath,
      [
        electronViteProgram,
        'dev',
        '--watch',
        '--',
        ...electronFlags(desktop.virtual),
        ...process.argv.slice(2),
      ],
      { cwd: repositoryRoot, env: { ELECTRON_EXEC_PATH: electron.executablePath } },
    ),
  );
});
