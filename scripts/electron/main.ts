// Prints the path of an Electron that runs on this machine; downloads one first if there is none.
import { runScript } from '../lib/fatal.ts';
import { provideElectron } from './provide-electron.ts';

await runScript(async () => {
  const { executablePath, version, source } = await provideElectron();
  console.error(`Electron ${version} (${source})`);
  console.log(executablePath);
  return 0;
});
