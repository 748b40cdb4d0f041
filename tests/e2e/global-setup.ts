import { ensurePackages } from '../../scripts/desktop/apt.ts';
import { provideElectron } from '../../scripts/electron/provide-electron.ts';

/** Workers inherit this variable, so that Electron is looked for (and perhaps downloaded) only once. */
export const electronPathVariable = 'MAGPIE_TEST_ELECTRON';

/** Prepares what every test needs, also when Playwright is run directly. */
export default async function globalSetup(): Promise<void> {
  await ensurePackages('test');
  process.env[electronPathVariable] = (await provideElectron()).executablePath;
}
