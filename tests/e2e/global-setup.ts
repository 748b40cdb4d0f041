import { join } from 'node:path';
import { build } from 'vite';
import { ensurePackages } from '../../scripts/desktop/apt.ts';
import { provideElectron } from '../../scripts/electron/provide-electron.ts';
import { repositoryRoot } from '../../scripts/lib/paths.ts';
import { serverProgramVariable } from '../helpers/server-process.ts';

/** Workers inherit this variable, so that Electron is looked for (and perhaps downloaded) only once. */
export const electronPathVariable = 'MAGPIE_TEST_ELECTRON';

/** Prepares what every test needs, also when Playwright is run directly. */
export default async function globalSetup(): Promise<void> {
  await ensurePackages('test');
  process.env[electronPathVariable] = (await provideElectron()).executablePath;
  // Nearly every test starts a server of its own.
  await build({ configFile: join(repositoryRoot, 'vite.server.config.ts'), logLevel: 'warn' });
  process.env[serverProgramVariable] = join(repositoryRoot, 'out/server/main.js');
}
