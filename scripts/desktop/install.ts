// Installs the Debian packages that the tests need: sudo node node_modules/tsx/dist/cli.mjs scripts/desktop/install.ts
import { runScript } from '../lib/fatal.ts';
import { ensurePackages } from './apt.ts';

await runScript(async () => {
  await ensurePackages('test');
  return 0;
});
